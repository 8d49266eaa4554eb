"""The command that makes a small model with the help of a larger one."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentigrade.cli.learning import refuse_options, train_and_publish
from sentigrade.cli.options import (
    model_name_option,
    publish_in_option,
    recipe_data_option,
    seed_option,
    settings_with,
    warn,
)
from sentigrade.errors import SettingError

if TYPE_CHECKING:
    from sentigrade.training.distilling import DistillFile
    from sentigrade.training.teaching import Teacher


@click.command()
@click.argument("what", type=click.Path(exists=True, path_type=Path))
@publish_in_option
@click.option("--teacher", default="", help="Model that labels the texts: name, name@version or a folder.")
@click.option("--teacher-store", default="", help="Where the teacher is.  [default: --store]")
@click.option(
    "--labelled",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File (.jsonl.gz) that remembers what the teacher said, for a run that was killed and for other settings.",
)
@click.option(
    "--keep-aside",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File (.jsonl) for the texts that are never used, as they were read.",
)
@recipe_data_option
@click.option(
    "--unlabelled",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with texts to label, may be given several times.",
)
@model_name_option
@seed_option
def distill(  # noqa: PLR0913 - click passes every option
    *,
    what: Path,
    store: str,
    teacher: str,
    teacher_store: str,
    labelled: Path | None,
    keep_aside: Path | None,
    data: Path | None,
    unlabelled: tuple[Path, ...],
    name: str,
    seed: int,
) -> None:
    """Train a small model on labelled texts and on others that a teacher, a larger model, labels; publish it.

    WHAT is a recipe (.toml, docs/distilling.md) with a table `distill`, which leaves only --store, --data and the
    options about the teacher, --labelled and --keep-aside open. Or it is the folder with the Stanford Sentiment
    Treebank; then --unlabelled names the files with texts.
    """
    from sentigrade.store.opening import open_store
    from sentigrade.training.distilling import distilled, follow_distilling, gather

    file = _recipe(what, unlabelled, name, seed)
    folder = (data if what.is_file() else None) or what.absolute().parent
    if keep_aside and not file.distill.kept_aside:
        raise SettingError("--keep-aside has nothing to write: give a share, kept_aside, in the recipe's table distill")
    recipe, source = follow_distilling(file, folder)
    warn(source.warnings())
    model = _teacher(teacher or file.distill.teacher, teacher_store or store)
    model.require_labels(recipe.labels)
    open_store(store, create=True)  # an unusable store is found out before the work
    found = gather(file.distill, source, folder, seed=file.seed)
    if keep_aside:
        from sentigrade.data.unlabelled import write_aside

        write_aside(found.aside, keep_aside)
    train_and_publish(distilled(recipe, file.distill, found, model, labelled), source, store)


def _recipe(what: Path, unlabelled: tuple[Path, ...], name: str, seed: int) -> "DistillFile":
    from sentigrade.store.reference import parse_name
    from sentigrade.training.distilling import DistillFile, Distilling
    from sentigrade.training.recipe_file import SUFFIX, Data, read_recipe_as

    if what.suffix == SUFFIX:
        refuse_options({"what", "store", "data", "teacher", "teacher_store", "labelled", "keep_aside"})
        return read_recipe_as(DistillFile, what)
    if not unlabelled:
        raise SettingError("give --unlabelled, a file with texts for the teacher to label")
    distilling = Distilling(unlabelled=tuple(str(file.absolute()) for file in unlabelled))
    return DistillFile(name=parse_name(name), data=Data(train=what.absolute().name), seed=seed, distill=distilling)


def _teacher(reference: str | None, store: str) -> "Teacher":
    from sentigrade.store.finding import open_model
    from sentigrade.store.progress import bar
    from sentigrade.training.teaching import Teacher

    if not reference:
        raise SettingError("give --teacher, the model that labels the texts, or teacher in the recipe's table distill")
    settings = settings_with(store)
    return Teacher.of(open_model(reference, settings, bar), max_characters=settings.max_characters)


COMMANDS = (distill,)
