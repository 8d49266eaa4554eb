"""All processes of a server: peers spread over several, some of which open sessions of their own."""

from itertools import chain
from pathlib import Path


def process_tree(pid: int) -> tuple[int, ...]:
    """Return a process and everything that descends from it."""
    children = " ".join(file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")).split()
    return (pid, *chain.from_iterable(process_tree(int(child)) for child in children))
