"""Commands that say how good models are."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentigrade.cli.options import column_options, settings_with, store_option, warn

if TYPE_CHECKING:
    from sentigrade.data.labelled_file import Columns

_labelled_file = click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_output = click.option(
    "--output", type=click.Path(path_type=Path), default=Path("build/evaluation"), show_default=True, help="Folder."
)


@click.command()
@click.argument("reference")
@_labelled_file
@store_option
@column_options
@_output
def evaluate(reference: str, data: Path, store: str, columns: "Columns", output: Path) -> None:
    """Measure the model REFERENCE (name, name@version or a folder) on the labelled file DATA.

    DATA is a .csv, .tsv or .jsonl file, or a .txt file of fastText, whose labels are names, ids or levels of the model,
    or the dev or test part in a folder with the Stanford Sentiment Treebank. Metrics, plots and a model card go to the
    folder --output.
    """
    from sentigrade.data.sources import read_to_measure
    from sentigrade.scorer import Scorer
    from sentigrade.store.finding import open_model
    from sentigrade.store.progress import bar

    settings = settings_with(store)
    model = open_model(reference, settings, bar)
    examples = read_to_measure(data, columns, model.manifest.labels)
    # What measures takes a second to import: nobody waits for it to be told what is wrong with a file.
    from sentigrade.evaluation.evaluate import evaluate as evaluate_model
    from sentigrade.evaluation.report import TEXT_FILE, write_report

    scorer = Scorer(model, max_characters=settings.max_characters).prepare()
    scorer.start()
    evaluation = evaluate_model(scorer, examples)
    write_report(evaluation, output)
    warn(evaluation.warnings())
    click.echo((output / TEXT_FILE).read_text(encoding="utf-8"))
    click.echo(f"The report is in {output}.")


@click.command()
@_labelled_file
@click.argument("references", nargs=-1, required=True)
@store_option
@column_options
@_output
def compare(data: Path, references: tuple[str, ...], store: str, columns: "Columns", output: Path) -> None:
    """Compare the models REFERENCES on the labelled file DATA: quality, speed, size and memory."""
    from functools import partial

    from sentigrade.data.sources import read_to_measure
    from sentigrade.evaluation.comparison import as_table
    from sentigrade.evaluation.comparison import compare as compare_models
    from sentigrade.evaluation.report import write_comparison
    from sentigrade.store.finding import open_model

    settings = settings_with(store)
    read = partial(read_to_measure, data, columns)
    open_by_reference = partial(open_model, settings=settings)
    rows = list(compare_models(references, open_by_reference, read, max_characters=settings.max_characters))
    write_comparison(rows, output)
    for row in rows:
        warn(f"{row.model}: {warning}" for warning in row.warnings)
    click.echo("\n".join(as_table(rows)))
    click.echo(f"The comparison is in {output}.")


COMMANDS = (evaluate, compare)
