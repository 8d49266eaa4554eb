"""The same texts, parameters and seed give the same model."""

from pathlib import Path

import pytest
from joblib import Parallel, delayed

from sentigrade.model import Model
from sentigrade.training.train import train
from tests.contract.cases import Case, cases
from tests.contract.fitting import fitted_file

TRAINED = pytest.mark.parametrize("case", cases(lambda case: case.recipe is not None), indirect=True)


@TRAINED
def test_trained_again_it_has_the_same_files_and_calibration(case: Case, model: Model, tmp_path: Path) -> None:
    assert case.recipe
    again = train(case.recipe(), case.written.examples, [], tmp_path)
    assert again.files == model.manifest.files
    assert again.calibration == model.manifest.calibration
    assert again.labels == model.manifest.labels


@TRAINED
def test_another_process_fits_the_same_model_file(case: Case, folder: Path, model: Model) -> None:
    # Its sets and hashes are in another order.
    (content,) = Parallel(n_jobs=2)([delayed(fitted_file)(case.name)])
    (file,) = (name for name, entry in model.manifest.files.items() if entry.role == "model")
    assert content == (folder / file).read_bytes()
