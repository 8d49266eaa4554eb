"""What a sink holds: whole outputs of one job, and nothing of another."""

from io import BytesIO
from pathlib import Path

import pytest

from sentigrade.batch.job import Chunk, Input, Job, Place, Work
from sentigrade.batch.sink import Sink
from sentigrade.batch.tally import CONFIDENCES, Done
from sentigrade.batch.totals import Totals
from sentigrade.errors import SettingError

WORK = Work(
    model="sentiment@1#sha256:0", source="in", text_column="text", chunk_rows=2, max_characters=9, max_row_bytes=9
)
JOB = Job(work=WORK, inputs=(Input(name="a.txt", size=8, tag="1", chunks=(Chunk(0, 4, 2), Chunk(4, 8, 2))),))


@pytest.fixture(params=["disk", "s3"])
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Sink:
    return Sink(str(tmp_path / "out") if request.param == "disk" else request.getfixturevalue("s3_address"))


def done(chunk: int) -> Done:
    return Done(
        input=0, chunk=chunk, rows=2, lines=2, out=2, reasons={}, labels={"Good": 2}, confidence=(0,) * CONFIDENCES
    )


def test_a_new_sink_holds_nothing(sink: Sink) -> None:
    assert (sink.job(), sink.summary(), list(sink.done())) == (None, None, [])
    assert not sink.is_finished()
    assert not sink.holds("a.jsonl")


def test_the_first_job_has_the_sink(sink: Sink) -> None:
    assert sink.create(JOB)
    assert not sink.create(Job(work=WORK, inputs=()))
    assert sink.job() == JOB


def test_a_foreign_manifest_is_refused(sink: Sink) -> None:
    sink.outputs.write_stream("_batch/job.json", BytesIO(b'{"mine": true}'), lambda _count: None)
    with pytest.raises(SettingError, match="is no manifest of a job: name another sink"):
        sink.job()


def test_chunks_that_are_done_are_found_again_with_their_parts(sink: Sink) -> None:
    sink.write_chunk(Place(0, 1), b"part", b"", done(1))
    sink.write_chunk(Place(0, 0), b"first", b"odd", done(0))
    assert sorted(found.chunk for found in sink.done()) == [0, 1]
    assert [sink.part(Place(0, chunk), kind) for chunk in (0, 1) for kind in ("out", "aside")] == [
        b"first",
        b"odd",
        b"part",
        b"",
    ]
    sink.drop_parts(0)
    assert sink.part(Place(0, 1), "out") == b""
    assert len(list(sink.done())) == 2, "what came of them is still known"


def test_a_finished_sink_holds_outputs_a_summary_and_the_job_alone(sink: Sink) -> None:
    sink.create(JOB)
    totals = Totals(JOB)
    for chunk in (0, 1):
        sink.write_chunk(Place(0, chunk), b"part", b"", done(chunk))
        totals.add(done(chunk))
    sink.write_output("a.jsonl", BytesIO(b"partpart"))
    sink.finish(totals.summary())
    assert sink.is_finished()
    found = sink.summary()
    assert found
    assert (found.rows, found.out, found.labels) == (4, 4, {"Good": 4})
    assert sorted(stored.key for stored in sink.outputs.list("")) == [
        "_SUCCESS",
        "_batch/job.json",
        "_batch/summary.json",
        "a.jsonl",
    ]


def test_what_a_killed_process_had_begun_to_write_is_cleared_away(tmp_path: Path) -> None:
    sink = Sink(str(tmp_path))
    sink.create(JOB)
    (tmp_path / ".a.jsonl.unfinished-0123").write_bytes(b"half")
    (tmp_path / ".mine").write_bytes(b"mine")
    sink.finish(Totals(Job(work=WORK, inputs=())).summary())
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mine", "_SUCCESS", "_batch"]
