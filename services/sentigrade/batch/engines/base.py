"""What an engine does: it has chunks scored, somewhere, in any order."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from sentigrade.batch.job import Place
from sentigrade.batch.tally import Done


class Engine(Protocol):
    """Scores chunks side by side."""

    def run(self, places: Sequence[Place]) -> Iterator[Done]:
        """Give what came of each chunk as soon as it is done; whoever asks no more ends it.

        Raises what scoring raises, and JobInterrupted when what scores has died.
        """
        ...
