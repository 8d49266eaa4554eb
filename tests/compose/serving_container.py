"""The image as SageMaker starts it to answer: `serve`."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from uuid import uuid4

from tests.compose.conftest import Project
from tests.live import wait_until


class ServingContainer(ABC):
    """One that runs."""

    def __init__(self, project: Project, name: str) -> None:
        self._project = project
        self._name = name

    @classmethod
    @contextmanager
    def serving(cls, project: Project, image: str, *options: str) -> Iterator[Self]:
        """Run one with these options of Docker's, ready inside the block."""
        name = f"{project.name}-{uuid4().hex[:8]}"
        try:
            project.docker("run", "--detach", "--name", name, *options, image, "serve")
            container = cls(project, name)
            wait_until(container.is_ready, "an answer to a ping")
            yield container
        finally:
            project.docker("rm", "--force", "--volumes", name, check=False)

    @property
    def log(self) -> str:
        """What it has written to standard output."""
        return self._project.docker("logs", self._name).stdout

    @property
    def state(self) -> Any:  # noqa: ANN401 - Docker's JSON
        return json.loads(self._project.docker("inspect", self._name).stdout)[0]["State"]

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers a ping; AssertionError with its log when it has ended."""

    def stop(self) -> float:
        """Stop it as SageMaker does, and return the seconds that it took."""
        begun = time.monotonic()
        self._project.docker("stop", "--time", "30", self._name)
        return time.monotonic() - begun
