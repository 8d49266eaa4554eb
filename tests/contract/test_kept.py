"""A model says what it said when it was fitted, wherever its folder lies and however often it is loaded."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from sentigrade.model import Model, load_model
from sentigrade.scorer import Scorer
from tests.contract.cases import Case, cases
from tests.contract.conftest import ready
from tests.contract.fitting import fitted
from tests.contract.written import ODD_TEXTS


@pytest.mark.parametrize("case", cases(lambda case: case.recipe is not None), indirect=True)
def test_the_loaded_model_scores_what_the_fitted_one_did(case: Case, model: Model, texts: list[str]) -> None:
    cleaned = model.cleaner.clean([*texts, *ODD_TEXTS.values()])
    # A file may keep seven digits of a number.
    np.testing.assert_allclose(model.classifier.score(cleaned), fitted(case).score(cleaned), atol=1e-5, rtol=1e-6)


def test_a_folder_that_was_copied_elsewhere_answers_the_same(
    folder: Path, scorer: Scorer, texts: list[str], tmp_path: Path
) -> None:
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    assert ready(load_model(copy)).score(texts) == scorer.score(texts)


def test_a_model_that_is_loaded_twice_answers_the_same(folder: Path, scorer: Scorer, texts: list[str]) -> None:
    again, later = ready(load_model(folder)), ready(load_model(folder))
    assert again.score(texts) == later.score(texts) == scorer.score(texts)
