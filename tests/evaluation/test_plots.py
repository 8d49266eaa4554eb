"""The look that figures outside the package take over."""

from matplotlib import rc_context
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from sentigrade.evaluation.plots import GREY, INK, use_style


def test_other_figures_take_over_the_look_of_those_in_a_report() -> None:
    with rc_context():
        use_style()
        figure = Figure()
        axes = figure.subplots()
        title = axes.set_title("What the figure shows")
    assert axes.get_title(loc="left") == title.get_text()
    assert title.get_color() == INK
    assert [side for side, spine in axes.spines.items() if spine.get_visible()] == ["left", "bottom"]
    assert axes.spines["left"].get_edgecolor() == to_rgba(GREY)
    assert figure.get_layout_engine() is not None
