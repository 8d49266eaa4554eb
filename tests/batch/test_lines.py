import msgspec
import pytest

from sentigrade.batch.job import Chunk, Input, Job, Work
from sentigrade.batch.lines import plan_lines, summary_lines
from sentigrade.batch.sink import Sink
from sentigrade.labels import FIVE_LEVELS, make_labels
from tests.batch.summaries import FIVE, MODEL, file_of, summary_of

WORK = Work(model=MODEL, source="in", text_column="text", chunk_rows=2, max_characters=9, max_row_bytes=9)
INPUTS = (
    Input(name="a.csv", size=9, tag="1", chunks=(Chunk(0, 9, 1500), Chunk(9, 12, 500))),
    Input(name="b.txt", size=9, tag="2", chunks=(Chunk(0, 4, 1),)),
    Input(name="c/d.csv.gz", size=0, tag="3"),
)


@pytest.fixture
def sink(tmp_path_factory: pytest.TempPathFactory) -> Sink:
    return Sink(str(tmp_path_factory.mktemp("out")))


def test_a_plan_says_what_becomes_of_each_file_and_of_all_together() -> None:
    assert list(plan_lines(Job(work=WORK, inputs=INPUTS))) == [
        "a.csv: 2,000 rows in 2 chunks",
        "b.txt -> b.jsonl: 1 row in 1 chunk",
        "c/d.csv.gz: 0 rows in 0 chunks",
        f"3 files, 2,001 rows, 3 chunks for {MODEL}; nothing was written",
    ]


def test_a_plan_names_the_outputs_of_another_format() -> None:
    work = msgspec.structs.replace(WORK, format="jsonl", compression="zstd")
    assert [line.partition(":")[0] for line in plan_lines(Job(work=work, inputs=INPUTS))][:3] == [
        "a.csv -> a.jsonl.zst",
        "b.txt -> b.jsonl.zst",
        "c/d.csv.gz -> c/d.jsonl.zst",
    ]


def test_a_summary_says_what_came_in_and_out_and_how_often_each_label_was_given(sink: Sink) -> None:
    assert list(summary_lines(FIVE, FIVE_LEVELS, sink, 125)) == [
        "2 files, 1,502 rows in = 1,500 out + 2 aside, in 2 min 05 s",
        "  Negative                   600  40.0% ████████████",
        "  Somewhat Negative            0   0.0%",
        "  Neutral                    150  10.0% ███",
        "  Somewhat Positive          300  20.0% ██████",
        "  Positive                   450  30.0% █████████",
        f"aside: 2 text_too_long; {sink.address}/_aside says why of each",
        f"outputs: {sink.address}",
    ]


def test_where_nothing_went_aside_nothing_is_said_of_it(sink: Sink) -> None:
    summary = summary_of([file_of("a.csv", {"Bad": 1})])
    assert list(summary_lines(summary, make_labels(["Bad", "Good"], ordered=False), sink, None)) == [
        "1 file, 1 row in = 1 out + 0 aside, done before",
        f"  Bad             1 100.0% {'█' * 30}",
        "  Good            0   0.0%",
        f"outputs: {sink.address}",
    ]


def test_of_several_labels_shares_are_of_the_rows(sink: Sink) -> None:
    summary = summary_of([file_of("a.csv", {"Bad": 2, "Good": 1}, out=2)])
    lines = list(summary_lines(summary, make_labels(["Bad", "Good"], ordered=False), sink, None))
    assert [line.split()[2] for line in lines[1:3]] == ["100.0%", "50.0%"]


def test_a_job_without_rows_has_a_summary_too(sink: Sink) -> None:
    lines = list(summary_lines(summary_of([file_of("a.csv", {})]), FIVE_LEVELS, sink, 0.2))
    assert lines[0] == "1 file, 0 rows in = 0 out + 0 aside, in 0 s"
    assert all("  0.0%" in line for line in lines[1:6])
