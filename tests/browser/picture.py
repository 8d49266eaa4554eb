"""The picture of the page in the README: `make page-picture`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.chromium import chromium
from tests.end_to_end.stack import ready

TEXT = "A warm, funny and beautifully acted film, though the ending is a little dull."


def draw(path: Path) -> None:
    """Write the upper part of the page, with a graded text, to a file."""
    with tempfile.TemporaryDirectory() as folder, ready(Path(folder)) as stack, chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900}, color_scheme="light", reduced_motion="reduce")
        page.goto(f"http://localhost:{stack.port}/")
        expect(page.locator("#answer")).to_be_visible()
        page.get_by_role("textbox").fill(TEXT)
        page.get_by_role("textbox").press("Control+Enter")
        expect(page.locator("#passage")).to_have_text(TEXT)
        page.get_by_role("textbox").blur()
        bottom = page.locator("#reading").evaluate("one => one.getBoundingClientRect().bottom")
        page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": 1200, "height": bottom})


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
