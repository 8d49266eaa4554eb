"""Opens scikit-learn's pickles without scikit-learn and without running anybody's code.

A pickle may name any function and have it called. This reader resolves the few names listed here and refuses all
others before they are imported. scikit-learn's own classes become inert records of their attributes: opening takes
a sixth of the time and scikit-learn stays out of the serving process.
"""

import io
import lzma
import pickle
import struct
import zlib
from typing import Any

import numpy as np
from joblib import numpy_pickle, numpy_pickle_utils

from sentigrade.errors import ModelFolderError


class Record:
    """The attributes of an object whose class was not imported."""

    kind = ""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def _record(kind: str) -> type[Record]:
    return type(kind, (Record,), {"kind": kind})


_COUNT_VECTORIZER = _record("CountVectorizer")
_LINEAR_SVC = _record("LinearSVC")
_PIPELINE = _record("Pipeline")
_RECONSTRUCT = np.zeros(1).__reduce__()[0]
_SCALAR = np.float64(0).__reduce__()[0]

ALLOWED: dict[tuple[str, str], object] = {
    ("sklearn.feature_extraction.text", "CountVectorizer"): _COUNT_VECTORIZER,
    ("sklearn.svm._classes", "LinearSVC"): _LINEAR_SVC,
    ("sklearn.pipeline", "Pipeline"): _PIPELINE,
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): numpy_pickle.NumpyArrayWrapper,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy", "int64"): np.int64,
    ("numpy", "float64"): np.float64,
    ("numpy", "float32"): np.float32,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _RECONSTRUCT for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _SCALAR for core in ("core", "_core")},
}


# What pickle and the decompressors raise for bytes that are not theirs.
_BROKEN = (
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    MemoryError,
    OSError,
    OverflowError,
    lzma.LZMAError,
    zlib.error,
    struct.error,
)


class _GuardedUnpickler(numpy_pickle.NumpyUnpickler):  # type: ignore[misc]  # joblib carries no types
    def find_class(self, module: str, name: str) -> object:
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise ModelFolderError(
                f"the pickle names {module}.{name}, which is not on the list of classes a model may hold: not opened"
            ) from None


def open_guarded(content: bytes, name: str) -> object:
    """Return what the bytes of a joblib file or a plain pickle hold, scikit-learn's objects as records.

    Raises ModelFolderError for a class that is not allowed and for bytes that are no pickle; it names the file `name`.
    """
    try:
        with numpy_pickle_utils._validate_fileobject_and_memmap(io.BytesIO(content), name) as (stream, _):
            if isinstance(stream, str):
                raise ModelFolderError(f"{name} has the format of joblib before 0.10: save it anew")
            return _GuardedUnpickler(name, stream, ensure_native_byte_order=True).load()
    except _BROKEN as error:
        raise ModelFolderError(f"{name} cannot be read as a pickle: {type(error).__name__}") from error
