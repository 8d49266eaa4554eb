"""The command line: one door among others, and the way to start them."""

import gc
import io
import os
import sys
from collections.abc import Iterator
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
@click.option("--model", default=_DEFAULTS.models, show_default=True, help="name or name@version.")
@click.option("--scores", is_flag=True, help="Add the decision values.")
@click.argument("texts", nargs=-1)
def predict(store: str, model: str, scores: bool, texts: tuple[str, ...]) -> None:
    """Answer TEXTS, or the lines of standard input, with a line of JSON each."""
    from sentigrade.scorer import Answer, Scorer
    from sentigrade.store.local import LocalStore
    from sentigrade.store.reference import parse_reference

    loaded = LocalStore(Path(store)).load(parse_reference(model))
    scorer = Scorer(loaded, max_characters=_DEFAULTS.max_characters)
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
    from sentigrade.data.sources import read_file, read_treebank
    from sentigrade.store.local import LocalStore
    from sentigrade.training.train import Recipe
    from sentigrade.training.train import train as train_model

    if data.is_dir():
        source = read_treebank(data)
    else:
        source = read_file(data, text_column, label_column, ordered.split(",") if ordered else [])
    recipe = Recipe(name=name, version=version, labels=source.labels, license=source.license or license_, seed=seed)
    manifest = train_model(recipe, source.examples, source.held_out, store / name / str(version))
    LocalStore(store).promote(name, version)
    click.echo(msgspec.json.format(msgspec.json.encode(manifest.metrics), indent=2))


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
    for line in searching.as_table(searching.compare(read_treebank(data).examples, candidates, seed=seed)):
        click.echo(line)


def main() -> None:
    """Run the command line; an expected error is one line on standard error and exit status 1."""
    try:
        cli()
    except SentigradeError as error:
        click.echo(f"sentigrade: {error}", err=True)
        sys.exit(1)
