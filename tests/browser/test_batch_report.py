"""The report of a batch job, opened as a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it comes without types
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sentigrade.batch.report.page import report_page
from sentigrade.batch.tally import Sample, Summary
from sentigrade.labels import FIVE_LEVELS, LabelSet, make_labels, make_multilabel
from tests.batch.summaries import FIVE, MARKUP, file_of, summary_of
from tests.browser.chromium import Watch
from tests.browser.test_accessibility import DESKTOP, RULES, overflow

pytestmark = pytest.mark.browser

PHONE = (375, 812)
MANY = [f"A label with the number {number}" for number in range(12)]
LONG = "unbreakable" * 20

Scheme = Literal["light", "dark"]


def crowded(name: str) -> Summary:
    """Return a summary with much of everything, and names that nobody would wish for."""
    counts = {label: 100 - number for number, label in enumerate(MANY)}
    files = [file_of(f"{name}/{LONG}/{number}.csv", counts, out=1000, aside=number) for number in range(60)]
    words = {label: {LONG: 3.0, "الخير": 2.0, "dull": 1.0} for label in MANY}
    doubtful = [Sample(0.5, f"{LONG}.csv", 12, f"{MARKUP} {LONG}", MANY[0])]
    return summary_of(files, reasons={"text_too_long": 1770}, words=words, least_sure=doubtful)


SHOWN = {
    "levels": (FIVE, FIVE_LEVELS),
    "alternatives": (crowded("reviews"), make_labels(MANY, ordered=False)),
    "side by side": (crowded("comments"), make_multilabel(MANY)),
    "nothing": (summary_of([]), FIVE_LEVELS),
}


@pytest.fixture
def watch(page: Page, tmp_path: Path) -> Iterator[Watch]:
    """Fails a test in which the page was not silent, or asked for anything but itself."""
    watch = Watch(page, tmp_path.as_uri())
    yield watch
    watch.require_silence()


@pytest.fixture
def report(page: Page, watch: Watch, tmp_path: Path) -> Page:
    """The report on reviews of five levels."""
    return open_report(page, tmp_path, FIVE, FIVE_LEVELS)


@pytest.fixture
def sized(browser: Browser, size: tuple[int, int], scheme: Scheme) -> Iterator[BrowserContext]:
    """A window of a size, in a colour scheme."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    yield context
    context.close()


def open_report(page: Page, folder: Path, summary: Summary, labels: LabelSet) -> Page:
    path = folder / "report.html"
    path.write_bytes(report_page(summary, labels, "s3://reviews/2024/*.csv"))
    page.goto(path.as_uri())
    return page


def unfold(page: Page) -> None:
    page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")


def test_the_page_shows_every_part_without_asking_for_anything(report: Page) -> None:
    titles = report.locator("h2").all_inner_texts()
    assert titles == ["Rows", "Labels", "Files", "Confidence", "Words", "Least sure"]
    for title in titles:
        expect(report.get_by_role("region", name=title, exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP])
def test_the_labels_have_colours_of_their_own(sized: BrowserContext, tmp_path: Path) -> None:
    for summary, labels in (SHOWN["levels"], SHOWN["alternatives"]):
        page = open_report(sized.new_page(), tmp_path, summary, labels)
        fills = page.locator(".swatch rect").evaluate_all("all => all.map((one) => getComputedStyle(one).fill)")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert len({*fills, ground, "rgb(0, 0, 0)"}) == len(fills) + 2


def test_the_bar_of_a_file_is_parted_by_the_shares_of_its_labels(report: Page) -> None:
    bar = report.get_by_role("img", name="Negative 60.0")
    widths = bar.locator("rect").evaluate_all("all => all.map((one) => one.getBBox().width)")
    assert [width / sum(widths) for width in widths] == pytest.approx([0.6, 0.15, 0.25], abs=1e-3)
    assert sum(widths) == pytest.approx(bar.evaluate("one => one.clientWidth"), abs=1)


def test_markup_in_a_text_stays_text(report: Page) -> None:
    expect(report.get_by_text(MARKUP)).to_be_visible()
    expect(report).to_have_title("s3://reviews/2024/*.csv - Sentigrade")
    expect(report.locator("script, img")).to_have_count(0)


def test_even_a_script_that_got_in_would_not_run(report: Page, watch: Watch) -> None:
    report.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'taken'";
            document.body.append(script);
        }"""
    )
    expect(report).to_have_title("s3://reviews/2024/*.csv - Sentigrade")
    watch.forget("Content Security Policy")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("what", SHOWN)
def test_axe_finds_nothing(sized: BrowserContext, tmp_path: Path, what: str) -> None:
    page = open_report(sized.new_page(), tmp_path, *SHOWN[what])
    unfold(page)
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("size", [(320, 640), PHONE, DESKTOP], ids=["narrow", "phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light"])
@pytest.mark.parametrize("what", SHOWN)
def test_nothing_reaches_over_the_edge(sized: BrowserContext, tmp_path: Path, what: str) -> None:
    page = open_report(sized.new_page(), tmp_path, *SHOWN[what])
    unfold(page)
    assert overflow(page) <= 0


def test_on_paper_what_is_folded_is_printed(report: Page) -> None:
    folded = report.locator("details:not([open]) td").first
    expect(folded).to_be_hidden()
    report.emulate_media(media="print")
    expect(folded).to_be_visible()
    report.emulate_media(media="screen")
