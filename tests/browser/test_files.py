"""A CSV file through the page."""

import csv
import json
from collections import Counter
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.chromium import Watch

pytestmark = pytest.mark.browser

TEXTS = ("A warm film.", 'It is "fine",\nI think.', "An utter bore 😴.", "סרט wonderful.", "x" * 100_001)


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """Twenty rows with quotes, line breaks and emoji; four texts are too long. It has a column `label` already."""
    path = tmp_path / "reviews.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([["label", "review"], *([f"row {n}", TEXTS[n % 5]] for n in range(20))])
    return path


def upload(page: Page, path: Path) -> None:
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_role("button", name="Grade the file").click()


def scored(download: Download) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(Path(download.path()).read_text("utf-8-sig"), newline="")))


def download_of(page: Page) -> Download:
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    return download.value


def test_a_file_comes_back_with_its_rows_and_their_labels(opened: Page, reviews: Path) -> None:
    upload(opened, reviews)
    download = download_of(opened)
    assert download.suggested_filename == "reviews-scored.csv"
    rows = scored(download)
    assert [(row["label"], row["review"]) for row in rows] == [(f"row {n}", TEXTS[n % 5]) for n in range(20)]
    assert [row["answer_label"] for row in rows[:3]] == ["Positive", rows[1]["answer_label"], "Negative"]
    assert [row["error_code"] for row in rows] == ["", "", "", "", "text_too_long"] * 4


def test_the_chart_counts_the_labels_and_the_errors(opened: Page, reviews: Path) -> None:
    upload(opened, reviews)
    expect(opened.locator("#progress")).to_have_text("16 rows graded, 4 not.")
    expect(opened.locator("#errors")).to_have_text("4 rows: text_too_long")
    rows = scored(download_of(opened))
    names = opened.locator("#chart .name").all_inner_texts()
    counts = map(int, opened.locator("#chart .share").all_inner_texts())
    assert Counter(dict(zip(names, counts, strict=True))) == Counter(
        row["answer_label"] for row in rows if row["answer_label"]
    )


def test_the_likely_column_is_chosen_and_another_can_be(opened: Page, tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("title,remark\nA warm film.,An utter bore of a film that goes on and on.\n")
    opened.get_by_label("CSV file").set_input_files(path)
    expect(opened.get_by_label("Text in")).to_have_value("remark")
    opened.get_by_label("Text in").select_option("title")
    opened.get_by_role("button", name="Grade the file").click()
    assert scored(download_of(opened))[0]["label"] == "Positive"


def test_a_file_is_graded_by_the_chosen_model(opened: Page, tmp_path: Path) -> None:
    path = tmp_path / "topics.csv"
    path.write_text("text\nOne more soup please.\nThe train was new to us.\n")
    opened.get_by_label("Model").select_option("topics")
    upload(opened, path)
    assert [row["label"] for row in scored(download_of(opened))] == ["Food", "Travel"]
    expect(opened.locator("#chart .rows li")).to_have_count(3)


@pytest.mark.parametrize("place", ["#drop", "h1"], ids=["in its place", "elsewhere"])
def test_a_file_that_is_dropped_is_taken(opened: Page, place: str) -> None:
    drop = """drop => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["text\\nA warm film.\\n"], "dropped.csv", { type: "text/csv" }));
        drop.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }"""
    opened.locator(place).evaluate(drop)
    expect(opened.locator("#file-name")).to_contain_text("dropped.csv")
    opened.get_by_role("button", name="Grade the file").click()
    assert len(scored(download_of(opened))) == 1


def test_what_the_service_says_of_a_bad_file_is_shown(opened: Page, watch: Watch, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("text,text\n1,A warm film.\n")
    upload(opened, path)
    expect(opened.locator("#file-problem")).to_contain_text("Several columns could hold the texts")
    expect(opened.locator("#file-answer")).to_be_hidden()
    watch.forget("422")


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ("", "There is no row in this file"),
        ("id;text\n1;A warm film.\n", "parted by semicolons"),
        ("a\tb\n", "by tabs"),
    ],
    ids=["empty", "semicolons", "tabs"],
)
def test_a_file_that_cannot_be_meant_is_not_sent(opened: Page, tmp_path: Path, content: str, advice: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    opened.get_by_label("CSV file").set_input_files(tmp_path / "a.csv")
    expect(opened.locator("#file-problem")).to_contain_text(advice)
    expect(opened.get_by_role("button", name="Grade the file")).to_be_hidden()


def test_the_page_stays_awake_while_a_large_answer_comes(opened: Page) -> None:
    """Fifty megabytes of rows as the service would answer them; the longest pause between two ticks of a clock."""
    pause, rows = opened.evaluate(
        """async () => {
            const { CsvReader } = await import("/static/csv_reader.js");
            const { Tally } = await import("/static/tally.js");
            const { count } = await import("/static/csv_file.js");
            const line = '"A film, with ""quotes"" and a rather long text about it",Positive,4,0.96,sentiment,1,,\\n';
            const head = "text,label,level,polarity,model,version,error_code,error_detail\\n";
            const block = new TextEncoder().encode(line.repeat(Math.ceil(500_000 / line.length)));
            const blocks = 100;
            let sent = 0;
            const body = new ReadableStream({
                pull(controller) {
                    if (sent === 0) controller.enqueue(new TextEncoder().encode(head));
                    if (sent++ < blocks) controller.enqueue(block);
                    else controller.close();
                },
            });
            let [last, longest] = [performance.now(), 0];
            const clock = setInterval(() => {
                longest = Math.max(longest, performance.now() - last);
                last = performance.now();
            }, 10);
            const tally = new Tally(1);
            await count(body, tally, new AbortController().signal);
            clearInterval(clock);
            return [longest, [tally.rows, (blocks * block.length) / line.length]];
        }"""
    )
    assert rows[0] == rows[1]
    assert pause < 1000


READ = """async (chunks) => {
    const { CsvReader } = await import("/static/csv_reader.js");
    const reader = new CsvReader();
    return chunks.flatMap((chunk) => reader.push(chunk)).concat(reader.end());
}"""


def test_the_reader_reads_what_python_writes_wherever_it_is_cut(opened: Page) -> None:
    random = Random(7)  # noqa: S311 - no secret
    fields = ["", "a", "é😀", '"', '""', ",", "\n", "\r\n", "a,b", 'say "hi"', " ", "'", "x\ny"]
    for _ in range(60):
        rows = [[random.choice(fields) for _ in range(3)] for _ in range(random.randrange(1, 6))]
        content = StringIO(newline="")
        csv.writer(content, lineterminator=random.choice(["\n", "\r\n"])).writerows(rows)
        cuts = sorted(random.choices(range(len(content.getvalue()) + 1), k=4))
        pieces: list[Any] = [content.getvalue()[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
        assert opened.evaluate(READ, pieces) == rows, json.dumps(pieces)
