"""`python -m bench.function`, from the root of the repository: the function as Lambda runs it, measured and printed.

What runs is the real awslambdaric, on one core; the Runtime API is the tests' own, on this host's loopback.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

from bench.errors import BenchError
from bench.processes import cpu_seconds
from bench.sentences import make_sentences
from tests.lambda_runtime import Function, function, request_event

STARTS = 10
TEXTS = 1000
# Not counted: what a process does once.
_WARM_UP = 100

_MB = 1024 * 1024


class Start(NamedTuple):
    """From a new process to its first answer: seconds that passed, and seconds of processor time."""

    wall: float
    cpu: float


class Warm(NamedTuple):
    """From giving an event to having its answer: milliseconds of each, mean processor time in us, most memory in MB."""

    milliseconds: Sequence[float]
    cpu_us: float
    memory_mb: float


def main() -> None:
    """Measure and print; what keeps it from measuring is one line on standard error and exit status 1."""
    sentences = make_sentences()
    try:
        with tempfile.TemporaryDirectory(prefix="sentigrade-bench-") as folder:
            starts = [_start(Path(folder), sentences[number]) for number in range(STARTS)]
            warm = _warm(Path(folder), sentences[: _WARM_UP + TEXTS])
    except BenchError as error:
        sys.exit(f"bench: {error}")
    print(table(starts, warm))


def table(starts: Sequence[Start], warm: Warm) -> str:
    """Return the figures as text."""
    centiles = quantiles(warm.milliseconds, n=100)
    lines = [f"A function on one core; {len(starts)} cold starts, median and slowest"]
    for name, seconds in zip(("to the first answer", "its processor time"), zip(*starts, strict=True), strict=True):
        lines.append(f"  {name:22}{median(seconds):>8.2f} s{max(seconds):>8.2f} s")
    lines += [
        f"{len(warm.milliseconds):,} distinct sentences one after the other, from the event to the answer",
        *(f"  p{percent:<21}{centiles[percent - 1]:>8.2f} ms" for percent in (50, 99)),
        f"  {'processor time, mean':22}{warm.cpu_us / 1000:>8.2f} ms",
        f"  {'most memory':22}{warm.memory_mb:>8.0f} MB",
    ]
    return "\n".join(lines)


def _start(folder: Path, sentence: str) -> Start:
    started = perf_counter()
    with function(folder) as running:
        _keep_to_one_core(running)
        _ask(running, sentence)
        return Start(perf_counter() - started, cpu_seconds(running.process.pid))


def _warm(folder: Path, sentences: Sequence[str]) -> Warm:
    with function(folder) as running:
        _keep_to_one_core(running)
        for sentence in sentences[:_WARM_UP]:
            _ask(running, sentence)
        before = cpu_seconds(running.process.pid)
        milliseconds = [_ask(running, sentence) for sentence in sentences[_WARM_UP:]]
        cpu = cpu_seconds(running.process.pid) - before
        return Warm(milliseconds, cpu / len(milliseconds) * 1e6, _most_memory(running) / _MB)


def _ask(running: Function, sentence: str) -> float:
    """Return the milliseconds that an answer takes; raises BenchError for anything but an answer."""
    event = request_event("POST", "/v1/predict", {"mytext": sentence})
    started = perf_counter()
    outcome = running.invoke(event)
    milliseconds = (perf_counter() - started) * 1000
    if outcome.kind != "response" or outcome.said["statusCode"] != 200:
        raise BenchError(f"a request failed: {outcome.said}")
    return milliseconds


def _keep_to_one_core(running: Function) -> None:
    """As 1,769 MB of Lambda's memory are one."""
    os.sched_setaffinity(running.process.pid, {min(os.sched_getaffinity(0))})


def _most_memory(running: Function) -> int:
    lines = Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
    (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(peak) * 1024


if __name__ == "__main__":
    main()
