"""A model file that is cut off or foreign is refused, though its manifest vouches for it."""

from pathlib import Path

import numpy as np
import pytest

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.families import load_classifier
from sentigrade.errors import ModelFolderError
from sentigrade.model import load_model
from tests.contract.cases import Case, cases
from tests.model_copies import model_file, put_model

pytestmark = pytest.mark.parametrize("case", cases(lambda case: case.has_file), indirect=True)

_CHANCE = np.random.default_rng(8)

FOREIGN = {
    "nothing": b"",
    "text": b"A model, one would think.\n" * 50,
    "zeros": bytes(5000),
    "random bytes": _CHANCE.bytes(5000),
    "the beginning of an archive": b"PK\x03\x04" + _CHANCE.bytes(500),
    "the beginning of fastText's": b"\xba\x16O/\x0c\x00\x00\x00" + _CHANCE.bytes(500),
    "a pickle": b"\x80\x05]\x94.",
    "an array": b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }"
    + bytes(90),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused(case: Case, content: bytes) -> None:
    require_refused(case, content)


def test_a_file_that_is_cut_off_anywhere_is_refused(case: Case, folder: Path) -> None:
    whole = model_file(folder).read_bytes()
    for length in np.linspace(1, len(whole) - 10, 200, dtype=int):
        require_refused(case, whole[:length])


def test_a_folder_with_such_a_file_is_not_loaded(copy: Path) -> None:
    file = model_file(copy)
    put_model(copy, file.read_bytes()[:500])
    with pytest.raises(ModelFolderError, match=file.name):
        load_model(copy)


def require_refused(case: Case, content: bytes) -> None:
    with pytest.raises(ModelFolderError):
        load_classifier(case.family, Parts(case.labels, "model", content))
