"""Options that several commands share."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from sentigrade.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def store_option(command: _Command) -> _Command:
    """Add `--store`, which stands for SENTIGRADE_STORE."""
    return click.option(
        "--store",
        envvar="SENTIGRADE_STORE",
        default=Settings().store,
        show_default=True,
        show_envvar=True,
        help="Folder with models, or s3://bucket/prefix.",
    )(command)


def settings_with(store: str) -> Settings:
    """Return the settings of the environment with another store."""
    return msgspec.structs.replace(Settings.from_environ(os.environ), store=store)
