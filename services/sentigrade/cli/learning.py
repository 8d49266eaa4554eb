"""Commands that make models and look for better ones."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from click.core import ParameterSource

from sentigrade.cli.options import (
    column_options,
    license_option,
    listed,
    model_name_option,
    publish_in_option,
    recipe_data_option,
    seed_option,
    several_option,
    warn,
)
from sentigrade.cli.storing import say_published
from sentigrade.errors import SettingError

if TYPE_CHECKING:
    from sentigrade.data.labelled_file import Columns
    from sentigrade.data.sources import Source
    from sentigrade.training.train import Recipe


@click.command()
@click.argument("what", type=click.Path(exists=True, path_type=Path))
@publish_in_option
@recipe_data_option
@click.option(
    "--checkpoints",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of this training's own, from which it goes on if it is killed: family transformer.",
)
@model_name_option
@click.option(
    "--family", default="linear", show_default=True, help="linear, fasttext, embedding, transformer; docs/training.md."
)
@column_options
@several_option
@click.option("--ordered", default="", help="Labels from worst to best, comma-separated, if they are grades.")
@license_option
@seed_option
def train(  # noqa: PLR0913 - click passes every option
    *,
    what: Path,
    store: str,
    data: Path | None,
    checkpoints: Path | None,
    name: str,
    family: str,
    columns: "Columns",
    several: bool,
    ordered: str,
    license_: str,
    seed: int,
) -> None:
    """Train a model as WHAT says and publish it in the store.

    WHAT is a recipe (.toml, docs/training.md), which leaves only --store, --data and --checkpoints open. Or it is the
    data alone: a folder with the Stanford Sentiment Treebank (its Penn trees, or tables of them), a .csv, .tsv or
    .jsonl file with a column of texts and one of labels, or a .txt file of fastText: __label__good A fine film.
    """
    from sentigrade.store.reference import parse_name
    from sentigrade.training.recipe_file import SUFFIX, Data, RecipeFile, follow, read_recipe, with_checkpoints

    if what.suffix == SUFFIX:
        refuse_options({"what", "store", "data", "checkpoints"})
        file, folder = read_recipe(what), data or what.parent
    else:
        files = Data.of(what.absolute().name, columns._replace(several=several), ordered=listed(ordered))
        # What options say is a recipe too.
        file = RecipeFile(name=parse_name(name), data=files, family=family, license=license_, seed=seed)
        folder = what.absolute().parent
    if checkpoints:
        file = with_checkpoints(file, checkpoints)
    recipe, source = follow(file, folder)
    warn(source.warnings())
    train_and_publish(recipe, source, store)
    if checkpoints:
        from sentigrade.training.checkpoint import remove_checkpoints

        remove_checkpoints(checkpoints)


def train_and_publish(recipe: "Recipe", source: "Source", store: str) -> None:
    """Train a model, publish it and say so."""
    from sentigrade.sagemaker.folders import temporary_folder, writing
    from sentigrade.store.opening import open_store
    from sentigrade.store.publishing import publish
    from sentigrade.training.train import train as train_model

    objects = open_store(store, create=True)  # an unusable store is found out before the work
    with temporary_folder() as made, writing(Path(made)):
        manifest = train_model(recipe, source.examples, source.held_out, Path(made))
        publication = publish(objects, Path(made))
    click.echo(msgspec.json.format(msgspec.json.encode(manifest.metrics), indent=2))
    say_published(publication, objects.address)


def refuse_options(allowed: set[str]) -> None:
    """Raise SettingError for an option that says what a recipe has to say: any but the allowed ones."""
    context = click.get_current_context()
    given = {name for name in context.params if context.get_parameter_source(name) is not ParameterSource.DEFAULT}
    for option in context.command.params:
        if option.name in given - allowed:
            raise SettingError(f"{option.opts[0]} goes with data alone: write it into the recipe")


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@seed_option
def protocols(data: Path, seed: int) -> None:
    """Show, as a Markdown table, how much a random split of the phrases of the treebank in DATA flatters."""
    from sentigrade.data.sources import read_treebank
    from sentigrade.training.protocols import as_table, compare_protocols

    source = read_treebank(data)
    for line in as_table(compare_protocols(source.labels, source.examples, seed=seed)):
        click.echo(line)


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("what", type=click.Choice(["cleaning", "parameters", "pipeline"]))
@click.option("--pipeline", default="en_core_web_sm", show_default=True, help="Installed spaCy pipeline to try.")
@seed_option
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
