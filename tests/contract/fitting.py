"""A case's fit by itself, without the calibration and the figures around it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sentigrade.text.cleaning import Cleaner
from sentigrade.training.cross_validation import training_texts
from sentigrade.training.learning import Fitted
from tests.contract.cases import CASES, Case


def fitted(case: Case) -> Fitted:
    """Fit as `train` does."""
    assert case.recipe
    recipe, examples = case.recipe(), case.written.examples
    cleaned = Cleaner(recipe.profile).clean(examples.texts)
    texts = training_texts(case.labels, examples, cleaned, np.arange(len(examples)))
    return recipe.parameters.chosen(texts, recipe.seed).fit(texts, seed=recipe.seed)


def fitted_file(name: str) -> bytes:
    """Fit the case of this name and return the bytes of the model file."""
    (case,) = (case for case in CASES if case.name == name)
    with TemporaryDirectory() as folder:
        return (Path(folder) / fitted(case).save(Path(folder))).read_bytes()
