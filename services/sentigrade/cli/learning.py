"""Commands that make models and look for better ones."""

import tempfile
from pathlib import Path

import click
import msgspec

from sentigrade.cli.storing import say_published


@click.command()
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--store", required=True, help="Folder or s3://bucket/prefix to publish the model in.")
@click.option("--name", default="sentiment", show_default=True, help="Name of the model.")
@click.option("--text-column", default="text", show_default=True)
@click.option("--label-column", default="label", show_default=True)
@click.option("--ordered", default="", help="Labels from worst to best, comma-separated, if they are grades.")
@click.option("--license", "license_", default="unknown", help="Terms of the data, noted in the manifest.")
@click.option("--seed", default=42, show_default=True)
def train(  # noqa: PLR0913, PLR0917 - click passes every option
    data: Path,
    store: str,
    name: str,
    text_column: str,
    label_column: str,
    ordered: str,
    license_: str,
    seed: int,
) -> None:
    """Train a linear model on DATA and publish it in the store.

    DATA is a folder with the Stanford Sentiment Treebank (its Penn trees, or tables of them), a .csv, .tsv or .jsonl
    file with a column of texts and one of labels, or a .txt file of fastText: __label__good A fine film.
    """
    from sentigrade.data.labelled_file import Columns
    from sentigrade.data.sources import read_files, read_treebank
    from sentigrade.store.opening import open_store
    from sentigrade.store.publishing import publish
    from sentigrade.store.reference import parse_name
    from sentigrade.training.train import Recipe
    from sentigrade.training.train import train as train_model

    if data.is_dir():
        source = read_treebank(data)
    else:
        columns = Columns(text_column, label_column)
        source = read_files([data], columns, ordered.split(",") if ordered else [], name=data.name)
    objects = open_store(store, create=True)  # an unusable store is found out before the work
    recipe = Recipe.of(source, name=parse_name(name), license=license_, seed=seed)
    with tempfile.TemporaryDirectory(prefix="sentigrade-") as folder:
        manifest = train_model(recipe, source.examples, source.held_out, Path(folder))
        publication = publish(objects, Path(folder))
    click.echo(msgspec.json.format(msgspec.json.encode(manifest.metrics), indent=2))
    say_published(publication, objects.address)


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", default=42, show_default=True)
def protocols(data: Path, seed: int) -> None:
    """Show, as a Markdown table, how much a random split of the phrases of the treebank in DATA flatters."""
    from sentigrade.data.sources import read_treebank
    from sentigrade.training.protocols import as_table, compare_protocols

    for line in as_table(compare_protocols(read_treebank(data).examples, seed=seed)):
        click.echo(line)


@click.command()
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


COMMANDS = (train, protocols, search)
