"""`python -m bench`, from the root of the repository: measure, print, write figures and plots to bench/latest."""

import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import msgspec

from bench import plots
from bench.beside_rows import ROWS, BesideRows, measure_beside_rows
from bench.contenders import CONTENDERS, OURS, serving
from bench.errors import BenchError
from bench.explaining import measure_explaining
from bench.latency import Latencies, measure_latency
from bench.load import Load
from bench.many import CSV_ROWS, LIST_TEXTS, Manies, measure_many
from bench.memory import measure_unshared
from bench.report import Results, summary, table
from bench.scoring import measure_scoring
from bench.sentences import describe, make_sentences
from bench.start import measure_start
from bench.table import Table
from bench.throughput import Throughputs, measure_throughput
from sentigrade.errors import SentigradeError
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model

_LATEST = Path(__file__).with_name("latest")


def main() -> None:
    """Run the bench; what keeps it from running is one line on standard error and exit status 1."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        with tempfile.TemporaryDirectory(prefix="sentigrade-bench-") as folder:
            results = _measure(Settings.from_environ(os.environ), Path(folder))
    except (BenchError, SentigradeError) as error:
        sys.exit(f"bench: {error}")
    print(table(results))
    _LATEST.mkdir(exist_ok=True)
    (_LATEST / "figures.json").write_bytes(msgspec.json.format(msgspec.json.encode(summary(results)), indent=2) + b"\n")
    plots.write(results, _LATEST)


def _measure(settings: Settings, folder: Path) -> Results:
    sentences = make_sentences()
    load = Load(sentences, folder)
    model, again = (open_model(settings.references[0], settings) for _ in range(2))
    throughput, latency = _over_http(load, folder)
    many = _many(sentences, load, folder)
    beside_rows = _beside_rows(sentences, load, folder)
    _say("scoring inside the process, half a minute")
    scoring = measure_scoring(model, again, sentences)
    explaining = measure_explaining(open_model(settings.references[0], settings), sentences)
    _say("start to ready, half a minute")
    start = measure_start(folder / "start")
    _say("memory of further workers, some seconds")
    unshared = measure_unshared(load, folder / "memory")
    described = describe(sentences, model)
    return Results(described, throughput, latency, many, beside_rows, scoring, explaining, start, unshared)


def _over_http(load: Load, folder: Path) -> tuple[Throughputs, Latencies]:
    with ExitStack() as stack:
        contenders = [stack.enter_context(serving(name, folder / name, workers=1)) for name in CONTENDERS]
        _say("one text over HTTP, a minute and a half")
        throughput = measure_throughput(contenders, load)
        _say("latency at half of that, a minute and a half")
        return throughput, measure_latency(contenders, load, rate=throughput.requests_per_second(OURS) / 2)


def _many(sentences: Sequence[str], load: Load, folder: Path) -> Manies:
    _say("lists and rows over HTTP, a minute")
    lists = Load(sentences, folder, texts=LIST_TEXTS)
    table = Table(folder / "many.csv", sentences, rows=CSV_ROWS)
    with serving(OURS, folder / "many", workers=1) as contender:
        return measure_many(contender, load, lists, table)


def _beside_rows(sentences: Sequence[str], load: Load, folder: Path) -> BesideRows:
    _say("latency while rows are answered, a minute and a half")
    table = Table(folder / "beside.csv", sentences, rows=ROWS)
    with serving(OURS, folder / "beside", workers=Settings().worker_count) as contender:
        return measure_beside_rows(contender, load, table)


def _say(line: str) -> None:
    print(f"bench: {line} ...", file=sys.stderr)


def _stop(*_: object) -> NoReturn:
    # A plain SIGTERM would end us without stopping what we started.
    sys.exit("bench: stopped")


main()
