"""A pickled CountVectorizer and LinearSVC from elsewhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sentigrade.classifiers.guarded_pickle import open_guarded
from sentigrade.classifiers.linear import steps
from sentigrade.errors import ModelFolderError
from sentigrade.labels import FIVE_LEVELS, LabelSet, make_labels, slug_of
from sentigrade.store.foreign import Adoption, Foreign
from sentigrade.store.reference import PICKLE_SUFFIXES


def read_pickle(content: bytes, file: str, adoption: Adoption) -> Foreign:
    """Return what a pickle holds.

    Raises ModelFolderError for any other pickle, ValueError or TypeError for one whose labels must be given.
    """
    _, svc = steps(open_guarded(content, file))
    state = svc.__dict__
    fitted_with = state.get("_sklearn_version")
    suffix = Path(file).suffix
    return Foreign(
        family="linear",
        labels=_labels(state, adoption, file),
        file=f"model{suffix if suffix in PICKLE_SUFFIXES else '.pkl'}",
        content=content,
        packages={"scikit-learn": fitted_with} if isinstance(fitted_with, str) else {},
    )


def _labels(svc: Mapping[str, Any], adoption: Adoption, file: str) -> LabelSet:
    classes = np.asarray(svc.get("classes_", ())).tolist()
    numbered = all(isinstance(name, int) for name in classes)
    if adoption.labels:
        ids = () if numbered else [slug_of(str(name)) for name in classes]
        return make_labels(adoption.labels, ordered=adoption.ordered, ids=ids)
    if classes == [*range(len(FIVE_LEVELS))]:
        return FIVE_LEVELS
    if numbered:
        raise ModelFolderError(
            f"{file} numbers its classes {_listed(classes)}: name them, in this order, with `sentigrade adopt --labels`"
        )
    return make_labels([str(name) for name in classes], ordered=False)


def _listed(classes: Sequence[object]) -> str:
    return ", ".join(map(str, classes))
