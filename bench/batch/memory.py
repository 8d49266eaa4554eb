"""The memory that a command takes at its peak, with all processes that it starts."""

from bench.batch.commands import Command, scored
from bench.batch.tables import Table
from bench.peers.process_tree import process_tree
from bench.processes import proportional_bytes


def peak_bytes(command: Command, table: Table) -> int:
    """Return the most memory seen while a command scores a table, a page that several processes share counted once."""
    seen = [0]
    with scored(command, table, lambda pid: seen.append(sum(map(_bytes, _processes(pid))))):
        return max(seen)


def _processes(pid: int) -> tuple[int, ...]:
    """Return a process and all that descend from it, none when one of them ends while they are looked for."""
    try:
        return process_tree(pid)
    except (FileNotFoundError, ProcessLookupError):
        return ()


def _bytes(pid: int) -> int:
    """Return the memory of a process, nothing of one that has ended."""
    try:
        return proportional_bytes(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0
