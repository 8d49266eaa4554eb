"""What each further worker costs: the memory that it shares with no other, after it has worked for a while."""

from pathlib import Path

from bench.contenders import OURS, serving
from bench.load import Load
from bench.processes import unshared_bytes

_WORKERS = 4
_SECONDS = 4


def measure_unshared(load: Load, folder: Path) -> list[float]:
    """Return the unshared memory of each of our workers, in MB, after thousands of sentences."""
    with serving(OURS, folder, workers=_WORKERS) as contender:
        load.send(contender, seconds=_SECONDS)
        return [unshared_bytes(worker) / 1e6 for worker in contender.workers]
