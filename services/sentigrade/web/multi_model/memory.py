"""How much memory a model takes, and how much is free, as far as the kernel and the container's limits say."""

from collections.abc import Iterator
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import NamedTuple

from sentigrade.errors import NoMemory

# Measured in a forked worker, unshared, for vocabularies of 1,000 to 200,000 terms: 18 MiB for a file of 27 kB, 24 for
# the default model's 0.8 MB, 96 for 4.9 MB. It includes what the worker had shared until then.
_TIMES_FILE = 16
_BESIDES = 16 * 1024 * 1024

_MIB = 1024 * 1024


class _Accounting(NamedTuple):
    """How a version of control groups tells what a group may take, has taken, and could give back at once."""

    folder: str
    limit: str
    usage: str
    cached: str


_V1 = _Accounting("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_V2 = _Accounting("", "memory.max", "memory.current", "inactive_file")


def require_memory(model_bytes: int, workers: int, root: Path = Path("/")) -> None:
    """Raise NoMemory unless every worker can hold a copy of a model whose file has `model_bytes`.

    `root` is the folder in which /proc and /sys lie.
    """
    needed = workers * (_TIMES_FILE * model_bytes + _BESIDES)
    free = free_memory(root)
    if needed > free:
        raise NoMemory(
            f"This model would take about {needed // _MIB:,} MiB in all workers together, and {free // _MIB:,} MiB are "
            "free; unload another model first."
        )


def free_memory(root: Path = Path("/")) -> int:
    """Return how many bytes the service may still take: of the machine, and of each control group that it is in."""
    available = _fields(root / "proc/meminfo")["MemAvailable:"] * 1024
    return max(0, int(min([available, *_left_in_groups(root)])))


def _left_in_groups(root: Path) -> Iterator[float]:
    """Yield what is left in each group that this process is in, and in those around it."""
    for line in (root / "proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        accounting = _V1 if controllers else _V2
        group = Path(path.lstrip("/"))
        # Inside a container this may be the path outside of it: then the top of what is mounted is its group.
        for part in (group, *group.parents):
            with suppress(OSError):  # not every group has a limit
                yield _left(root / "sys/fs/cgroup" / accounting.folder / part, accounting)


def _left(folder: Path, accounting: _Accounting) -> float:
    limit = (folder / accounting.limit).read_text().strip()
    usage = int((folder / accounting.usage).read_text())
    # Copies of files count as used, and are given up for the asking.
    cached = _fields(folder / "memory.stat")[accounting.cached]
    return inf if limit == "max" else int(limit) - usage + cached


def _fields(file: Path) -> dict[str, int]:
    """Return the numbers of a file of lines such as `MemFree: 12 kB`, by the first word."""
    words = (line.split() for line in file.read_text().splitlines())
    return {name: int(number) for name, number, *_ in words}
