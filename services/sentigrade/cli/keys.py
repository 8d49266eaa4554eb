"""Commands that say who may call."""

from pathlib import Path

import click

_file = click.argument("file", type=click.Path(readable=False, path_type=Path))
_name = click.argument("name")


@click.group()
def key() -> None:
    """Make API keys; SENTIGRADE_API_KEYS names the file with their hashes.

    A running service follows the file.
    """


@key.command()
@_file
@_name
def add(file: Path, name: str) -> None:
    """Make a key, print it, and add its hash to FILE as NAME. It is not shown again."""
    from sentigrade.api_keys import add_key

    click.echo(add_key(file, name))


@key.command()
@_file
@_name
def remove(file: Path, name: str) -> None:
    """Take the key NAME out of FILE: it no longer counts."""
    from sentigrade.api_keys import remove_key

    remove_key(file, name)


@key.command(name="list")
@_file
def show(file: Path) -> None:
    """Print the names of the keys in FILE."""
    from sentigrade.api_keys import read_keys

    click.echo("\n".join(read_keys(file)))


COMMANDS = (key,)
