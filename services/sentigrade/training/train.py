"""From labelled texts to a model folder."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from sentigrade.calibration import Calibration, Calibrator, sigmoid, softmax
from sentigrade.classifiers.base import Classifier, Parts
from sentigrade.classifiers.families import load_classifier
from sentigrade.data.examples import Examples
from sentigrade.data.overlap import seen_among, write_seen
from sentigrade.data.sources import Source
from sentigrade.errors import DataError
from sentigrade.evaluation.figures import AnyFigures, encode_metrics, figures_of
from sentigrade.evaluation.model_card import model_card
from sentigrade.evaluation.predictions import predictions_of
from sentigrade.labels import LabelSet
from sentigrade.manifest import (
    AS_ONE_TEXT,
    MANIFEST,
    LongText,
    Manifest,
    Requirements,
    Role,
    Training,
    TrainingRows,
    now,
)
from sentigrade.model_folder import describe_file, write_manifest
from sentigrade.text.cleaning import Cleaner, token_count
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.calibrating import Unseen, fit_calibrated
from sentigrade.training.cross_validation import FOLDS, grouped_folds
from sentigrade.training.learning import Parameters
from sentigrade.training.linear import LinearParameters
from sentigrade.training.thresholds import Wish, require_known, tune_thresholds

METRICS_FILE = "metrics.json"
CARD_FILE = "model_card.md"
SEEN_FILE = "training_texts.npy"

_UNCALIBRATED = "uncalibrated"
_NO_WISHES: Mapping[str, Wish] = {}


class Taught(NamedTuple):
    """What a teacher has labelled for a model, whose parameters bring it along (distilling.py).

    teacher    the identity of the model that has labelled it
    rows       what was learned from
    seen       the texts that figures of this model flatter on
    """

    teacher: str
    rows: TrainingRows
    seen: list[str]


class Recipe(NamedTuple):
    """What a model is made from, besides its examples; `thresholds` are wishes for labels of a multi-label set."""

    name: str
    labels: LabelSet
    license: str
    family: str = "linear"
    profile: CleaningProfile = CleaningProfile()
    parameters: Parameters = LinearParameters()
    thresholds: Mapping[str, Wish] = _NO_WISHES
    long_text: LongText = AS_ONE_TEXT
    seed: int = 42
    taught: Taught | None = None

    @classmethod
    def of(cls, source: Source, *, name: str, license: str, seed: int) -> Self:
        """Return the recipe for what a source holds; `license` is what it says where the source says nothing."""
        return cls(
            name=name,
            labels=source.labels,
            license=source.license or license,
            long_text=source.long_text,
            seed=seed,
        )


def train(recipe: Recipe, examples: Examples, held_out: Sequence[Examples], folder: Path) -> Manifest:
    """Train a model, write its folder and return its manifest; it gets a version when it is published.

    Calibration and thresholds are fitted to scores of texts that the model has not seen, by grouped cross-validation;
    `held_out` examples are only measured. Raises DataError when the examples cannot be learned from or the folder
    exists.
    """
    require_known(recipe.labels, recipe.thresholds)
    if (folder / MANIFEST).exists():
        raise DataError(f"{folder} holds a model already: choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    _require_examples(recipe.labels, examples, seed=recipe.seed)
    cleaner = Cleaner(recipe.profile)
    cleaned = cleaner.clean(examples.texts)
    fit = fit_calibrated(recipe.labels, examples, cleaned, recipe.parameters, seed=recipe.seed)
    if recipe.labels.kind == "multilabel":
        tuned = tune_thresholds(recipe.labels, fit.unseen.probabilities, fit.unseen.truth, recipe.thresholds)
        recipe = recipe._replace(labels=tuned)
    recipe = recipe._replace(parameters=fit.parameters)
    model_file = fit.fitted.save(folder)
    write_seen([*examples.texts, *(recipe.taught.seen if recipe.taught else ())], folder / SEEN_FILE)
    figures = _figures_of_unseen(recipe, examples.name, fit.unseen)
    parts = Parts(recipe.labels, model_file, (folder / model_file).read_bytes())
    classifier = load_classifier(recipe.family, parts)
    for part in held_out:
        predictions = predictions_of(recipe.labels, _answer(part, cleaner, classifier, fit.calibration), part.labels)
        seen = seen_among(part.texts, folder / SEEN_FILE)
        figures[part.name] = figures_of(predictions, seen_in_training=int(seen.sum()))
    outcome = _Outcome(model_file, cleaner.fingerprint(), fit.calibration, figures)
    return _write_folder(folder, recipe, examples, outcome)


def _require_examples(labels: LabelSet, examples: Examples, *, seed: int) -> None:
    """Raise DataError for a label of which some fold would learn nothing."""
    counts = examples.different_texts(len(labels))
    for train_, _ in grouped_folds(examples.groups, seed=seed):
        missing = _unlearnable(len(labels), examples.labels[train_])
        if missing:
            rarest = min(missing)
            raise DataError(
                f"{examples.name}: the label {labels.names[rarest]!r} has too few different texts for {FOLDS} folds "
                f"({counts[rarest]:,} of {len(examples):,}), or too few without it: add some or leave the label out"
            )


def _unlearnable(count: int, labels: NDArray[np.int64]) -> set[int]:
    """Return the labels that no text has or, of a multi-label set, that each has."""
    if labels.ndim == 1:
        return set(range(count)).difference(labels.tolist())
    return set(np.flatnonzero(labels.min(axis=0) == labels.max(axis=0)).tolist())


def _figures_of_unseen(recipe: Recipe, data: str, unseen: Unseen) -> dict[str, AnyFigures]:
    name = f"{data}, {unseen.how}"
    uncalibrated = (sigmoid if recipe.labels.kind == "multilabel" else softmax)(unseen.scores)
    return {
        name: figures_of(predictions_of(recipe.labels, unseen.probabilities, unseen.truth)),
        f"{name}, {_UNCALIBRATED}": figures_of(predictions_of(recipe.labels, uncalibrated, unseen.truth)),
    }


def _answer(
    examples: Examples, cleaner: Cleaner, classifier: Classifier, calibration: Calibration
) -> NDArray[np.float64]:
    cleaned = cleaner.clean(examples.texts)
    lengths = list(map(token_count, cleaned))
    return Calibrator(calibration).probabilities(classifier.score(cleaned), lengths)


class _Outcome(NamedTuple):
    model_file: str
    cleaning_sha256: str
    calibration: Calibration
    figures: dict[str, AnyFigures]


def _write_folder(folder: Path, recipe: Recipe, examples: Examples, outcome: _Outcome) -> Manifest:
    (folder / METRICS_FILE).write_bytes(encode_metrics(outcome.figures))
    unlisted = _manifest(recipe, examples, outcome)
    details = {name: figures for name, figures in outcome.figures.items() if not name.endswith(_UNCALIBRATED)}
    (folder / CARD_FILE).write_text(model_card(unlisted, details, title=recipe.name), encoding="utf-8")
    roles: dict[str, Role] = {
        outcome.model_file: "model",
        METRICS_FILE: "metrics",
        CARD_FILE: "card",
        SEEN_FILE: "training_texts",
    }
    manifest = replace(unlisted, files={name: describe_file(folder / name, role) for name, role in roles.items()})
    write_manifest(manifest, folder)
    return manifest


def _manifest(recipe: Recipe, examples: Examples, outcome: _Outcome) -> Manifest:
    """Return the manifest, still without its files."""
    labelled = TrainingRows(name=examples.name, sha256=examples.sha256(), rows=len(examples))
    return Manifest(
        schema=1,
        name=recipe.name,
        version=1,  # publishing gives it the next one
        family=recipe.family,
        created=now(),
        license=recipe.license,
        labels=recipe.labels,
        cleaning=recipe.profile,
        long_text=recipe.long_text,
        calibration=outcome.calibration,
        files={},
        requires=Requirements(
            extra=recipe.parameters.extra,
            packages={package: version_of(package) for package in recipe.parameters.packages},
            cleaning_sha256=outcome.cleaning_sha256,
        ),
        training=Training(
            data=(labelled, *([recipe.taught.rows] if recipe.taught else ())),
            seed=recipe.seed,
            parameters=_noted(recipe),
            parent=recipe.taught.teacher if recipe.taught else None,
        ),
        metrics={name: figures.headline() for name, figures in outcome.figures.items()},
    )


def _noted(recipe: Recipe) -> dict[str, Any]:
    wishes = {"thresholds": msgspec.to_builtins(recipe.thresholds)} if recipe.thresholds else {}
    return {**recipe.parameters.noted(), **wishes}
