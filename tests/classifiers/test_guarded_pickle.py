"""A pickle from elsewhere must not run anything, nor import anything that is not listed."""

import io
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from sentigrade.classifiers.guarded_pickle import ALLOWED, Record, open_guarded
from sentigrade.errors import ModelFolderError


class Mark:
    """Writes a file when it is unpickled by a reader that is not on its guard."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self._path, "I was here")


def test_the_fitted_pipeline_opens_as_records(small_store: Path) -> None:
    pipeline = open_guarded((small_store / "sentiment" / "1" / "model.joblib").read_bytes(), "model.joblib")
    assert isinstance(pipeline, Record)
    assert pipeline.kind == "Pipeline"
    (_, count), (_, classify) = pipeline.__dict__["steps"]
    assert "brilliant" in count.vocabulary_
    assert classify.coef_.shape[0] == 5


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("xz", 3)])
def test_joblib_files_open_whatever_their_compression(compress: Any, tmp_path: Path) -> None:  # noqa: ANN401
    joblib.dump({"a": np.arange(5.0)}, tmp_path / "m.joblib", compress=compress)
    opened: Any = open_guarded((tmp_path / "m.joblib").read_bytes(), "m.joblib")
    assert opened["a"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "wrap", [lambda mark: mark, lambda mark: {"steps": [mark]}, lambda mark: Pipeline([("x", mark)])]
)
@pytest.mark.parametrize("writer", ["pickle", "joblib", "object array"])
def test_a_foreign_class_is_refused_and_leaves_no_mark(writer: str, wrap: Any, tmp_path: Path) -> None:  # noqa: ANN401
    mark, path = tmp_path / "mark", tmp_path / "model.joblib"
    content = wrap(Mark(mark))
    if writer == "pickle":
        path.write_bytes(pickle.dumps(content))
    else:
        joblib.dump(np.array([content], dtype=object) if writer == "object array" else content, path)

    joblib.load(path)
    assert mark.read_text() == "I was here"  # opened plainly, it does its work
    mark.unlink()

    with pytest.raises(ModelFolderError, match=r"Path\.write_text|getattr|which is not on the list"):
        open_guarded(path.read_bytes(), path.name)
    assert not mark.exists()


def test_no_foreign_module_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "foreign_module.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "m.pkl").write_bytes(b"cforeign_module\nrun\n(tR.")
    with pytest.raises(ModelFolderError, match=r"foreign_module\.run"):
        open_guarded((tmp_path / "m.pkl").read_bytes(), "m.pkl")


def test_the_list_names_nothing_that_can_run_code() -> None:
    assert not {module for module, _ in ALLOWED} & {"builtins", "os", "posix", "subprocess", "importlib", "copyreg"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a pickle",
        b"\x80\x05",
        pickle.dumps([1, 2])[:-3],
        b"\xfd7zXZ\x00damaged",
        b"BZh9damaged",
        b"\x1f\x8bdamaged",
    ],
)
def test_bytes_that_are_no_pickle_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(content)
    with pytest.raises(ModelFolderError):
        open_guarded((tmp_path / "m.pkl").read_bytes(), "m.pkl")


def test_a_cut_compressed_file_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    joblib.dump({"a": np.arange(1000.0)}, buffer, compress=3)
    (tmp_path / "m.joblib").write_bytes(buffer.getvalue()[:-20])
    with pytest.raises(ModelFolderError):
        open_guarded((tmp_path / "m.joblib").read_bytes(), "m.joblib")
