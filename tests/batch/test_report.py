"""The page of a batch job, as it is written; tests/browser shows what becomes of it."""

import pytest

from sentigrade.batch.report.page import report_page
from sentigrade.batch.tally import FileSummary, Sample
from sentigrade.batch.wording import percent
from sentigrade.labels import FIVE_LEVELS, make_labels, make_multilabel
from tests.batch.reading_page import ReadPage, widths
from tests.batch.summaries import FIVE, MODEL, file_of, summary_of

SOURCE = "s3://reviews/2024/*.csv"
TOPICS = make_labels(["Film", "Food", "Travel"], ordered=False)
FLAWS = make_multilabel(["Late", "Broken", "Rude"])
MANY = [f"Label {number}" for number in range(12)]

ASKED = summary_of(
    [
        file_of("monday.jsonl", {"Late": 80, "Broken": 60}, out=100),
        file_of("tuesday.jsonl", {"Late": 10, "Rude": 1}, out=50),
    ],
    confidence={10: 30, 19: 120},
    least_sure=[
        Sample(0.501, "monday.jsonl", 4, "It came.", ""),
        Sample(0.503, "monday.jsonl", 9, "It came late, in parts.", "Late|Broken"),
    ],
)


@pytest.fixture(scope="module")
def five() -> ReadPage:
    return ReadPage(report_page(FIVE, FIVE_LEVELS, SOURCE))


@pytest.fixture(scope="module")
def asked() -> ReadPage:
    return ReadPage(report_page(ASKED, FLAWS, SOURCE))


def many_files(count: int) -> list[FileSummary]:
    """Return files whose names count up while they become larger and smaller in turns."""
    return [file_of(f"{number:03}.csv", {"Film": 7 * number % 311 + 1, "Food": 2}) for number in range(count)]


def test_the_page_begins_with_what_was_scored_and_by_which_model(five: ReadPage) -> None:
    reference, _, digest = MODEL.partition("#")
    assert SOURCE in five.text_of("head")
    assert f"Scored with {reference} {digest}" in five.text_of("head")


def test_rows_in_are_rows_out_and_rows_aside(five: ReadPage) -> None:
    assert "rows in 1,502 out, each with an answer 1,500 aside 2 Read from 2 files." in five.text_of("rows")


def test_each_reason_for_rows_aside_has_its_number(five: ReadPage) -> None:
    assert five.tables_of("rows") == [[["Reason", "Rows"], ["text_too_long", "2"]]]


def test_where_all_was_answered_there_are_no_reasons(asked: ReadPage) -> None:
    assert not asked.tables_of("rows")
    assert "rows in 150 out, each with an answer 150 aside 0 Read from 2 files." in asked.text_of("rows")
    assert "Aside" not in asked.tables_of("files")[0][0]


def test_levels_stand_in_their_order_with_rows_and_shares(five: ReadPage) -> None:
    assert five.tables_of("labels")[0][1:] == [
        ["Negative", "", "40.0 %", "600"],
        ["Somewhat Negative", "", "0.0 %", "0"],
        ["Neutral", "", "10.0 %", "150"],
        ["Somewhat Positive", "", "20.0 %", "300"],
        ["Positive", "", "30.0 %", "450"],
    ]


def test_bars_are_as_long_as_the_shares_beside_them(five: ReadPage) -> None:
    assert [widths(drawing) for drawing in five.drawings_of("labels")] == [
        [100, 40],
        [100, 0],
        [100, 10],
        [100, 20],
        [100, 30],
    ]


def test_labels_without_an_order_stand_by_their_frequency() -> None:
    page = ReadPage(report_page(summary_of([file_of("a.csv", {"Food": 3, "Travel": 5})]), TOPICS, SOURCE))
    assert [row[0] for row in page.tables_of("labels")[0][1:]] == ["Travel", "Food", "Film"]


def test_the_parts_of_a_file_s_bar_make_up_all_of_it(five: ReadPage) -> None:
    bars = [drawing for drawing in five.drawings_of("files") if drawing[0].get("role") == "img"]
    assert [widths(bar) for bar in bars] == [[60, 15, 25], [60, 40]]
    assert [[part["x"] for part in bar[1:]] for bar in bars] == [
        ["0.0000%", "60.0000%", "75.0000%"],
        ["0.0000%", "60.0000%"],
    ]
    assert bars[0][0]["aria-label"].replace("\u00a0", " ") == "Negative 60.0 %, Neutral 15.0 %, Positive 25.0 %"


def test_a_label_has_one_colour_in_all_of_the_page(five: ReadPage) -> None:
    legend = [drawing[1]["fill"] for drawing in five.drawings_of("files") if drawing[0]["class"] == "swatch"]
    assert legend == [drawing[2]["fill"] for drawing in five.drawings_of("labels")]
    assert len(set(legend)) == len(FIVE_LEVELS)
    bars = [drawing for drawing in five.drawings_of("files") if drawing[0].get("role") == "img"]
    assert [part["fill"] for part in bars[0][1:]] == [legend[0], legend[2], legend[4]]


def test_the_counts_of_each_file_are_written_as_well(five: ReadPage) -> None:
    assert five.tables_of("files")[0][1:] == [
        ["2024/january.csv", "1,000", "600", "0", "150", "0", "250", "2"],
        ["2024/february.csv", "500", "0", "0", "0", "300", "200", "0"],
    ]


def test_a_file_of_which_no_row_was_answered_has_no_bar() -> None:
    files = [file_of("a.csv", {}, aside=3), file_of("b.csv", {"Positive": 1})]
    page = ReadPage(report_page(summary_of(files, reasons={"malformed": 3}), FIVE_LEVELS, SOURCE))
    assert [drawing[0].get("aria-label") for drawing in page.drawings_of("files") if "role" in drawing[0]] == [
        "Positive 100.0\u00a0%"
    ]
    assert "3 rows, 3 aside" in page.text_of("files")


def test_labels_that_apply_side_by_side_each_have_a_bar_of_their_own(asked: ReadPage) -> None:
    assert asked.tables_of("labels")[0][1:] == [
        ["Late", "", "60.0 %", "90"],
        ["Broken", "", "40.0 %", "60"],
        ["Rude", "", "0.7 %", "1"],
    ]
    assert "the shares do not add up to 100 %; a row has 1.01 labels on average" in asked.text_of("labels")
    assert asked.tables_of("files")[0][1:] == [
        ["monday.jsonl", "100", "80", "60", "0"],
        ["tuesday.jsonl", "50", "10", "0", "1"],
    ]
    assert [widths(drawing)[1] for drawing in asked.drawings_of("files")] == [80, 60, 0, 20, 0, 2]
    assert not [drawing for drawing in asked.drawings_of("files") if drawing[0].get("role") == "img"]


def test_of_many_files_the_largest_are_shown_by_name_and_the_others_as_one() -> None:
    files = many_files(311)
    page = ReadPage(report_page(summary_of(files), TOPICS, SOURCE))
    rows = page.tables_of("files")[0][1:]
    largest = sorted(sorted(files, key=lambda file: -file.rows)[:40], key=lambda file: file.name)
    assert [row[0] for row in rows] == [*(file.name for file in largest), "271 other files"]
    assert sum(int(row[1].replace(",", "")) for row in rows) == sum(file.out for file in files)
    assert sum(int(row[2].replace(",", "")) for row in rows) == sum(file.labels["Film"] for file in files)
    assert page.text_of("files").startswith("Files The 40 largest of 311 files, in the order of their names.")


@pytest.mark.parametrize("count", [1, 12, 40])
def test_of_fewer_files_each_is_shown(count: int) -> None:
    page = ReadPage(report_page(summary_of(many_files(count)), TOPICS, SOURCE))
    assert [row[0] for row in page.tables_of("files")[0][1:]] == [f"{number:03}.csv" for number in range(count)]
    assert "largest" not in page.text_of("files")


def test_of_many_alternatives_the_rare_ones_share_a_colour_and_a_bar() -> None:
    counts = {name: 100 - number for number, name in enumerate(MANY)}
    page = ReadPage(report_page(summary_of([file_of("a.csv", counts)]), make_labels(MANY, ordered=False), SOURCE))
    rows = page.tables_of("labels")[0][1:]
    assert [row[0] for row in rows] == [*MANY[:8], "4 other labels"]
    assert rows[-1] == ["4 other labels", "", f"{100 * 362 / sum(counts.values()):.1f} %", "362"]


def test_of_many_labels_side_by_side_the_rare_ones_have_a_sum_and_no_share() -> None:
    counts = {name: 100 - number for number, name in enumerate(MANY)}
    summary = summary_of([file_of("a.csv", counts, out=100)])
    page = ReadPage(report_page(summary, make_multilabel(MANY), SOURCE))
    assert page.tables_of("labels")[0][-1] == ["4 other labels", "", "", "362"]
    assert len(page.drawings_of("files")) == 8


def test_a_single_rare_label_keeps_its_name() -> None:
    counts = {name: 100 - number for number, name in enumerate(MANY[:9])}
    page = ReadPage(report_page(summary_of([file_of("a.csv", counts)]), make_labels(MANY[:9], ordered=False), SOURCE))
    assert [row[0] for row in page.tables_of("labels")[0][1:]] == MANY[:9]


def test_the_histogram_says_how_sure_the_answers_are(five: ReadPage) -> None:
    text = five.text_of("confidence")
    assert "The middle one of all answers is 60 % to 65 % sure, and 26.7 % of them are at least 90 % sure." in text
    assert "The highest column, 35 % to 40 %, has 600 rows." in text
    assert "0 % 25 % 50 % 75 % 100 %" in text
    heights = [float(column["height"].removesuffix("%")) for column in five.drawings_of("confidence")[0][1:]]
    assert heights == pytest.approx([100, 500 / 6, 50, 100 / 6], abs=1e-4)


def test_a_column_stands_above_its_step(five: ReadPage, asked: ReadPage) -> None:
    for page, steps, width in ((five, [7, 12, 18, 19], 5), (asked, [0, 9], 10)):
        middles = [
            float(column["x"].removesuffix("%")) + float(column["width"].removesuffix("%")) / 2
            for column in page.drawings_of("confidence")[0][1:]
        ]
        assert middles == pytest.approx([(step + 0.5) * width for step in steps], abs=1e-3)


def test_every_step_of_the_histogram_is_written_as_well(five: ReadPage) -> None:
    rows = five.tables_of("confidence")[0][1:]
    assert len(rows) == 20
    assert [row for row in rows if row[1] != "0"] == [
        ["35 % to 40 %", "600"],
        ["60 % to 65 %", "500"],
        ["90 % to 95 %", "300"],
        ["95 % to 100 %", "100"],
    ]


def test_a_column_beside_a_much_higher_one_is_seen() -> None:
    page = ReadPage(
        report_page(
            summary_of([file_of("a.csv", {"Neutral": 100_001})], confidence={5: 1, 9: 100_000}), FIVE_LEVELS, "a"
        )
    )
    assert [column["height"] for column in page.drawings_of("confidence")[0][1:]] == ["1.0000%", "100.0000%"]


def test_side_by_side_no_label_is_less_sure_than_by_half(asked: ReadPage) -> None:
    rows = asked.tables_of("confidence")[0][1:]
    assert (len(rows), rows[0], rows[-1]) == (10, ["50 % to 55 %", "30"], ["95 % to 100 %", "120"])
    assert "50 % 62.5 % 75 % 87.5 % 100 %" in asked.text_of("confidence")


def test_the_words_that_told_stand_below_their_label(five: ReadPage) -> None:
    text = five.text_of("words")
    assert "Negative bad +10.3 dull +4.80 Positive great +5.62 👏 +0.0712" in text
    assert [widths(drawing)[1] for drawing in five.drawings_of("words")] == pytest.approx(
        [100, 100 * 4.8 / 10.294, 100, 100 * 0.0712 / 5.622], abs=1e-4
    )


def test_a_model_that_explains_nothing_has_a_line_in_place_of_words(asked: ReadPage) -> None:
    assert asked.text_of("words") == "Words This model does not say which words moved its answers."
    assert not asked.drawings_of("words")


def test_where_only_punctuation_told_the_page_says_that_no_word_did() -> None:
    summary = summary_of([file_of("a.csv", {"Neutral": 1})], words={"Neutral": {".": 1.0, "\n": 0.5}})
    page = ReadPage(report_page(summary, FIVE_LEVELS, SOURCE))
    assert page.text_of("words") == "Words No word of the sample added to the label that was given."


def test_the_least_sure_answers_say_where_they_stand(five: ReadPage, asked: ReadPage) -> None:
    first = "Even in its dull scenes it is mesmerizing. Neutral, 24.4 % sure; 2024/january.csv, line 1,938"
    assert first in five.text_of("least-sure")
    assert "It came. None of the labels, 50.1 % sure; monday.jsonl, line 4" in asked.text_of("least-sure")
    assert "Late, Broken, 50.3 % sure; monday.jsonl, line 9" in asked.text_of("least-sure")


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0.0 %"), (1e-9, "<0.1 %"), (0.1234, "12.3 %"), (0.99999, ">99.9 %"), (1, "100.0 %")],
)
def test_what_is_not_nothing_and_not_everything_never_looks_like_it(share: float, text: str) -> None:
    assert percent(share).replace("\u00a0", " ") == text
