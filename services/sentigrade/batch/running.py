"""The order in which a job is done, from its first chunk or from wherever it was interrupted."""

from collections.abc import Sequence
from pathlib import Path

from sentigrade.batch.assembling import Assembler
from sentigrade.batch.engines.base import Engine
from sentigrade.batch.formats.named import output_of
from sentigrade.batch.job import Job, Work
from sentigrade.batch.planning import make_plan
from sentigrade.batch.progress import progress_of
from sentigrade.batch.sink import Sink
from sentigrade.batch.sources import Source
from sentigrade.batch.tally import Summary
from sentigrade.batch.totals import Totals
from sentigrade.errors import NoAnswers, SettingError, TooManyBadRows
from sentigrade.store.objects import Stored


def find_job(work: Work, source: Source, sink: Sink, spool: Path) -> Job:
    """Return the job that the sink holds already, or else the plan of a new one.

    Raises SettingError, saying what differs, when what it holds is another job, and when it holds an output that this
    one would write over.
    """
    job = sink.job()
    if job is not None:
        _require_same(job, work, source.files, sink)
        return job
    job = make_plan(work, source, spool)
    for each in job.inputs:
        output = output_of(each.name, work).name
        if sink.holds(output):
            raise SettingError(f"{sink.address}/{output} is there already: name another sink, or remove it")
    return job


def run_job(job: Job, sink: Sink, assembler: Assembler, engine: Engine, max_errors: int | None) -> Summary:
    """Score what is not done yet, put the outputs together, and return what came out.

    Raises TooManyBadRows when more than `max_errors` rows went aside, NoAnswers when all of them did; what is done is
    kept.
    """
    if not sink.create(job) and sink.job() != job:
        raise SettingError(f"{sink.address} has just been taken by another job: name another sink")
    # One that was killed while it cleared up has a summary, and no longer what it was made from.
    summary = sink.summary() or _summary(job, sink, assembler, engine, max_errors)
    sink.finish(summary)
    return summary


def _summary(job: Job, sink: Sink, assembler: Assembler, engine: Engine, max_errors: int | None) -> Summary:
    totals = Totals(job)
    for done in sink.done():
        totals.add(done)
    for number in range(len(job.inputs)):
        _assemble_if_done(number, totals, assembler)
    _score_rest(job, totals, assembler, engine, max_errors)
    summary = totals.summary()
    _require_sound(summary, job, sink)
    return summary


def _score_rest(job: Job, totals: Totals, assembler: Assembler, engine: Engine, max_errors: int | None) -> None:
    _require_few_errors(totals, max_errors)
    left = [place for place in job.places() if not totals.has(place)]
    if not left:
        return
    with progress_of("rows", job.rows, totals.rows) as advance:
        for done in engine.run(left):
            totals.add(done)
            advance(done.rows)
            _require_few_errors(totals, max_errors, done.first_aside)
            _assemble_if_done(done.input, totals, assembler)


def _assemble_if_done(number: int, totals: Totals, assembler: Assembler) -> None:
    lines = totals.lines(number)
    if lines is not None:
        assembler.assemble(number, lines)


def _require_few_errors(totals: Totals, max_errors: int | None, reason: str = "") -> None:
    if max_errors is not None and totals.aside > max_errors:
        raise TooManyBadRows(
            f"{totals.aside:,} rows cannot be answered, and --max-errors allows {max_errors:,} "
            f"({reason or ', '.join(totals.reasons)}): mend them, or allow more; what is done is kept"
        )


def _require_sound(summary: Summary, job: Job, sink: Sink) -> None:
    if summary.out + summary.aside != summary.rows or summary.rows != job.rows:
        raise AssertionError(f"{job.rows} rows planned, {summary.rows} in, {summary.out} out, {summary.aside} aside")
    if summary.rows and not summary.out:
        raise NoAnswers(
            f"none of the {summary.rows:,} rows could be answered ({', '.join(summary.reasons)}): "
            f"{sink.aside} says why of each"
        )


def _require_same(job: Job, work: Work, files: Sequence[Stored], sink: Sink) -> None:
    differing = [name for name in work.__struct_fields__ if getattr(job.work, name) != getattr(work, name)]
    if differing:
        name = differing[0]
        raise SettingError(
            f"{sink.address} holds another job, whose {name} is {getattr(job.work, name)!r}, not "
            f"{getattr(work, name)!r}: name another sink"
        )
    found = {file.key: file.tag for file in files}
    begun_with = {each.name: each.tag for each in job.inputs}
    if work.limit is not None:  # the files beyond the limit are none of the job's
        found = {name: tag for name, tag in found.items() if name in begun_with}
    changed = sorted(name for name, _ in found.items() ^ begun_with.items())
    if changed:
        raise SettingError(
            f"{sink.address} holds a job that began with other inputs ({changed[0]} is new, gone or changed): "
            "name another sink"
        )
