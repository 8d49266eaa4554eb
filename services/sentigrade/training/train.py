"""From labelled texts to a model folder."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import NamedTuple

import msgspec

from sentigrade.calibration import Calibration, Calibrator, softmax
from sentigrade.classifiers.linear import LinearClassifier
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.evaluation.measures import Measures, measure
from sentigrade.labels import LabelSet
from sentigrade.model_folder import (
    MANIFEST,
    LongText,
    Manifest,
    Requirements,
    Training,
    TrainingRows,
    describe_file,
    write_manifest,
)
from sentigrade.text.cleaning import Cleaner, token_count
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.calibrating import cross_validate, fit_calibration
from sentigrade.training.linear import LinearParameters, TrainingTexts, fit_linear, save_linear

MODEL_FILE = "model.joblib"
METRICS_FILE = "metrics.json"

_PACKAGES = ("spacy", "scikit-learn", "numpy")


class Recipe(NamedTuple):
    """What a model is made from, besides its examples."""

    name: str
    version: int
    labels: LabelSet
    license: str
    profile: CleaningProfile = CleaningProfile()
    parameters: LinearParameters = LinearParameters()
    seed: int = 42


def train(recipe: Recipe, examples: Examples, held_out: Sequence[Examples], folder: Path) -> Manifest:
    """Train a linear model, write its folder and return its manifest.

    The calibration is fitted to scores of texts that the model has not seen, by grouped cross-validation; `held_out`
    examples are only measured. Raises DataError when the examples cannot be learned from or the folder exists.
    """
    if (folder / MANIFEST).exists():
        raise DataError(f"{folder} holds a model already: choose another version or folder")
    folder.mkdir(parents=True, exist_ok=True)
    cleaner = Cleaner(recipe.profile)
    cleaned = cleaner.clean(examples.texts)
    truth = examples.only_whole().labels

    unseen = cross_validate(examples, cleaned, recipe.parameters, seed=recipe.seed)
    calibration = fit_calibration(unseen.scores, unseen.lengths, truth, fitted_on=f"grouped folds of {examples.name}")
    name = f"{examples.name}, grouped cross-validation"
    metrics = {
        name: measure(unseen.probabilities, truth),
        f"{name}, uncalibrated": measure(softmax(unseen.scores), truth),
    }

    _say("fitting all training texts")
    texts = TrainingTexts.of(cleaned, examples.labels, examples.whole)
    save_linear(fit_linear(texts, recipe.parameters, seed=recipe.seed), folder / MODEL_FILE)
    classifier = LinearClassifier.load(folder / MODEL_FILE, labels=len(recipe.labels))
    for part in held_out:
        metrics[part.name] = _measure(part, cleaner, classifier, calibration)
    return _write_folder(folder, recipe, examples, _Outcome(cleaner.fingerprint(), calibration, metrics))


def _measure(examples: Examples, cleaner: Cleaner, classifier: LinearClassifier, calibration: Calibration) -> Measures:
    cleaned = cleaner.clean(examples.texts)
    lengths = list(map(token_count, cleaned))
    return measure(Calibrator(calibration).probabilities(classifier.score(cleaned), lengths), examples.labels)


class _Outcome(NamedTuple):
    cleaning_sha256: str
    calibration: Calibration
    metrics: dict[str, Measures]


def _write_folder(folder: Path, recipe: Recipe, examples: Examples, outcome: _Outcome) -> Manifest:
    figures = {name: measures.rounded() for name, measures in outcome.metrics.items()}
    (folder / METRICS_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    manifest = Manifest(
        schema=1,
        name=recipe.name,
        version=recipe.version,
        family="linear",
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        license=recipe.license,
        labels=recipe.labels,
        cleaning=recipe.profile,
        long_text=LongText(aggregate="whole", over_words=60),
        calibration=outcome.calibration,
        files={
            MODEL_FILE: describe_file(folder / MODEL_FILE, "model"),
            METRICS_FILE: describe_file(folder / METRICS_FILE, "metrics"),
        },
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
        metrics={
            name: {key: row[key] for key in ("n", "accuracy", "macro_f1", "log_loss")} for name, row in figures.items()
        },
    )
    write_manifest(manifest, folder)
    return manifest


def _say(line: str) -> None:
    print(line, file=sys.stderr)
