from pathlib import Path

import msgspec
import pytest

from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS, make_labels, make_multilabel
from sentigrade.manifest import Manifest
from sentigrade.model import load_model
from sentigrade.training.train import Recipe, train

RECIPE = Recipe(name="sentiment", labels=FIVE_LEVELS, license="self-written")


def test_the_same_examples_and_seed_give_the_same_model(examples: Examples, tmp_path: Path) -> None:
    first, second = (train(RECIPE, examples, [], tmp_path / name) for name in ("first", "second"))
    assert first.files == second.files
    assert first.calibration == second.calibration


def test_the_folder_holds_what_the_manifest_says(examples: Examples, tmp_path: Path) -> None:
    manifest = train(RECIPE, examples, [examples], tmp_path / "3")
    assert load_model(tmp_path / "3").manifest == manifest
    assert set(manifest.files) == {"model.joblib", "metrics.json", "model_card.md", "training_texts.npy"}
    assert manifest.version == 1
    assert manifest.training.data[0].rows == 90
    assert manifest.training.data[0].sha256 == examples.sha256()
    metrics = msgspec.json.decode((tmp_path / "3" / "metrics.json").read_bytes())
    folds = "written, grouped cross-validation"
    assert set(metrics) == {folds, f"{folds}, uncalibrated", "written"}
    assert metrics[folds]["log_loss"] < metrics[f"{folds}, uncalibrated"]["log_loss"]
    assert {"accuracy", "ece", "ece_expected", "intervals", "confusion"} <= set(metrics["written"])
    assert metrics["written"]["seen_in_training"] == 90
    assert "90 of them among those that it has learned from" in (tmp_path / "3" / "model_card.md").read_text()


def test_a_model_is_never_overwritten(examples: Examples, tmp_path: Path) -> None:
    train(RECIPE, examples, [], tmp_path)
    with pytest.raises(DataError, match="holds a model already"):
        train(RECIPE, examples, [], tmp_path)


def test_a_failed_training_leaves_no_model(tmp_path: Path) -> None:
    unlearnable = Examples.of_whole_texts("x", [" " * n for n in range(20)], [n % 2 for n in range(20)])
    with pytest.raises(DataError):
        train(RECIPE, unlearnable, [], tmp_path / "1")
    assert not (tmp_path / "1" / "manifest.json").exists()


@pytest.mark.parametrize(("labels", "name"), [([0, 2] * 10, "so-so"), ([*[0, 1] * 10, 2], "good")])
def test_a_label_with_too_few_texts_to_learn_from_is_named(labels: list[int], name: str, tmp_path: Path) -> None:
    levels = make_labels(["bad", "so-so", "good"], ordered=True)
    examples = Examples.of_whole_texts("x", [f"Film {number}" for number in range(len(labels))], labels)
    with pytest.raises(DataError, match=f"x: the label '{name}' has too few different texts"):
        train(RECIPE._replace(labels=levels), examples, [], tmp_path)


def test_a_wish_about_a_label_that_there_is_not_is_refused_before_anything_is_learned(tmp_path: Path) -> None:
    recipe = Recipe("tones", make_multilabel(["loud", "rude"]), "self-written", thresholds={"shrill": 0.5})
    nothing = Examples.of_whole_texts("rows", [], [])
    with pytest.raises(DataError, match="thresholds name the label 'shrill'; the labels are loud, rude"):
        train(recipe, nothing, [], tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_the_manifest_reads_back_as_it_was_written(examples: Examples, tmp_path: Path) -> None:
    manifest = train(RECIPE, examples, [], tmp_path)
    assert msgspec.json.decode((tmp_path / "manifest.json").read_bytes(), type=Manifest) == manifest
