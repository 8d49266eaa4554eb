"""WCAG 2 A and AA as axe-core checks them, and the page on small screens."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it comes without types
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import open_page
from tests.live import DEFAULT_VERSION

pytestmark = pytest.mark.browser

RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}
DESKTOP = (1200, 900)
PHONE = (390, 844)
NARROW = (320, 640)

Scheme = Literal["light", "dark"]


@pytest.fixture
def fitted(browser: Browser, origin: str, size: tuple[int, int], scheme: Scheme) -> Iterator[Page]:
    """The page at a size, in a colour scheme."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield open_page(context.new_page(), origin)
    context.close()


def fill(page: Page, folder: Path) -> None:
    """Bring everything to light that the page can show."""
    path = folder / "a file with a rather long name for a small screen.csv"
    path.write_text("text\nA warm film.\nAn utter bore.\n" + "x" * 100_001 + "\n")
    page.get_by_role("button", name="Long", exact=True).click()
    expect(page.locator(".sentences")).to_be_visible()
    page.get_by_text("The answer", exact=True).click()
    if page.locator("#sum").is_visible():
        page.get_by_text("The sum, word by word").click()
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_text("The same by curl").click()
    page.get_by_role("button", name="Grade the file").click()
    expect(page.locator("#chart")).to_be_visible()
    page.locator("#problem").evaluate("one => (one.textContent = 'Something went wrong.')")
    page.locator("#file-problem").evaluate("one => (one.textContent = 'Something went wrong.')")
    page.locator("#length").evaluate("one => one.classList.add('over')")
    page.locator("#passage").focus()
    page.keyboard.press("ArrowRight")


def overflow(page: Page) -> Any:  # noqa: ANN401 - a number
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(fitted: Page, tmp_path: Path) -> None:
    for model, version, label in (("topics", 1, ""), ("sentiment", DEFAULT_VERSION, "Positive")):
        fitted.get_by_label("Model").select_option(model)
        expect(fitted.locator("#source")).to_contain_text(f"{model}, version {version}")
        assert label in fitted.locator("#label").inner_text()
        results = Axe().run(fitted, options=RULES)
        assert results.violations_count == 0, results.generate_report()
    fill(fitted, tmp_path)
    results = Axe().run(fitted, options=RULES)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("size", [NARROW, PHONE, DESKTOP], ids=["narrow", "phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light"])
def test_nothing_reaches_over_the_edge(fitted: Page, tmp_path: Path) -> None:
    assert overflow(fitted) <= 0
    fill(fitted, tmp_path)
    assert overflow(fitted) <= 0
    fitted.get_by_role("textbox").fill("unbreakable" * 40)
    fitted.get_by_role("button", name="Grade", exact=True).click()
    expect(fitted.locator("#passage")).to_contain_text("unbreakable")
    assert overflow(fitted) <= 0


@pytest.mark.parametrize("size", [NARROW], ids=["narrow"])
@pytest.mark.parametrize("scheme", ["light"])
def test_names_of_levels_do_not_run_into_each_other(fitted: Page) -> None:
    edges = fitted.locator("#gauge .name").evaluate_all(
        """names => names.map((name) => {
            const range = document.createRange();
            range.selectNodeContents(name);
            const { left, right } = range.getBoundingClientRect();
            return [left, right];
        })"""
    )
    assert all(right < left for (_, right), (left, _) in pairwise(edges))


def test_motion_is_only_for_those_who_like_it(browser: Browser, origin: str) -> None:
    durations = []
    for motion in ("reduce", "no-preference"):
        context = browser.new_context(reduced_motion=motion)
        page = open_page(context.new_page(), origin)
        durations.append(page.locator("#gauge .fill").first.evaluate("one => getComputedStyle(one).transitionDuration"))
        context.close()
    assert durations == ["0s", "0.35s"]


def test_headings_are_in_order_and_landmarks_are_there(opened: Page) -> None:
    levels = opened.locator("h1, h2, h3").evaluate_all("all => all.map((one) => one.localName)")
    assert levels[0] == "h1"
    assert set(levels[1:]) == {"h2"}
    for role in ("banner", "main"):
        expect(opened.get_by_role(role)).to_have_count(1)
    assert opened.get_by_role("region").count() == 5
