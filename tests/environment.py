"""The environment of the process that tests run in."""

from collections.abc import Mapping

import pytest


def set_variables(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """Set environment variables for as long as a test runs."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
