"""The page of a batch job opens anywhere, whatever was scored: nothing to draw, or markup in every text."""

import base64
import hashlib
import re

import pytest

from sentigrade.batch.report.page import report_page
from sentigrade.batch.tally import FileSummary, Sample
from sentigrade.labels import FIVE_LEVELS, LabelSet, make_labels, make_multilabel
from tests.batch.reading_page import ReadPage
from tests.batch.summaries import FIVE, MARKUP, file_of, summary_of

SOURCE = "s3://reviews/2024/*.csv"


@pytest.fixture(scope="module")
def five() -> ReadPage:
    return ReadPage(report_page(FIVE, FIVE_LEVELS, SOURCE))


@pytest.mark.parametrize(
    "labels",
    [FIVE_LEVELS, make_multilabel(["Late", "Rude"]), make_labels(["Film", "Food"], ordered=False)],
    ids=["ordinal", "multilabel", "nominal"],
)
@pytest.mark.parametrize("files", [[], [file_of("a.csv", {})]], ids=["no files", "an empty file"])
def test_without_rows_there_is_a_page_as_well(labels: LabelSet, files: list[FileSummary]) -> None:
    page = ReadPage(report_page(summary_of(files), labels, SOURCE))
    assert list(page.sections) == ["head", "rows"]
    assert page.text_of("rows").endswith("No row was answered, so there is nothing to draw.")


def test_markup_in_texts_names_and_words_stays_text() -> None:
    summary = summary_of(
        [file_of(MARKUP, {MARKUP: 1}, aside=1)],
        reasons={MARKUP: 1},
        least_sure=[Sample(0.5, MARKUP, 1, MARKUP, MARKUP)],
        words={MARKUP: {MARKUP: 1.0}},
    )
    page = ReadPage(report_page(summary, make_labels([MARKUP, "Other"], ordered=False), MARKUP))
    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    for section in ("head", "rows", "labels", "files", "words", "least-sure"):
        assert MARKUP in page.text_of(section), section


def test_nothing_in_the_page_leads_out_of_it(five: ReadPage) -> None:
    assert [link.partition(",")[0] for link in five.links()] == ["data:image/svg+xml;base64"]
    assert not re.search(rb"url\(|@import|https?:", report_page(FIVE, FIVE_LEVELS, "reviews"))


def test_nothing_in_the_page_needs_what_its_policy_forbids(five: ReadPage) -> None:
    (policy,) = [attributes["content"] for _, attributes in five.elements if "http-equiv" in attributes]
    (style,) = re.findall(r"<style>(.*?)</style>", report_page(FIVE, FIVE_LEVELS, SOURCE).decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "unsafe" not in policy
    assert "script" not in {tag for tag, _ in five.elements}
    assert not [name for _, attributes in five.elements for name in attributes if name == "style" or name[:2] == "on"]


def test_tables_and_drawings_say_what_they_are(five: ReadPage) -> None:
    assert all("scope" in attributes for tag, attributes in five.elements if tag == "th")
    drawings = [attributes for tag, attributes in five.elements if tag == "svg"]
    assert all("aria-hidden" in drawing or drawing["aria-label"] for drawing in drawings)
    assert [tag for tag, _ in five.elements if re.fullmatch(r"h\d", tag)][:3] == ["h1", "h2", "h2"]


def test_the_same_summary_gives_the_same_page() -> None:
    assert report_page(FIVE, FIVE_LEVELS, SOURCE) == report_page(FIVE, FIVE_LEVELS, SOURCE)
