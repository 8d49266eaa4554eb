"""`python -m bench.endurance`, from the root of the repository: print tables, write figures to bench/latest."""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import click
import msgspec

from bench.endurance.growth import measure_growth, with_unseen_words
from bench.endurance.killing import measure_killing
from bench.endurance.overload import measure_overload
from bench.endurance.report import (
    growth_figures,
    growth_table,
    killing_figures,
    killing_table,
    overload_figures,
    overload_table,
)
from bench.endurance.stack import serving_whole
from bench.errors import BenchError
from bench.load import Load
from bench.many import LIST_TEXTS
from bench.report import environment
from bench.sentences import make_sentences

_LATEST = Path(__file__).parent.parent / "latest"
_WORKERS = 2

# By how many times as many requests as can be answered.
_OVERLOAD_SECONDS = {1.0: 30, 5.0: 60}
_KILLING_SECONDS = 600
_GROWTH_REQUESTS = 2_000_000

# A table and its figures.
_Report = tuple[Iterator[str], dict[str, object]]


def _overload(sentences: Sequence[str], folder: Path, share: float) -> _Report:
    load = Load(sentences, folder, texts=LIST_TEXTS)
    seconds = {times: share * usual for times, usual in _OVERLOAD_SECONDS.items()}
    with serving_whole(folder / "stack", workers=_WORKERS) as stack:
        overload = measure_overload(stack.contender, load, seconds)
    return overload_table(overload), overload_figures(overload)


def _killing(sentences: Sequence[str], folder: Path, share: float) -> _Report:
    with serving_whole(folder / "stack", workers=_WORKERS) as stack:
        seconds = share * _KILLING_SECONDS
        killing = measure_killing(stack, Load(sentences, folder), seconds=seconds, seed=time.time_ns())
    return killing_table(killing), killing_figures(killing)


def _growth(sentences: Sequence[str], folder: Path, share: float) -> _Report:
    load = Load(with_unseen_words(sentences), folder)
    with serving_whole(folder / "stack", workers=_WORKERS) as stack:
        growth = measure_growth(stack, load, requests=round(share * _GROWTH_REQUESTS))
    return growth_table(growth), growth_figures(growth)


_PARTS = {"overload": _overload, "killing": _killing, "growth": _growth}


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(_PARTS)))
@click.option("--share", default=1.0, help="Share of the usual time and requests, for a try.")
def main(parts: Sequence[str], share: float) -> None:
    """Measure the PARTS, all of them unless some are named."""
    signal.signal(signal.SIGTERM, _stop)
    sentences = make_sentences()
    try:
        for part in parts or _PARTS:
            print(f"endurance: {part} ...", file=sys.stderr)
            with tempfile.TemporaryDirectory(prefix="sentigrade-bench-") as folder:
                lines, figures = _PARTS[part](sentences, Path(folder), share)
            print(*lines, sep="\n")
            _write(f"{part}.json", {**figures, "environment": environment()})
    except BenchError as error:
        sys.exit(f"endurance: {error}")


def _write(name: str, figures: dict[str, object]) -> None:
    _LATEST.mkdir(exist_ok=True)
    (_LATEST / name).write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")


def _stop(*_: object) -> NoReturn:
    # A plain SIGTERM would end us without stopping what we started.
    sys.exit("endurance: stopped")


main()
