"""A family that needs a library which is not installed says what to install; no other family asks for it."""

import json
import os
from pathlib import Path

import pytest

import sentigrade
from tests.cli.running import bad_model, printed, refusal
from tests.contract.cases import Case, cases
from tests.model_copies import manifest_of

# What only some models need to be served, or only training does.
LIBRARIES = (
    *("fasttext", "onnxruntime", "tokenizers", "onnx", "torch", "transformers"),
    *("sklearn", "scipy", "matplotlib", "boto3", "botocore"),
)


def path_without(folder: Path, *libraries: str) -> str:
    """Return a PYTHONPATH on which these libraries cannot be imported; `folder` is for what keeps them off."""
    for name in libraries:
        (folder / f"{name}.py").write_text(f"raise ModuleNotFoundError('No module named {name}', name='{name}')\n")
    return os.pathsep.join([str(folder), str(Path(sentigrade.__path__[0]).parent)])


@pytest.mark.parametrize("case", cases(each_family=True), indirect=True)
def test_a_model_is_served_without_the_libraries_of_others(case: Case, folder: Path, tmp_path: Path) -> None:
    others = path_without(tmp_path, *set(LIBRARIES).difference(case.libraries))
    answer = json.loads(printed("predict", "--model", folder, "We took a train.", PYTHONPATH=others))
    assert set(answer["probabilities"]) == set(case.labels.names)


@pytest.mark.parametrize("case", cases(lambda case: case.extra is not None, each_family=True), indirect=True)
def test_a_model_without_its_library_says_what_to_install(case: Case, folder: Path, tmp_path: Path) -> None:
    assert manifest_of(folder)["requires"]["extra"] == case.extra
    said = bad_model("predict", "--model", folder, "x", PYTHONPATH=path_without(tmp_path, *case.libraries))
    assert said == f"sentigrade: {folder}: {needs(f'family {case.family}', case.extra)}"


@pytest.mark.parametrize(("family", "extra"), [("fasttext", "fasttext"), ("embedding", "torch")])
def test_training_without_its_library_says_what_to_install(family: str, extra: str, tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("text,label\nWe took a train.,travel\nHe cooked soup.,food\n")
    path = path_without(tmp_path, extra)
    command = ("train", tmp_path / "texts.csv", "--family", family, "--store", tmp_path / "store")
    assert refusal(*command, PYTHONPATH=path).endswith(needs(f"family {family}", extra))
    assert not (tmp_path / "store").exists()


def needs(what: str, extra: str | None) -> str:
    return f'{what} needs the extra "{extra}": run pip install "sentigrade[{extra}]"\n'
