"""What a command has made on AWS, and how it is taken back when the whole does not come about."""

from collections.abc import Callable
from typing import NamedTuple

from sentigrade.errors import SentigradeError


class Step(NamedTuple):
    """Something that is to go: what takes it away here, and the command that does the same by hand."""

    undo: Callable[[], object]
    command: str


class Left(NamedTuple):
    """What could not be taken away: why, and the commands that do it by hand, in their order."""

    reason: str
    commands: tuple[str, ...]

    def __str__(self) -> str:
        return "\n  ".join([f"{self.reason}; what is left goes with", *self.commands]) if self.commands else self.reason


def undo(steps: list[Step]) -> Left | None:
    """Undo steps, the last first; returns what is left.

    What was made earlier may be in use by what was made later: so nothing is tried beyond the first failure.
    """
    remaining = list(steps)
    while remaining:
        try:
            remaining[-1].undo()
        except SentigradeError as error:
            return Left(str(error), tuple(step.command for step in reversed(remaining)))
        remaining.pop()
    return None
