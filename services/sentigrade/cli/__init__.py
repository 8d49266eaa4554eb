"""The command line: one door among others, and the way to start them."""

import os
import sys

import click

from sentigrade.cli import (
    batching,
    deploying,
    distilling,
    endpoints,
    keys,
    learning,
    measuring,
    sagemaker,
    serving,
    splitting,
    storing,
)
from sentigrade.errors import (
    AwsUnreachable,
    EndpointUnreachable,
    JobInterrupted,
    ModelFolderError,
    NoAnswers,
    SentigradeError,
    ServiceBusy,
    ServiceUnreachable,
    StoreUnreachable,
)


@click.group()
@click.version_option(package_name="sentigrade")
def cli() -> None:
    """Turn text into graded labels."""


_MODULES = (
    serving,
    batching,
    storing,
    endpoints,
    learning,
    distilling,
    measuring,
    splitting,
    keys,
    sagemaker,
    deploying,
)

for module in _MODULES:
    for command in module.COMMANDS:
        cli.add_command(command)


# Trying again later may help; the model itself is bad, and trying again will not.
_STATUS: dict[type[SentigradeError], int] = {
    StoreUnreachable: os.EX_TEMPFAIL,
    ServiceUnreachable: os.EX_TEMPFAIL,
    ServiceBusy: os.EX_TEMPFAIL,
    EndpointUnreachable: os.EX_TEMPFAIL,
    AwsUnreachable: os.EX_TEMPFAIL,
    JobInterrupted: os.EX_TEMPFAIL,
    ModelFolderError: os.EX_DATAERR,
    NoAnswers: os.EX_DATAERR,
}


def main() -> None:
    """Run the command line; an expected error is one line on standard error and a status from _STATUS, or 1."""
    try:
        cli()
    except SentigradeError as error:
        click.echo(f"sentigrade: {error}", err=True)
        sys.exit(_STATUS.get(type(error), 1))
