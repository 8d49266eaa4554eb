"""Options that several commands share."""

import os
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
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


_COLUMN_OPTIONS = (
    click.option("--text-column", default="text", show_default=True),
    click.option("--label-column", default="label", show_default=True),
    click.option("--separator", default="", help="What parts several labels in that column, such as the | in `a|b`."),
    click.option(
        "--flags", default="", help="In place of that column: columns of 0 and 1, comma-separated, one a label."
    ),
)
seed_option = click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True)
several_option = click.option("--several", is_flag=True, help="Any number of labels may apply to a text, none too.")

# Of the commands that make a model: no setting stands for their --store.
publish_in_option = click.option("--store", required=True, help="Folder or s3://bucket/prefix to publish the model in.")
recipe_data_option = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder at which the paths of a recipe start.  [default: the recipe's]",
)
license_option = click.option(
    "--license", "license_", default="unknown", help="Terms of the data, noted in the manifest."
)
# Of the commands that take over what others have trained.
labels_option = click.option(
    "--labels", default="", help="Display names of its labels, in sorted order, comma-separated."
)
ordered_option = click.option("--ordered", is_flag=True, help="The labels are levels, from worst to best.")
model_name_option = click.option("--name", default="sentiment", show_default=True, help="Name of the model.")


def listed(names: str) -> tuple[str, ...]:
    """Return comma-separated names, without the spaces around them."""
    return tuple(name.strip() for name in names.split(",")) if names else ()


def column_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where a labelled file has texts and labels; the command takes them as `columns`."""

    @wraps(command)
    def with_columns(*, text_column: str, label_column: str, separator: str, flags: str, **others: Any) -> None:  # noqa: ANN401 - the command's own
        from sentigrade.data.labelled_file import Columns

        command(columns=Columns(text_column, label_column, separator, listed(flags)), **others)

    for option in reversed(_COLUMN_OPTIONS):
        with_columns = option(with_columns)
    return with_columns


def warn(warnings: Iterable[str]) -> None:
    """Say warnings on standard error, a line each."""
    for warning in warnings:
        click.echo(f"sentigrade: warning: {warning}", err=True)


def settings_with(store: str) -> Settings:
    """Return the settings of the environment with another store."""
    return msgspec.structs.replace(Settings.from_environ(os.environ), store=store)
