"""Distilling: a small model learns from labelled texts, and from others that a larger one has labelled."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, Self

import msgspec
import numpy as np
from msgspec import Meta

from sentigrade.data.examples import Examples, repeat_key
from sentigrade.data.sources import Source
from sentigrade.data.unlabelled import (
    UnlabelledRow,
    each_once,
    part_aside,
    read_unlabelled,
    sentences_in,
)
from sentigrade.errors import DataError, SettingError
from sentigrade.manifest import TrainingRows
from sentigrade.text.cleaning import Cleaner
from sentigrade.training.learning import TrainingTexts, Unseen
from sentigrade.training.linear import FittedLinear, FurtherTexts, LinearParameters
from sentigrade.training.recipe_file import RecipeFile, follow
from sentigrade.training.teaching import Teacher, label
from sentigrade.training.train import Recipe, Taught


class Distilling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which texts a teacher labels and how much they count; the table `distill` of a recipe.

    unlabelled           files of texts; labels in them are not looked at; the paths start at the recipe's folder
    text                 the column of the texts
    teacher              a reference of the model that labels them
    sentences            not the texts are learned from but their sentences
    kept_aside           share of the texts that is never used, so that the model can be measured on it
    at_most              so many of what is left are learned from, drawn
    weight               how much one of them counts against a labelled text
    least_probability    labels of which the teacher is less sure than that are not learned
    least_texts          longer terms than one token that no labelled text brings count if so many of these hold them
    least_word_texts     terms of one token likewise
    """

    unlabelled: Annotated[tuple[str, ...], Meta(min_length=1)]
    text: str = "text"
    teacher: str | None = None
    sentences: bool = True
    kept_aside: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    at_most: Annotated[int, Meta(ge=1)] | None = None
    weight: Annotated[float, Meta(gt=0, le=1e6)] = 1.0
    least_probability: Annotated[float, Meta(ge=0, le=1)] = 0.0
    least_texts: Annotated[int, Meta(ge=1)] = 6
    least_word_texts: Annotated[int, Meta(ge=1)] = 3

    @property
    def name(self) -> str:
        """What the texts are called; of files given by their whole paths the names alone."""
        return ", ".join(Path(file).name if Path(file).is_absolute() else file for file in self.unlabelled)

    def noted(self) -> dict[str, Any]:
        """Return what the manifest says of it besides the files."""
        noted = msgspec.structs.asdict(self)
        return {name: value for name, value in noted.items() if name not in ("unlabelled", "text", "teacher")}


class DistillFile(RecipeFile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recipe that distils."""

    distill: Distilling


def follow_distilling(file: DistillFile, folder: Path) -> tuple[Recipe, Source]:
    """Return the recipe of the student and its labelled examples, as `follow` does for one that does not distil.

    Raises SettingError for a family that cannot be distilled into.
    """
    recipe, source = follow(file, folder)
    _linear(recipe)
    return recipe, source


class Unlabelled(NamedTuple):
    """What there is to label and what was kept aside.

    name     what the texts are called
    texts    the texts, or their sentences, each once
    read     the texts that they stand in
    aside    rows that are not used
    known    what is labelled already, to be learned from too
    """

    name: str
    texts: list[str]
    read: list[str]
    aside: list[UnlabelledRow]
    known: Examples


def gather(wish: Distilling, source: Source, folder: Path, *, seed: int) -> Unlabelled:
    """Read what a teacher is to label; its paths start at the folder.

    Nothing among it repeats a labelled text, be it learned from or measured on, nor anything that is kept aside. Raises
    DataError for what cannot be read, and when nothing is left.
    """
    rows = read_unlabelled([folder / file for file in wish.unlabelled], wish.text)
    used, aside = part_aside(rows, share=wish.kept_aside, seed=seed)
    read, unread = ([row.text for row in part] for part in (used, aside))
    labelled = (text for part in (source.examples, *source.held_out) for text in part.texts)
    known = {repeat_key(text) for part in (labelled, unread, sentences_in(unread)) for text in part}
    texts = each_once(sentences_in(read) if wish.sentences else iter(read), known, seed=seed)[: wish.at_most]
    if not texts:
        raise DataError(f"{wish.name}: no text is left to label that is neither labelled already nor kept aside")
    return Unlabelled(wish.name, texts, read, aside, source.examples)


def distilled(recipe: Recipe, wish: Distilling, unlabelled: Unlabelled, teacher: Teacher, file: Path | None) -> Recipe:
    """Let the teacher label the texts, and return the recipe of a model that learns from them too.

    `file` remembers the labels. Raises SettingError for a teacher of other labels, DataError when it is sure enough of
    no text and for a file of another teacher or of other texts.
    """
    teacher.require_labels(recipe.labels)
    probabilities = label(teacher, unlabelled.texts, file)
    # Of a text that the teacher rejects it is not sure: NaN.
    sure = np.flatnonzero(probabilities.max(axis=1) >= wish.least_probability)
    if not len(sure):
        raise DataError(f"{unlabelled.name}: {teacher.identity} is that sure of no text: lower least_probability")
    texts = [unlabelled.texts[position] for position in sure]
    learned = Examples.of_whole_texts(unlabelled.name, texts, probabilities[sure].argmax(axis=1))
    rows = TrainingRows(name=learned.name, sha256=learned.sha256(), rows=len(learned), labelled_by=teacher.identity)
    taught = Taught(teacher.identity, rows, [*texts, *unlabelled.read])
    student = _student(recipe, wish, learned)
    if teacher.left_out_a_tenth_of(unlabelled.known, seed=recipe.seed):
        student = replace(student, unseen="folds, then a tenth")
    return recipe._replace(parameters=student, taught=taught)


@dataclass(frozen=True)
class StudentParameters:
    """Parameters of family linear, and texts that are learned from besides whatever else is, in each fold too."""

    extra: ClassVar[str | None] = LinearParameters.extra
    packages: ClassVar[tuple[str, ...]] = LinearParameters.packages

    linear: LinearParameters
    wish: Distilling
    further: FurtherTexts
    unseen: Unseen = LinearParameters.unseen

    def chosen(self, texts: TrainingTexts, seed: int, /) -> Self:
        """Return what the family chooses."""
        return replace(self, linear=self.linear.chosen(texts, seed))

    def noted(self) -> dict[str, Any]:
        """Return those of the family and what was wished for."""
        return {**self.linear.noted(), "distill": self.wish.noted()}

    def fit(self, texts: TrainingTexts, *, seed: int) -> FittedLinear:
        """Fit to the labelled texts and to those that the teacher has labelled."""
        return self.linear.fit(texts, seed=seed, further=self.further)


def _student(recipe: Recipe, wish: Distilling, learned: Examples) -> StudentParameters:
    cleaned = Cleaner(recipe.profile).clean(learned.texts)
    target_of = {text: target for text, target in zip(cleaned, learned.labels.tolist(), strict=True) if text}
    further = FurtherTexts(
        cleaned=list(target_of),
        targets=np.array(list(target_of.values()), dtype=np.int64),
        weight=wish.weight,
        least_texts=wish.least_texts,
        least_word_texts=wish.least_word_texts,
    )
    return StudentParameters(_linear(recipe), wish, further)


def _linear(recipe: Recipe) -> LinearParameters:
    if not isinstance(recipe.parameters, LinearParameters):
        raise SettingError(f"family {recipe.family} cannot be distilled into: choose linear")
    return recipe.parameters
