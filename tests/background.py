"""What a test lets go on in the background while it does something else."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self

from tests.live import wait_until


class Background(ABC):
    """Works in a thread of its own inside the block; what goes wrong there is raised after it, or by `wait_for`."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._thread.join()
        self.require_no_error()

    @abstractmethod
    def work(self) -> None:
        """Do what there is to do until the block has ended."""

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition that this work brings about; what goes wrong in it ends the wait."""
        wait_until(lambda: condition() or self._error is not None, what)
        self.require_no_error()

    def require_no_error(self) -> None:
        """Raise what has gone wrong so far."""
        if self._error:
            raise self._error

    def _run(self) -> None:
        try:
            self.work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must see it
            self._error = error


class Repeated(Background):
    """Does something again and again."""

    def __init__(self, action: Callable[[], object], period: float = 0) -> None:
        """Wait for `period` seconds before each time."""
        super().__init__()
        self._action = action
        self._period = period

    def work(self) -> None:
        while not self.ended.wait(self._period):
            self._action()
