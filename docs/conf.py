"""How Sphinx makes the site out of the pages: `make docs`."""

project = "Sentigrade"
extensions = ["myst_nb", "sphinx_external_toc"]

# The pages lie beside what they tell of, and link to each other there: so the source is the repository.
root_doc = "README"
include_patterns = [
    "*.md",
    "bench/**.md",
    "deploy/**.md",
    "docs/**",
    "model_store/**.md",
    "notebooks/*.ipynb",
]
external_toc_path = "docs/contents.yml"

# What GitHub shows as it is, the site does too.
myst_enable_extensions: list[str] = []
smartquotes = False
myst_heading_anchors = 4
nb_render_markdown_format = "myst"  # tables too
nb_execution_mode = "off"  # they carry what they showed; the tests run them

html_theme = "furo"
html_title = "Sentigrade"
html_theme_options = {  # the colours of the page that grades texts
    "light_css_variables": {"color-brand-primary": "#0b6358", "color-brand-content": "#0b6358"},
    "dark_css_variables": {"color-brand-primary": "#72d2c2", "color-brand-content": "#72d2c2"},
}
