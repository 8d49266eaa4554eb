"""The command that scores whole files."""

import os
import signal
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, get_args

import click
import msgspec

from sentigrade.batch.job import Compression, Job, TableFormat, Work
from sentigrade.cli.options import settings_with, store_option
from sentigrade.native_threads import bound_native_threads
from sentigrade.settings import Settings

if TYPE_CHECKING:
    from sentigrade.batch.engines.base import Engine
    from sentigrade.batch.opened import Addresses
    from sentigrade.batch.sink import Sink
    from sentigrade.batch.sources import Source
    from sentigrade.batch.tally import Summary
    from sentigrade.labels import LabelSet
    from sentigrade.model import Model

# A chunk is what an interruption costs, and a few requests to a store: so some tenths of a second of work, or seconds.
_CHUNK_ROWS = 10_000
_SLOW_CHUNK_ROWS = 500


class _Choices(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command."""

    model: str
    store: str
    text_column: str
    form: TableFormat | None
    compression: Compression | None
    limit: int | None
    max_errors: int | None
    engine: str
    address: str | None
    processes: int | None
    dry_run: bool
    report: str | None


@click.command()
@click.argument("source")
@click.argument("sink")
@click.option(
    "--model", default=Settings().models, show_default=True, help="name, name@version, a model folder or an address."
)
@store_option
@click.option("--text-column", default="text", show_default=True, help="Column or field that holds the text.")
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(TableFormat)),
    help="Of the outputs.  [default: that of each input; jsonl for lines]",
)
@click.option(
    "--compression",
    type=click.Choice(get_args(Compression)),
    help="Of the outputs, but for Parquet.  [default: that of each input]",
)
@click.option("--limit", type=click.IntRange(min=1), help="Read only the first so many rows.")
@click.option("--max-errors", type=click.IntRange(min=0), help="Stop when more rows than this cannot be answered.")
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True)
@click.option("--address", help="A Ray cluster, such as auto or ray://head:10001.  [default: start Ray here]")
@click.option("--processes", type=click.IntRange(min=1), help="How many score at once.  [default: one for each core]")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.option("--report", help="Write a page on what came out to this file: a path, or an s3:// address.")
def batch(source: str, sink: str, **options: object) -> None:
    """Score the files of SOURCE and write one of the same name into SINK for each of them.

    SOURCE is a file, a folder or a pattern such as 'reviews/*.csv'; SINK is a folder; either may be in S3 (s3://...).
    CSV, TSV, JSON lines, plain lines (.txt) and Parquet are read, also as .gz and .zst; other columns pass through.
    Rows that cannot be answered are in SINK/_aside. A job that was interrupted goes on when the same command is run
    again.
    """
    bound_native_threads(os.environ)
    for asked_to_end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked_to_end, _end)
    from sentigrade.batch.lines import plan_lines, summary_lines
    from sentigrade.batch.planning import make_plan
    from sentigrade.batch.running import find_job
    from sentigrade.batch.sink import Sink
    from sentigrade.batch.sources import open_source
    from sentigrade.store.finding import open_model
    from sentigrade.store.progress import bar

    choices = msgspec.convert(options, _Choices)
    settings = settings_with(choices.store)
    found = open_source(source)
    found.require_apart_from(sink)
    model = open_model(choices.model, settings, bar)
    work = _work(source, choices, model, settings)
    if choices.dry_run:
        _say(plan_lines(make_plan(work, found, Path(settings.spool))))
        return
    target = Sink(sink)
    job = find_job(work, found, target, Path(settings.spool))
    started, seconds = monotonic(), None
    summary = target.summary() if target.is_finished() else None
    if summary is None:
        summary = _run(job, found, target, model, choices, settings)
        seconds = monotonic() - started
    labels = model.manifest.labels
    _say(summary_lines(summary, labels, target, seconds))
    if choices.report:
        _write_report(choices.report, summary, labels, source)


def _run(job: Job, source: "Source", sink: "Sink", model: "Model", choices: _Choices, settings: Settings) -> "Summary":  # noqa: PLR0913, PLR0917 - all that a job works with
    from sentigrade.batch.assembling import Assembler
    from sentigrade.batch.opened import Addresses
    from sentigrade.batch.running import run_job
    from sentigrade.batch.sources import absolute

    spool = Path(settings.spool)
    addresses = Addresses(absolute(source.objects.address), absolute(sink.address), spool)
    engine = _engine(job, addresses, model, choices, settings)
    return run_job(job, sink, Assembler(job, sink, model.manifest.labels, spool), engine, choices.max_errors)


def _engine(job: Job, addresses: "Addresses", model: "Model", choices: _Choices, settings: Settings) -> "Engine":
    from sentigrade.batch.patience import Patience
    from sentigrade.batch.scoring import ChunkScorer, Order

    if choices.engine == "ray":
        from sentigrade.batch.engines.ray import RayEngine
        from sentigrade.batch.sources import absolute
        from sentigrade.store.reference import pinned

        everywhere = msgspec.structs.replace(settings, store=absolute(settings.store))
        order = Order(job, addresses, pinned(choices.model, model.manifest.version, model.digest), everywhere)
        return RayEngine(order, choices.address, choices.processes)
    import joblib

    from sentigrade.batch.engines.local import LocalEngine
    from sentigrade.scorer import Scorer

    scorer = Scorer(model, max_characters=settings.max_characters).prepare()
    # joblib knows how many cores the cgroup allows.
    return LocalEngine(ChunkScorer(job, addresses, scorer, Patience()), choices.processes or joblib.cpu_count())


def _write_report(place: str, summary: "Summary", labels: "LabelSet", source: str) -> None:
    from sentigrade.batch.report.page import report_page
    from sentigrade.store.opening import open_store

    folder, _, name = place.rpartition("/")
    store = open_store(folder or ("/" if place.startswith("/") else "."), create=True)
    store.write_stream(name, BytesIO(report_page(summary, labels, source)), lambda _count: None)
    click.echo(f"report: {place}")


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _end(asked_to_end: int, _frame: FrameType | None) -> None:
    """End as asked; what is done is kept."""
    click.echo("sentigrade: stopped; run the same command again to go on", err=True)
    sys.exit(128 + asked_to_end)


def _work(source: str, choices: _Choices, model: "Model", settings: Settings) -> Work:
    from sentigrade.classifiers.families import SLOW, WITHOUT_FILE

    is_slow = model.manifest.family in {*SLOW, *WITHOUT_FILE}
    return Work(
        model=model.identity,
        source=source,
        text_column=choices.text_column,
        format=choices.form,
        compression=choices.compression,
        limit=choices.limit,
        chunk_rows=_SLOW_CHUNK_ROWS if is_slow else _CHUNK_ROWS,
        max_characters=settings.max_characters,
        max_row_bytes=settings.max_body_bytes,
    )


COMMANDS = (batch,)
