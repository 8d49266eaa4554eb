"""From labelled texts to a model folder."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import NamedTuple, Self

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from sentigrade.calibration import Calibration, Calibrator, softmax
from sentigrade.classifiers.linear import LinearClassifier
from sentigrade.data.examples import Examples
from sentigrade.data.overlap import seen_among, write_seen
from sentigrade.data.sources import Source
from sentigrade.errors import DataError
from sentigrade.evaluation.figures import Figures, encode_metrics, figures_of
from sentigrade.evaluation.model_card import model_card
from sentigrade.evaluation.predictions import Predictions
from sentigrade.labels import LabelSet
from sentigrade.manifest import AS_ONE_TEXT, MANIFEST, LongText, Manifest, Requirements, Role, Training, TrainingRows
from sentigrade.model_folder import describe_file, write_manifest
from sentigrade.text.cleaning import Cleaner, token_count
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.calibrating import CrossValidation, fit_calibrated
from sentigrade.training.cross_validation import FOLDS, grouped_folds
from sentigrade.training.linear import LinearParameters, save_linear

MODEL_FILE = "model.joblib"
METRICS_FILE = "metrics.json"
CARD_FILE = "model_card.md"
SEEN_FILE = "training_texts.npy"

_UNCALIBRATED = "uncalibrated"
_PACKAGES = ("spacy", "scikit-learn", "numpy")


class Recipe(NamedTuple):
    """What a model is made from, besides its examples."""

    name: str
    labels: LabelSet
    license: str
    profile: CleaningProfile = CleaningProfile()
    parameters: LinearParameters = LinearParameters()
    long_text: LongText = AS_ONE_TEXT
    seed: int = 42

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
    """Train a linear model, write its folder and return its manifest; it gets a version when it is published.

    The calibration is fitted to scores of texts that the model has not seen, by grouped cross-validation; `held_out`
    examples are only measured. Raises DataError when the examples cannot be learned from or the folder exists.
    """
    if (folder / MANIFEST).exists():
        raise DataError(f"{folder} holds a model already: choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    _require_examples(recipe.labels, examples, seed=recipe.seed)
    cleaner = Cleaner(recipe.profile)
    fitted = fit_calibrated(examples, cleaner.clean(examples.texts), recipe.parameters, seed=recipe.seed)
    save_linear(fitted.pipeline, folder / MODEL_FILE)
    write_seen(examples.texts, folder / SEEN_FILE)
    figures = _cross_validated(recipe, examples, fitted.unseen)
    classifier = LinearClassifier.load((folder / MODEL_FILE).read_bytes(), MODEL_FILE, recipe.labels)
    for part in held_out:
        predictions = Predictions(recipe.labels, _answer(part, cleaner, classifier, fitted.calibration), part.labels)
        seen = seen_among(part.texts, folder / SEEN_FILE)
        figures[part.name] = figures_of(predictions, seen_in_training=int(seen.sum()))
    return _write_folder(folder, recipe, examples, _Outcome(cleaner.fingerprint(), fitted.calibration, figures))


def _require_examples(labels: LabelSet, examples: Examples, *, seed: int) -> None:
    """Raise DataError for a label of which some fold would learn nothing."""
    for train_, _ in grouped_folds(examples.groups, seed=seed):
        missing = set(range(len(labels))).difference(examples.labels[train_].tolist())
        if missing:
            name = labels.names[min(missing)]
            raise DataError(
                f"{examples.name}: the label {name!r} has too few different texts for {FOLDS} folds: "
                "add some or leave the label out"
            )


def _cross_validated(recipe: Recipe, examples: Examples, unseen: CrossValidation) -> dict[str, Figures]:
    name = f"{examples.name}, grouped cross-validation"
    calibrated = Predictions(recipe.labels, unseen.probabilities, examples.only_whole().labels)
    uncalibrated = Predictions(recipe.labels, softmax(unseen.scores), calibrated.truth)
    return {
        name: figures_of(calibrated),
        f"{name}, {_UNCALIBRATED}": figures_of(uncalibrated),
    }


def _answer(
    examples: Examples, cleaner: Cleaner, classifier: LinearClassifier, calibration: Calibration
) -> NDArray[np.float64]:
    cleaned = cleaner.clean(examples.texts)
    lengths = list(map(token_count, cleaned))
    return Calibrator(calibration).probabilities(classifier.score(cleaned), lengths)


class _Outcome(NamedTuple):
    cleaning_sha256: str
    calibration: Calibration
    figures: dict[str, Figures]


def _write_folder(folder: Path, recipe: Recipe, examples: Examples, outcome: _Outcome) -> Manifest:
    (folder / METRICS_FILE).write_bytes(encode_metrics(outcome.figures))
    unlisted = _manifest(recipe, examples, outcome)
    details = {name: figures for name, figures in outcome.figures.items() if not name.endswith(_UNCALIBRATED)}
    (folder / CARD_FILE).write_text(model_card(unlisted, details, title=recipe.name), encoding="utf-8")
    roles: dict[str, Role] = {
        MODEL_FILE: "model",
        METRICS_FILE: "metrics",
        CARD_FILE: "card",
        SEEN_FILE: "training_texts",
    }
    manifest = replace(unlisted, files={name: describe_file(folder / name, role) for name, role in roles.items()})
    write_manifest(manifest, folder)
    return manifest


def _manifest(recipe: Recipe, examples: Examples, outcome: _Outcome) -> Manifest:
    """Return the manifest, still without its files."""
    return Manifest(
        schema=1,
        name=recipe.name,
        version=1,  # publishing gives it the next one
        family="linear",
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        license=recipe.license,
        labels=recipe.labels,
        cleaning=recipe.profile,
        long_text=recipe.long_text,
        calibration=outcome.calibration,
        files={},
        requires=Requirements(
            extra=None,
            packages={package: version_of(package) for package in _PACKAGES},
            cleaning_sha256=outcome.cleaning_sha256,
        ),
        training=Training(
            data=(TrainingRows(name=examples.name, sha256=examples.sha256(), rows=len(examples)),),
            seed=recipe.seed,
            parameters=msgspec.structs.asdict(recipe.parameters),
        ),
        metrics={name: figures.headline() for name, figures in outcome.figures.items()},
    )
