"""Whole files scored on the command line."""

import csv
import json
import os
from pathlib import Path

import pytest

from sentigrade.answer import Answer
from sentigrade.scorer import Scorer
from sentigrade.store.opening import open_store
from tests.batch.files import outputs, write_reviews
from tests.cli.running import failure, printed, refusal, sentigrade


@pytest.fixture
def store(small_store: Path) -> dict[str, str]:
    return {"SENTIGRADE_STORE": str(small_store)}


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """Three files of 40 rows."""
    write_reviews(tmp_path / "reviews", files=3, rows=40)
    return tmp_path / "reviews"


def test_each_file_becomes_one_of_the_same_name_with_its_columns_and_the_answers(
    reviews: Path, store: dict[str, str], tmp_path: Path, scorer: Scorer
) -> None:
    said = printed("batch", reviews, tmp_path / "out", **store)
    assert said.startswith("3 files, 120 rows in = 120 out + 0 aside, in ")
    assert list(outputs(tmp_path / "out")) == ["_SUCCESS", *(f"reviews-00{number}.csv" for number in range(3))]
    with (tmp_path / "out" / "reviews-001.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (reviews / "reviews-001.csv").open(newline="") as file:
        asked = list(csv.DictReader(file))
    assert [{name: row[name] for name in ("id", "text", "stars")} for row in rows] == asked
    for row, answer in zip(rows, scorer.score([row["text"] for row in asked]), strict=True):
        assert isinstance(answer, Answer)
        assert (row["label"], int(row["level"]), float(row["polarity"])) == (
            answer.label,
            answer.level,
            answer.polarity,
        )
        given = [float(value) for name, value in row.items() if name.startswith("probability_")]
        assert given == list(answer.probabilities.values())
        assert (row["model"], row["version"]) == ("sentiment", "1")


def test_the_summary_counts_each_label_and_shows_its_share(
    reviews: Path, store: dict[str, str], tmp_path: Path
) -> None:
    lines = printed("batch", reviews, tmp_path / "out", **store).splitlines()
    counts = {line[2:20].strip(): int(line[20:32]) for line in lines[1:-1]}
    assert list(counts) == ["Negative", "Somewhat Negative", "Neutral", "Somewhat Positive", "Positive"]
    assert sum(counts.values()) == 120
    assert lines[-1] == f"outputs: {tmp_path / 'out'}"


def test_a_job_that_is_done_says_so_and_writes_nothing(reviews: Path, store: dict[str, str], tmp_path: Path) -> None:
    printed("batch", reviews, tmp_path / "out", **store)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    assert "120 out + 0 aside, done before\n" in printed("batch", reviews, tmp_path / "out", **store)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    reviews: Path, store: dict[str, str], tmp_path: Path
) -> None:
    said = printed("batch", reviews, tmp_path / "out", "--dry-run", "--format", "jsonl", "--limit", "50", **store)
    assert said.splitlines()[:2] == [
        "reviews-000.csv -> reviews-000.jsonl: 40 rows in 1 chunk",
        "reviews-001.csv -> reviews-001.jsonl: 10 rows in 1 chunk",
    ]
    assert said.splitlines()[2].startswith("2 files, 50 rows, 2 chunks for sentiment@1#sha256:")
    assert not (tmp_path / "out").exists()


def test_bad_rows_go_aside_with_their_file_their_line_and_the_reason(store: dict[str, str], tmp_path: Path) -> None:
    rows = [b"id,text\n", b'1,"two\nlines"\n', b"2,\xff\n", b"3\n", b"4,fine\n", b"5," + b"x" * 300 + b"\n"]
    (tmp_path / "odd.csv").write_bytes(b"".join(rows))
    said = printed("batch", tmp_path / "odd.csv", tmp_path / "out", SENTIGRADE_MAX_CHARACTERS="200", **store)
    assert "1 file, 5 rows in = 2 out + 3 aside" in said
    assert "aside: 1 invalid, 1 not_unicode, 1 text_too_long; " in said
    aside = [json.loads(line) for line in (tmp_path / "out/_aside/odd.csv.jsonl").read_bytes().splitlines()]
    assert [(row["file"], row["line"], row["code"]) for row in aside] == [
        ("odd.csv", 4, "not_unicode"),
        ("odd.csv", 5, "invalid"),
        ("odd.csv", 7, "text_too_long"),
    ]
    assert aside[1]["row"] == "3"
    assert "1 field where the header has 2" in aside[1]["reason"]


def test_too_many_bad_rows_stop_the_job_which_goes_on_when_more_are_allowed(
    store: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "odd.jsonl").write_text('{"text": "fine"}\n' + "{}\n" * 3)
    job = ("batch", tmp_path / "odd.jsonl", tmp_path / "out")
    said = refusal(*job, "--max-errors", "2", **store)
    assert "3 rows cannot be answered, and --max-errors allows 2 (The object has no field 'text'" in said
    assert not (tmp_path / "out/_SUCCESS").exists()
    assert "4 rows in = 1 out + 3 aside" in printed(*job, "--max-errors", "3", **store)


def test_a_job_none_of_whose_rows_can_be_answered_has_failed(store: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text("{}\n" * 3)
    said = failure(os.EX_DATAERR, "batch", tmp_path / "odd.jsonl", tmp_path / "out", **store)
    assert "none of the 3 rows could be answered (invalid): " in said
    assert (tmp_path / "out/_aside/odd.jsonl.jsonl").exists()
    assert not (tmp_path / "out/_SUCCESS").exists()


def test_a_file_without_rows_becomes_one_without_rows(store: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/empty.csv").write_bytes(b"")
    (tmp_path / "in/header.csv").write_bytes(b"text\n")
    assert "2 files, 0 rows in = 0 out + 0 aside" in printed("batch", tmp_path / "in", tmp_path / "out", **store)
    assert (tmp_path / "out/empty.csv").read_bytes() == b""
    assert (tmp_path / "out/header.csv").read_bytes().startswith(b"text,label,level,")


@pytest.mark.parametrize(
    ("options", "differing"),
    [
        (("--format", "tsv"), "whose format is None, not 'tsv'"),
        (("--limit", "7"), "whose limit is None, not 7"),
        (("--text-column", "id"), "whose text_column is 'text', not 'id'"),
    ],
)
def test_another_job_does_not_write_into_a_sink(
    options: tuple[str, ...], differing: str, reviews: Path, store: dict[str, str], tmp_path: Path
) -> None:
    printed("batch", reviews, tmp_path / "out", **store)
    said = refusal("batch", reviews, tmp_path / "out", *options, **store)
    assert f"holds another job, {differing}" in said
    assert said.endswith("name another sink\n")


def test_a_job_does_not_go_on_with_inputs_that_have_changed(
    reviews: Path, store: dict[str, str], tmp_path: Path
) -> None:
    printed("batch", reviews, tmp_path / "out", **store)
    (reviews / "reviews-002.csv").write_text("text\nchanged\n")
    said = refusal("batch", reviews, tmp_path / "out", **store)
    assert "began with other inputs (reviews-002.csv is new, gone or changed)" in said


def test_a_file_in_the_sink_is_not_written_over(reviews: Path, store: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/reviews-001.csv").write_text("mine")
    assert "out/reviews-001.csv is there already" in refusal("batch", reviews, tmp_path / "out", **store)
    assert (tmp_path / "out/reviews-001.csv").read_text() == "mine"


def test_a_column_that_is_not_there_is_named_with_those_that_are(
    reviews: Path, store: dict[str, str], tmp_path: Path
) -> None:
    said = refusal("batch", reviews, tmp_path / "out", "--text-column", "review", **store)
    assert "reviews-000.csv: there is no column 'review'; the columns are 'id', 'text', 'stars'" in said
    assert "--text-column" in said


def test_the_report_is_a_page(reviews: Path, store: dict[str, str], tmp_path: Path) -> None:
    said = printed("batch", reviews, tmp_path / "out", "--report", tmp_path / "pages/report.html", **store)
    assert said.endswith(f"report: {tmp_path / 'pages/report.html'}\n")
    page = (tmp_path / "pages/report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "120 rows" in page


def test_from_s3_to_s3_the_outputs_are_those_of_a_disk(
    reviews: Path, store: dict[str, str], tmp_path: Path, s3_address: str
) -> None:
    printed("batch", reviews, tmp_path / "out", **store)
    objects = open_store(f"{s3_address}/in")
    for path in reviews.iterdir():
        objects.upload(path.name, path, lambda _count: None)
    said = printed("batch", f"{s3_address}/in", f"{s3_address}/out", "--report", f"{s3_address}/report.html", **store)
    assert "120 rows in = 120 out + 0 aside" in said
    for name in outputs(tmp_path / "out"):
        content = open_store(f"{s3_address}/out").read(name, at_most=100_000)
        assert content
        assert content.raw == (tmp_path / "out" / name).read_bytes()
    assert open_store(s3_address).find("report.html")


def test_a_sink_that_cannot_be_reached_ends_the_command_as_a_failure_that_passes(
    reviews: Path, store: dict[str, str]
) -> None:
    away = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    result = sentigrade("batch", reviews, "s3://bucket/out", **store, **away)
    assert result.returncode == os.EX_TEMPFAIL
    assert "cannot be reached" in result.stderr
