"""The command line: one door among others, and the way to start them."""

import gc
import io
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec

from sentigrade.errors import SentigradeError
from sentigrade.settings import Settings

_DEFAULTS = Settings()


@click.group()
@click.version_option(package_name="sentigrade")
def cli() -> None:
    """Turn text into graded labels."""


@cli.command()
def serve() -> None:
    """Serve with gunicorn, as the SENTIGRADE_ settings say."""
    # While everything is being loaded nothing is garbage, and looking for it takes a tenth of the time to start.
    gc.disable()
    from sentigrade.web.server import serve as serve_app

    serve_app(Settings.from_environ(os.environ))


@cli.command()
@click.option("--nginx-folder", type=click.Path(path_type=Path), default=Path("nginx"), show_default=True)
@click.option("--state-folder", type=click.Path(path_type=Path), default=Path(".run"), show_default=True)
def run(nginx_folder: Path, state_folder: Path) -> None:
    """Serve behind a real nginx on this host, without Docker or root."""
    from sentigrade.local_stack import run_local_stack

    run_local_stack(Settings.from_environ(os.environ), nginx_folder=nginx_folder, state_folder=state_folder)


@cli.command()
@click.option("--store", default=_DEFAULTS.store, show_default=True, help="Folder with model folders.")
@click.option("--model", default=_DEFAULTS.models, show_default=True, help="name, name@version or a model folder.")
@click.option("--scores", is_flag=True, help="Add the decision values.")
@click.argument("texts", nargs=-1)
def predict(store: str, model: str, scores: bool, texts: tuple[str, ...]) -> None:
    """Answer TEXTS, or the lines of standard input, with a line of JSON each."""
    from sentigrade.scorer import Answer, Scorer
    from sentigrade.store.opening import open_model

    scorer = Scorer(open_model(model, Path(store)), max_characters=_DEFAULTS.max_characters)
    rows = texts or _lines_of_standard_input()
    for row, text in enumerate(rows):
        (outcome,) = scorer.score([text], scores=scores)
        line = outcome if isinstance(outcome, Answer) else {"error": {**msgspec.structs.asdict(outcome), "row": row}}
        click.echo(msgspec.json.encode(line))


def _lines_of_standard_input() -> Iterator[str]:
    # Bytes that are no UTF-8 become surrogates, which the scorer rejects: one bad line does not end the others.
    for line in io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="surrogateescape"):
        yield line.rstrip("\n")


@cli.command()
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--store", type=click.Path(path_type=Path), required=True, help="Folder to write the model into.")
@click.option("--name", default="sentiment", show_default=True, help="Name of the model.")
@click.option("--version", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--text-column", default="text", show_default=True)
@click.option("--label-column", default="label", show_default=True)
@click.option("--ordered", default="", help="Labels from worst to best, comma-separated, if they are grades.")
@click.option("--license", "license_", default="unknown", help="Terms of the data, noted in the manifest.")
@click.option("--seed", default=42, show_default=True)
def train(  # noqa: PLR0913, PLR0917 - click passes every option
    data: Path,
    store: Path,
    name: str,
    version: int,
    text_column: str,
    label_column: str,
    ordered: str,
    license_: str,
    seed: int,
) -> None:
    """Train a linear model on DATA and promote it in the store.

    DATA is a folder with the Stanford Sentiment Treebank (its Penn trees, or tables of them), or a .csv, .tsv or
    .jsonl file with a column of texts and one of labels.
    """
    from sentigrade.data.labelled_file import Columns
    from sentigrade.data.sources import read_file, read_treebank
    from sentigrade.store.local import LocalStore
    from sentigrade.training.train import Recipe
    from sentigrade.training.train import train as train_model

    if data.is_dir():
        source = read_treebank(data)
    else:
        source = read_file(data, Columns(text_column, label_column), ordered.split(",") if ordered else [])
    recipe = Recipe(name=name, version=version, labels=source.labels, license=source.license or license_, seed=seed)
    manifest = train_model(recipe, source.examples, source.held_out, store / name / str(version))
    LocalStore(store).promote(name, version)
    click.echo(msgspec.json.format(msgspec.json.encode(manifest.metrics), indent=2))


_store = click.option(
    "--store", type=click.Path(path_type=Path), default=_DEFAULTS.store, show_default=True, help="Folder with models."
)
_labelled_file = click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_text_column = click.option("--text-column", default="text", show_default=True)
_label_column = click.option("--label-column", default="label", show_default=True)
_output = click.option(
    "--output", type=click.Path(path_type=Path), default=Path("build/evaluation"), show_default=True, help="Folder."
)


@cli.command()
@click.argument("reference")
@_labelled_file
@_store
@_text_column
@_label_column
@_output
def evaluate(  # noqa: PLR0913, PLR0917 - click passes every option
    reference: str, data: Path, store: Path, text_column: str, label_column: str, output: Path
) -> None:
    """Measure the model REFERENCE (name, name@version or a folder) on the labelled file DATA.

    DATA is a .csv, .tsv or .jsonl file whose labels are names, ids or levels of the model, or the dev or test part in
    a folder with the Stanford Sentiment Treebank. Metrics, plots and a model card go to the folder --output.
    """
    from sentigrade.data.labelled_file import Columns
    from sentigrade.data.sources import read_to_measure
    from sentigrade.evaluation.evaluate import evaluate as evaluate_model
    from sentigrade.evaluation.report import as_text, write_report
    from sentigrade.scorer import Scorer
    from sentigrade.store.opening import open_model

    model = open_model(reference, store)
    examples = read_to_measure(data, Columns(text_column, label_column), model.manifest.labels)
    scorer = Scorer(model, max_characters=_DEFAULTS.max_characters).prepare()
    scorer.start()
    evaluation = evaluate_model(scorer, examples)
    write_report(evaluation, output)
    _warn(evaluation.warnings())
    click.echo(as_text(evaluation.predictions))
    click.echo(f"The report is in {output}.")


@cli.command()
@_labelled_file
@click.argument("references", nargs=-1, required=True)
@_store
@_text_column
@_label_column
@_output
def compare(  # noqa: PLR0913, PLR0917 - click passes every option
    data: Path, references: tuple[str, ...], store: Path, text_column: str, label_column: str, output: Path
) -> None:
    """Compare the models REFERENCES on the labelled file DATA: quality, speed, size and memory."""
    from functools import partial

    from sentigrade.data.labelled_file import Columns
    from sentigrade.data.sources import read_to_measure
    from sentigrade.evaluation.comparison import as_table
    from sentigrade.evaluation.comparison import compare as compare_models
    from sentigrade.evaluation.report import write_comparison
    from sentigrade.store.opening import open_model

    read = partial(read_to_measure, data, Columns(text_column, label_column))
    rows = list(
        compare_models(references, partial(open_model, store=store), read, max_characters=_DEFAULTS.max_characters)
    )
    write_comparison(rows, output)
    for row in rows:
        _warn(f"{row.model}: {warning}" for warning in row.warnings)
    click.echo("\n".join(as_table(rows)))
    click.echo(f"The comparison is in {output}.")


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        click.echo(f"sentigrade: warning: {warning}", err=True)


@cli.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", default=42, show_default=True)
def protocols(data: Path, seed: int) -> None:
    """Show, as a Markdown table, how much a random split of the phrases of the treebank in DATA flatters."""
    from sentigrade.data.sources import read_treebank
    from sentigrade.training.protocols import as_table, compare_protocols

    for line in as_table(compare_protocols(read_treebank(data).examples, seed=seed)):
        click.echo(line)


@cli.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("what", type=click.Choice(["cleaning", "parameters", "pipeline"]))
@click.option("--pipeline", default="en_core_web_sm", show_default=True, help="Installed spaCy pipeline to try.")
@click.option("--seed", default=42, show_default=True)
def search(data: Path, what: str, pipeline: str, seed: int) -> None:
    """Compare settings by grouped cross-validation on the treebank in the folder DATA, as a Markdown table."""
    from sentigrade.data.sources import read_treebank
    from sentigrade.training import search as searching

    if what == "pipeline":
        candidates = searching.pipeline_candidates(pipeline)
    else:
        candidates = searching.cleaning_candidates() if what == "cleaning" else searching.parameter_candidates()
    for line in searching.as_table(searching.compare(read_treebank(data), candidates, seed=seed)):
        click.echo(line)


def main() -> None:
    """Run the command line; an expected error is one line on standard error and exit status 1."""
    try:
        cli()
    except SentigradeError as error:
        click.echo(f"sentigrade: {error}", err=True)
        sys.exit(1)
