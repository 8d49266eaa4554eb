"""A bare pickled pipeline from elsewhere becomes a model folder."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sentigrade.calibration import Calibration
from sentigrade.classifiers.guarded_pickle import open_guarded
from sentigrade.classifiers.linear import LinearClassifier, steps
from sentigrade.errors import ModelFolderError
from sentigrade.labels import FIVE_LEVELS, LabelSet, make_labels, slug_of
from sentigrade.manifest import (
    AS_ONE_TEXT,
    FileEntry,
    Manifest,
    Requirements,
    Training,
    encode_manifest,
    parse_manifest,
)
from sentigrade.model_folder import describe_file, write_manifest
from sentigrade.store.reference import PICKLE_SUFFIXES
from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import AS_IT_IS


class Adoption(NamedTuple):
    """What a pickle does not say of itself.

    `labels` are display names in the order of its classes; `ordered` makes them levels. Without them five classes
    0..4 are the five levels, and named classes are labels of their own.
    """

    name: str
    labels: Sequence[str] = ()
    ordered: bool = False
    license: str = "unknown"


def adopt(content: bytes, file: str, adoption: Adoption, folder: Path) -> Manifest:
    """Write the bytes of a pickled CountVectorizer and LinearSVC and a manifest for them into an empty folder.

    Texts reach the vectorizer as they are, since nothing is known of how they were cleaned; probabilities are a
    softmax of the scores, since nothing is known of how right it is. Raises ModelFolderError for any other pickle, and
    for one whose labels must be given.
    """
    try:
        _, svc = steps(open_guarded(content, file))
        labels = _labels(svc.__dict__, adoption, file)
    except (TypeError, ValueError) as error:
        raise ModelFolderError(
            f"{file} cannot be adopted: {error}; `sentigrade adopt --labels` names its classes, in their order"
        ) from None
    LinearClassifier.load(content, file, labels)
    suffix = Path(file).suffix
    stored = f"model{suffix if suffix in PICKLE_SUFFIXES else '.pkl'}"
    (folder / stored).write_bytes(content)
    manifest = _manifest(adoption, labels, svc.__dict__, {stored: describe_file(folder / stored, "model")})
    parse_manifest(encode_manifest(manifest), file)  # what was given may be too long, say
    write_manifest(manifest, folder)
    return manifest


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


def _manifest(adoption: Adoption, labels: LabelSet, svc: Mapping[str, Any], files: dict[str, FileEntry]) -> Manifest:
    identity = np.eye(len(labels))
    fitted_with = svc.get("_sklearn_version")
    return Manifest(
        schema=1,
        name=adoption.name,
        version=1,
        family="linear",
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        license=adoption.license,
        labels=labels,
        cleaning=AS_IT_IS,
        long_text=AS_ONE_TEXT,
        calibration=Calibration(
            method="softmax",
            weights=tuple(map(tuple, identity.tolist())),
            length_weights=tuple(map(tuple, (0 * identity).tolist())),
            bias=(0.0,) * len(labels),
            fitted_on="nothing: it was adopted",
        ),
        files=files,
        requires=Requirements(
            extra=None,
            packages={"scikit-learn": fitted_with} if isinstance(fitted_with, str) else {},
            cleaning_sha256=Cleaner(AS_IT_IS).fingerprint(),
        ),
        training=Training(data=(), seed=None, parameters={}),
        metrics={},
    )
