"""What the peers' bench found: as a table for people, as JSON for programs."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import NamedTuple

from bench.contenders import BARE, OURS
from bench.throughput import Throughputs


class Results(NamedTuple):
    """What was measured, by contender: the rounds under load, seconds to ready, bytes of memory; and the versions."""

    throughput: Throughputs
    ready: Mapping[str, Sequence[float]]
    memory: Mapping[str, int]
    versions: Mapping[str, str]


def summary(results: Results) -> dict[str, object]:
    """Return the figures and where they were measured, for peers.json."""
    return {
        "contenders": {name: _figures(results, name) for name in results.throughput.rounds},
        "environment": {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
            "versions": dict(results.versions),
        },
    }


def table(results: Results) -> str:
    """Return the figures as text."""
    return "\n".join(
        (
            "One text over HTTP, one worker each: medians, and what the rounds spread over",
            f"  {'':16}{'requests/s':>11}{'of bare':>20}{'of ours':>20}{'CPU us/request':>16}{'ready s':>9}{'MB':>6}",
            *_rows(results),
        )
    )


def _rows(results: Results) -> Iterator[str]:
    throughput = results.throughput
    for name in throughput.rounds:
        label = f"{name} {results.versions.get(name, '')}"
        yield (
            f"  {label:16}{throughput.requests_per_second(name):>11.0f}"
            f"{_spread(throughput.ratios(name, BARE)):>20}{_spread(throughput.ratios(name, OURS)):>20}"
            f"{throughput.cpu_us(name):>16.0f}{median(results.ready[name]):>9.2f}{results.memory[name] / 1e6:>6.0f}"
        )


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def _figures(results: Results, name: str) -> dict[str, object]:
    throughput = results.throughput
    return {
        "requests_per_second": [round(row.requests_per_second) for row in throughput.rounds[name]],
        "ratio_to_bare": round(median(throughput.ratios(name, BARE)), 3),
        "ratio_to_ours": round(median(throughput.ratios(name, OURS)), 3),
        "cpu_us": round(throughput.cpu_us(name), 1),
        "ready_seconds": round(median(results.ready[name]), 2),
        "memory_mb": round(results.memory[name] / 1e6, 1),
    }
