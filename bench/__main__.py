"""`python -m bench`, from the root of the repository: measure, print a table, write bench/latest.json."""

import os
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import msgspec

from bench.contenders import CONTENDERS, serving
from bench.errors import BenchError
from bench.load import Load
from bench.memory import measure_unshared
from bench.report import Results, summary, table
from bench.sentences import describe, make_sentences
from bench.start import measure_start
from bench.throughput import Throughput, measure_throughput
from sentigrade.errors import SentigradeError
from sentigrade.settings import Settings
from sentigrade.store.local import LocalStore
from sentigrade.store.reference import parse_reference

_LATEST = Path(__file__).with_name("latest.json")


def main() -> None:
    """Run the bench; what keeps it from running is one line on standard error and exit status 1."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        with tempfile.TemporaryDirectory(prefix="sentigrade-bench-") as folder:
            results = _measure(Settings.from_environ(os.environ), Path(folder))
    except (BenchError, SentigradeError) as error:
        sys.exit(f"bench: {error}")
    print(table(results))
    _LATEST.write_bytes(msgspec.json.format(msgspec.json.encode(summary(results)), indent=2) + b"\n")


def _measure(settings: Settings, folder: Path) -> Results:
    sentences = make_sentences()
    load = Load(sentences, folder)
    model = LocalStore(Path(settings.store)).load(parse_reference(settings.references[0]))
    description = describe(sentences, model)
    _say("one text over HTTP, a minute and a half")
    throughput = _throughput(load, folder)
    _say("start to ready, half a minute")
    start = measure_start(folder / "start")
    _say("memory of further workers, some seconds")
    return Results(description, throughput, start, measure_unshared(load, folder / "memory"))


def _throughput(load: Load, folder: Path) -> dict[str, list[Throughput]]:
    with ExitStack() as stack:
        contenders = [stack.enter_context(serving(name, folder / name, workers=1)) for name in CONTENDERS]
        return measure_throughput(contenders, load)


def _say(line: str) -> None:
    print(f"bench: {line} ...", file=sys.stderr)


def _stop(*_: object) -> NoReturn:
    # A plain SIGTERM would end us without stopping what we started.
    sys.exit("bench: stopped")


main()
