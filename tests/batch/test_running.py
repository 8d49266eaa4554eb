"""The order in which a job is done, and what keeps two jobs apart."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from sentigrade.batch.assembling import Assembler
from sentigrade.batch.job import Job, Work
from sentigrade.batch.opened import Addresses
from sentigrade.batch.patience import Patience
from sentigrade.batch.running import find_job, run_job
from sentigrade.batch.scoring import ChunkScorer
from sentigrade.batch.sink import Sink
from sentigrade.batch.sources import Source, open_source
from sentigrade.batch.tally import Summary
from sentigrade.errors import DataError, SettingError, StoreError, TooManyBadRows
from sentigrade.scorer import Scorer
from tests.batch.files import outputs, write_reviews
from tests.batch.jobs import InThisProcess


@pytest.fixture
def source(tmp_path: Path) -> Source:
    write_reviews(tmp_path / "in", files=2, rows=15)
    return open_source(str(tmp_path / "in"))


@pytest.fixture
def sink(tmp_path: Path) -> Sink:
    return Sink(str(tmp_path / "out"))


@pytest.fixture
def work(scorer: Scorer) -> Work:
    return Work(
        model=scorer.model.identity,
        source="in",
        text_column="text",
        chunk_rows=4,
        max_characters=1000,
        max_row_bytes=10_000,
    )


def run(job: Job, source: Source, sink: Sink, scorer: Scorer, max_errors: int | None = None) -> Summary:
    folder = Path(sink.address).parent
    scores = ChunkScorer(job, Addresses(source.objects.address, sink.address, folder), scorer, Patience())
    return run_job(
        job, sink, Assembler(job, sink, scorer.model.manifest.labels, folder), InThisProcess(scores), max_errors
    )


def test_the_plan_is_written_down_before_the_first_chunk_and_found_again(
    work: Work, source: Source, sink: Sink, scorer: Scorer, tmp_path: Path
) -> None:
    job = find_job(work, source, sink, tmp_path)
    assert [len(each.chunks) for each in job.inputs] == [4, 4]
    assert sink.job() is None
    summary = run(job, source, sink, scorer)
    assert (summary.rows, summary.out, summary.aside) == (30, 30, 0)
    assert find_job(work, source, sink, tmp_path) == job


def test_of_two_jobs_that_begin_at_once_one_is_refused(
    work: Work, source: Source, sink: Sink, scorer: Scorer, tmp_path: Path
) -> None:
    job = find_job(work, source, sink, tmp_path)
    other = find_job(replace(work, limit=3), source, sink, tmp_path)
    run(other, source, sink, scorer)
    with pytest.raises(SettingError, match="has just been taken by another job"):
        run(job, source, sink, scorer)


def test_a_plan_of_other_chunks_gives_the_same_outputs(
    work: Work, source: Source, sink: Sink, scorer: Scorer, tmp_path: Path
) -> None:
    run(find_job(work, source, sink, tmp_path), source, sink, scorer)
    whole = Sink(str(tmp_path / "whole"))
    run(find_job(replace(work, chunk_rows=1000), source, whole, tmp_path), source, whole, scorer)
    assert outputs(tmp_path / "whole") == outputs(tmp_path / "out")


def test_an_input_that_changes_under_way_ends_the_job(
    work: Work, source: Source, sink: Sink, scorer: Scorer, tmp_path: Path
) -> None:
    job = find_job(work, source, sink, tmp_path)
    (tmp_path / "in/reviews-001.csv").write_text("id,text,stars\n")
    with pytest.raises(StoreError, match=r"reviews-001.csv has changed since it was found"):
        run(job, source, sink, scorer)
    assert (tmp_path / "out/reviews-000.csv").exists(), "what is done is kept"
    assert not sink.is_finished()


def test_an_input_that_changes_within_its_size_and_time_is_found_out_by_its_rows(
    work: Work, source: Source, sink: Sink, scorer: Scorer, tmp_path: Path
) -> None:
    job = find_job(work, source, sink, tmp_path)
    lying = replace(job.inputs[1].chunks[0], rows=5, end=job.inputs[1].size)
    job = replace(job, inputs=(job.inputs[0], replace(job.inputs[1], chunks=(replace(lying, rows=99),))))
    with pytest.raises(DataError, match=r"reviews-001.csv has changed since the job began"):
        run(job, source, sink, scorer)


def test_a_job_that_was_killed_while_it_cleared_up_scores_nothing_again(
    work: Work, source: Source, sink: Sink, scorer: Scorer, tmp_path: Path
) -> None:
    job = find_job(work, source, sink, tmp_path)
    summary = run(job, source, sink, scorer)
    (tmp_path / "out/_SUCCESS").unlink()
    for path in (tmp_path / "in").iterdir():
        path.unlink()  # whoever read them again would fail
    assert run(job, source, sink, scorer) == summary
    assert sink.is_finished()


def test_bad_rows_of_earlier_runs_count_too(work: Work, sink: Sink, scorer: Scorer, tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"text": "fine"}\n{}\n{}\n')
    source = open_source(str(tmp_path / "odd.jsonl"))
    job = find_job(work, source, sink, tmp_path)
    for _ in range(2):
        with pytest.raises(TooManyBadRows, match="2 rows cannot be answered, and --max-errors allows 1"):
            run(job, source, sink, scorer, max_errors=1)
    assert run(job, source, sink, scorer, max_errors=2).aside == 2
