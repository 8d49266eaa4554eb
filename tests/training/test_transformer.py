"""The training of family `transformer`, from a recipe to a model file; `make test-torch` runs it."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from sentigrade.cli import cli
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError, SettingError
from sentigrade.labels import LabelSet, make_labels, make_multilabel
from sentigrade.model import load_model
from sentigrade.training.families import parameters_of
from sentigrade.training.learning import Fitted, Parameters, TrainingTexts
from sentigrade.training.train import Recipe, train
from sentigrade.training.transformer import balance
from tests.tiny_encoder import tiny_encoder

pytestmark = pytest.mark.torch

GRADES = make_labels(["bad", "good"], ordered=False)
WORDS = (("dull", "weak", "poor", "flat"), ("fine", "warm", "funny", "bright"))
SUBJECTS = ("film", "plot", "cast", "score", "ending", "script", "scene", "story")
PLACES = ("here", "there", "often", "again", "still", "yet", "then", "now")
SENTENCES = [
    (f"the {subject} is {word} {place} , really", label)
    for label, words in enumerate(WORDS)
    for word, subject, place in product(words, SUBJECTS, PLACES)
]
TEXTS = [text for text, _ in SENTENCES]
TARGETS = np.array([label for _, label in SENTENCES])


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_encoder(tmp_path_factory.mktemp("encoders") / "tiny", TEXTS)


@pytest.fixture(scope="module")
def parameters(encoder: Path) -> Callable[..., Parameters]:
    fixed = {"encoder": str(encoder), "max_tokens": 12, "overlap": 2, "lr": 5e-3, "batch": 16, "precision": "fp32"}
    return lambda **given: parameters_of("transformer", {**fixed, "epochs": 2, **given})


def texts(labels: LabelSet = GRADES, targets: np.ndarray = TARGETS) -> TrainingTexts:
    return TrainingTexts.of(labels, TEXTS, Examples.of_whole_texts("written", TEXTS, targets))


@pytest.fixture(scope="module")
def fitted(parameters: Callable[..., Parameters]) -> Fitted:
    return parameters().fit(texts(), seed=1)


def test_it_learns_what_the_texts_show(fitted: Fitted) -> None:
    assert (fitted.score(TEXTS).argmax(axis=1) == TARGETS).mean() > 0.95


def test_a_long_text_is_read_to_its_end(fitted: Fitted) -> None:
    praise, long = TEXTS[-1], " ".join([*TEXTS[-3:], *TEXTS[:12]])
    assert fitted.score([praise]).argmax() == 1
    assert fitted.score([long]).argmax() == 0


def test_any_number_of_labels_is_learned(parameters: Callable[..., Parameters]) -> None:
    labels = make_multilabel(["unkind", "of the plot"])
    targets = np.array([[label == 0, "plot" in text] for text, label in SENTENCES], dtype=np.int64)
    chosen = parameters(class_weights="balanced", patience=2, epochs=6)
    scores = chosen.fit(texts(labels, targets), seed=1).score(TEXTS)
    assert ((scores > 0) == targets).mean() > 0.95


def test_a_trained_model_is_served_with_the_scores_of_its_training(
    parameters: Callable[..., Parameters], encoder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [f"The {text.removeprefix('the ')}!" for text in TEXTS]
    recipe = Recipe("grades", GRADES, "self-written", "transformer", parameters=parameters(int8=False))
    manifest = train(recipe, Examples.of_whole_texts("written", rows, TARGETS), [], tmp_path / "model")
    noted = manifest.training.parameters
    assert [*noted["encoder"]] == ["tiny/model.safetensors"]
    assert (noted["device"], noted["precision"], noted["unseen"]) == ("cpu", "fp32", "a tenth")
    assert str(tmp_path.parent) not in (tmp_path / "model" / "manifest.json").read_text()
    assert manifest.requires.extra == "transformer"
    assert manifest.calibration.fitted_on == "a held-back tenth of written"
    figures = manifest.metrics["written, a held-back tenth"]
    assert (figures["accuracy"] > 0.9, figures["n"]) == (True, len(rows) // 10 + 1)
    model = load_model(tmp_path / "model")
    assert (model.classifier.score(model.cleaner.clean(rows)).argmax(axis=1) == TARGETS).mean() > 0.95
    said = capfd.readouterr().err.replace("\r", "\n").splitlines()
    assert [line for line in said if line and not line.startswith("fine-tuning: ")] == []


def test_a_fit_leaves_torch_as_it_was(parameters: Callable[..., Parameters]) -> None:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    with pytest.raises(DataError):
        parameters(lr=1e30).fit(texts(), seed=1)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("given", "changed", "reason"),
    [
        ({"lr": 1e30}, {}, "the numbers are no longer finite after .* steps: give a smaller lr"),
        ({"max_tokens": 65}, {}, "tiny reads 64 tokens at once: give max_tokens = 64"),
        ({}, {"targets": np.zeros(len(TEXTS), dtype=np.int64)}, "all training texts have the same label"),
        ({"patience": 1}, {"groups": np.zeros(len(TEXTS), dtype=np.int64)}, "they are all the same"),
        ({"encoder": "/no/such/folder"}, {}, "/no/such/folder is neither a folder"),
    ],
)
def test_what_cannot_be_learned_is_refused(
    given: dict[str, Any], changed: dict[str, Any], reason: str, parameters: Callable[..., Parameters]
) -> None:
    with pytest.raises(DataError, match=reason):
        parameters(**given).fit(replace(texts(), **changed), seed=1)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, r"missing required field `encoder`: write it into a recipe, under \[parameters\]"),
        ({"encoder": "x", "max_tokens": 32, "overlap": 16}, "overlap by less than half of max_tokens"),
        ({"encoder": "x", "precision": "int4"}, "precision"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        parameters_of("transformer", given)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_refused(parameters: Callable[..., Parameters]) -> None:
    with pytest.raises(DataError, match="torch finds no GPU here"):
        parameters(device="cuda").chosen(texts(), 1)


def test_under_balanced_weights_each_label_counts_the_same() -> None:
    rare = texts(targets=np.array([1] * 32 + [0] * (len(TEXTS) - 32)))
    weights = balance(rare)[rare.targets]
    assert weights[:32].sum() == pytest.approx(weights[32:].sum())
    several = texts(make_multilabel(["a", "b"]), np.stack([rare.targets, 1 - rare.targets], axis=1))
    assert balance(several) * several.targets.sum(axis=0) == pytest.approx((1 - several.targets).sum(axis=0))


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let torch compute alike in this process and in one that it starts: sums differ with the number of threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield
    torch.set_num_threads(threads)


@pytest.mark.timeout(300)
def test_a_training_that_is_killed_goes_on_and_ends_in_the_same_model(
    encoder: Path, tmp_path: Path, one_thread: None
) -> None:
    (tmp_path / "rows.csv").write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in SENTENCES))
    (tmp_path / "x.toml").write_text(
        f"""
        name = "x"
        family = "transformer"
        data.train = "rows.csv"
        [parameters]
        encoder = "{encoder}"
        epochs = 6
        batch = 16
        max_tokens = 12
        overlap = 2
        precision = "fp32"
        """
    )
    kept = tmp_path / "kept"
    command = ["train", str(tmp_path / "x.toml"), "--store", str(tmp_path / "store"), "--checkpoints", str(kept)]
    with subprocess.Popen([sys.executable, "-m", "sentigrade", *command], stderr=subprocess.PIPE, text=True) as killed:
        while not [*kept.glob("*.checkpoint")] and killed.poll() is None:
            sleep(0.02)
        killed.kill()
        assert killed.wait() == -signal.SIGKILL, killed.communicate()[1]
    # An epoch has 29 batches, of nine tenths of 512 texts; the first of them is not gone through again.
    resumed = CliRunner().invoke(cli, command)
    assert "| 0/174 " not in resumed.stderr
    assert "| 174/174 " in resumed.stderr
    assert [*kept.iterdir()] == []
    whole = CliRunner().invoke(cli, ["train", str(tmp_path / "x.toml"), "--store", str(tmp_path / "whole")])
    assert "| 0/174 " in whole.stderr
    files = [tmp_path / store / "x" / "1" / "model.onnx" for store in ("store", "whole")]
    assert files[0].read_bytes() == files[1].read_bytes()
