"""The command that parts a labelled file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentigrade.cli.options import column_options, seed_option, several_option

if TYPE_CHECKING:
    from sentigrade.data.labelled_file import Columns


@click.command()
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.2,
    show_default=True,
    help="How much of it is for the test.",
)
@seed_option
@column_options
@several_option
def split(data: Path, output: Path, share: float, seed: int, columns: "Columns", several: bool) -> None:  # noqa: PLR0913, PLR0917 - click passes every option
    """Part the labelled file DATA into NAME.train.jsonl and NAME.test.jsonl, a text and its labels a line.

    Texts that differ only in case, spacing and punctuation come on the same side, and each label on both.
    """
    from sentigrade.evaluation.splitting import split_file

    done = split_file(data, columns._replace(several=several), output, share=share, seed=seed)
    click.echo(f"{data.name}: {done.train_rows + done.test_rows:,} rows, {done.repeats:,} of them repeats")
    click.echo(f"{done.train}: {done.train_rows:,} rows")
    click.echo(f"{done.test}: {done.test_rows:,} rows")


COMMANDS = (split,)
