"""The command line: one door among others, and the way to start them."""

import os
import sys

import click

from sentigrade.cli import learning, measuring, serving, storing
from sentigrade.errors import SentigradeError, StoreUnreachable


@click.group()
@click.version_option(package_name="sentigrade")
def cli() -> None:
    """Turn text into graded labels."""


for module in (serving, storing, learning, measuring):
    for command in module.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run the command line; an expected error is one line on standard error and exit status 1.

    The status is 75 when nothing is wrong but the store could not be reached: trying again later may help.
    """
    try:
        cli()
    except SentigradeError as error:
        click.echo(f"sentigrade: {error}", err=True)
        sys.exit(os.EX_TEMPFAIL if isinstance(error, StoreUnreachable) else 1)
