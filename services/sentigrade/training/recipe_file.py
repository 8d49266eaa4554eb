"""A recipe: a small TOML file that says what a model is made from, so that making it again is one command."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from sentigrade.data.labelled_file import Columns
from sentigrade.data.sources import Source, read_files, read_to_measure, read_treebank
from sentigrade.errors import SettingError
from sentigrade.manifest import AS_ONE_TEXT, MODEL_NAME, LongText
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.families import parameters_of
from sentigrade.training.thresholds import Wish
from sentigrade.training.train import Recipe

SUFFIX = ".toml"
UNKNOWN = "unknown"  # no terms are given
_CHECKPOINTS = "checkpoints"
# This one may be a name on a hub, too.
_ENCODER = "encoder"
# The parameters that are paths, in whatever family they occur.
_PATHS = ("vectors", _CHECKPOINTS, _ENCODER)
# The families whose training can be killed and goes on.
_RESUMABLE = ("transformer",)


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which files to learn from, and how to read them; the paths start at the recipe's folder.

    train        labelled files, read as one; or the folder of the Stanford Sentiment Treebank
    held_out     labelled files that are only measured
    text         the column of the texts
    label        the column of the labels
    separator    parts several labels in that column
    flags        in place of it, columns of 0 and 1, one for each label
    several      any number of labels applies to a text; separator and flags say so too
    names        display names, by what the files call the labels
    ordered      display names from worst to best, where labels are grades
    """

    train: str | tuple[str, ...]
    held_out: tuple[str, ...] = ()
    text: str = "text"
    label: str = "label"
    separator: str = ""
    flags: tuple[str, ...] = ()
    several: bool = False
    names: dict[str, str] = {}
    ordered: tuple[str, ...] = ()

    @classmethod
    def of(cls, file: str, columns: Columns, *, ordered: tuple[str, ...]) -> Self:
        """Return what one file or folder is to be learned from, read so."""
        text, label, separator, flags, several = columns
        return cls(
            train=file, text=text, label=label, separator=separator, flags=flags, several=several, ordered=ordered
        )

    @property
    def columns(self) -> Columns:
        """How to read the files."""
        return Columns(self.text, self.label, self.separator, self.flags, self.several)


class RecipeFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a recipe may say. `license` are the terms of the data; `parameters` are those of the family."""

    name: Annotated[str, Meta(pattern=MODEL_NAME)]
    data: Data
    family: str = "linear"
    license: str = UNKNOWN
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 42
    cleaning: CleaningProfile = CleaningProfile()
    long_text: LongText | None = None
    parameters: dict[str, Any] = {}
    thresholds: dict[str, Wish] = {}


_Form = TypeVar("_Form", bound=RecipeFile)


def read_recipe(path: Path) -> RecipeFile:
    """Read a recipe; raises SettingError, naming the culprit, for a file that is none."""
    return read_recipe_as(RecipeFile, path)


def read_recipe_as(form: type[_Form], path: Path) -> _Form:
    """Read a recipe that may say more, as `read_recipe` does."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), form)
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not TOML: {error}") from None
    except msgspec.ValidationError as error:
        hint = "; `sentigrade distill` follows recipes with that table" if "`distill`" in str(error) else ""
        raise SettingError(f"{path}: {error}{hint}") from None


def follow(file: RecipeFile, folder: Path) -> tuple[Recipe, Source]:
    """Return what a recipe says and the examples that it names; its paths start at the folder.

    Raises SettingError for a recipe that cannot be followed, DataError for files that cannot be used.
    """
    # Before the files are read, which takes a while.
    parameters = parameters_of(file.family, _resolved(file.parameters, folder))
    source = _read(file, folder)
    if file.thresholds and source.labels.kind != "multilabel":
        raise SettingError("thresholds are for multi-label data: here each text has one label")
    recipe = Recipe(
        name=file.name,
        labels=source.labels,
        license=file.license if file.license != UNKNOWN else source.license or UNKNOWN,
        family=file.family,
        profile=file.cleaning,
        parameters=parameters,
        thresholds=file.thresholds,
        long_text=file.long_text or (source.long_text if file.family == "linear" else AS_ONE_TEXT),
        seed=file.seed,
    )
    return recipe, source


def with_checkpoints(file: RecipeFile, folder: Path) -> RecipeFile:
    """Return a recipe whose training keeps in a folder what it needs to go on after it was killed.

    Raises SettingError for a family that does not.
    """
    if file.family not in _RESUMABLE:
        raise SettingError(f"family {file.family} keeps no checkpoints; {', '.join(_RESUMABLE)} does")
    return replace(file, parameters={**file.parameters, _CHECKPOINTS: str(folder.absolute())})


def _resolved(parameters: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    paths = {name: folder / given for name, given in parameters.items() if name in _PATHS and isinstance(given, str)}
    encoder = paths.get(_ENCODER)
    if encoder and not encoder.is_dir():
        del paths[_ENCODER]
    return {**parameters, **{name: str(path) for name, path in paths.items()}}


def _read(file: RecipeFile, folder: Path) -> Source:
    data = file.data
    files = (data.train,) if isinstance(data.train, str) else data.train
    paths = [folder / file for file in files]
    if len(paths) == 1 and paths[0].is_dir():
        return read_treebank(paths[0])
    source = read_files(paths, data.columns, data.ordered, name=", ".join(files), names=data.names)
    held_out = [read_to_measure(folder / part, data.columns, source.labels) for part in data.held_out]
    return source._replace(held_out=held_out)
