"""Family `transformer`: a fine-tuned encoder as an ONNX file, run by onnxruntime.

The file brings its tokenizer along, and the ids of its labels, in its metadata. A text of more tokens than the encoder
reads at once is read in windows, which overlap; it scores what its windows score on average. Each window is run by
itself: nothing is padded, and what a text scores does not depend on its neighbours, as the second digit of it would
with int8 (docs/transformer.md).
"""

import os
from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.deadline import seconds_left
from sentigrade.errors import MissingExtra, ModelFolderError, RequestTooLarge, SettingError

# Read when onnxruntime is imported: else it tells its makers of each model that it opens, from a thread of its own, and
# keeps a file in the user's cache.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

try:
    from onnxruntime import InferenceSession, SessionOptions
    from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors
    from tokenizers import Tokenizer
except ImportError:
    raise MissingExtra("family transformer", "transformer") from None

# The one input, (1, tokens) int64, and the one output, (1, labels) float32.
TOKENS = "input_ids"
SCORES = "scores"
# The entries of the metadata: the ids of the labels, parted by blanks, and what tokenizer.json holds.
LABELS = "labels"
TOKENIZER = "tokenizer"

# What onnxruntime raises for bytes that are no model, or one that cannot be run; the last four are Python's own.
_BROKEN = (
    *(
        getattr(onnxruntime_errors, name)
        for name in ("EPFail", "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoModel", "NoSuchFile")
    ),
    *(getattr(onnxruntime_errors, name) for name in ("NotFound", "NotImplemented", "RuntimeException")),
    ValueError,
    RuntimeError,
    LookupError,
    MemoryError,
)
# Of onnxruntime's levels of severity, the one that leaves out warnings.
_ERRORS = 3
# Where weights outside the file would be looked for, else in the current folder: nowhere.
_OUTSIDE = ("session.model_external_initializers_file_folder_path", os.devnull)

# A text without tokens, one of unknown tokens and one of several windows.
_TRIALS = ("", "\U0001f600 \u0416", "a " * 1000)


class TransformerClassifier:
    """An encoder and its tokenizer, ready to score."""

    def __init__(self, session: InferenceSession, tokenizer: Tokenizer, labels: int, content: bytes) -> None:
        """`content` is the model file, from which each process opens a session with threads, empty if it needs none."""
        self._session = session
        self._tokenizer = tokenizer
        self._labels = labels
        self._content = content

    @classmethod
    def load(cls, parts: Parts) -> Self:
        """Read a model file; raises ModelFolderError when it is none or was trained on other labels.

        Raises SettingError where OMP_NUM_THREADS is no number of threads.
        """
        try:
            session = _open(parts.content, threads=1)
            _require_labels(session, parts)
            tokenizer, tried = _tokenizer(session, parts)
            _require_scores(session, tried, parts)
        except _BROKEN as error:
            raise ModelFolderError(
                f"{parts.file} cannot be run as a model of family transformer: {_first_line(error)}"
            ) from error
        return cls(session, tokenizer, len(parts.labels), parts.content if _threads() > 1 else b"")

    def start(self) -> None:
        """Open a session of this process's own if OMP_NUM_THREADS asks for threads, which do not survive a fork.

        Without them the one that `load` has opened does, and all workers share its weights.
        """
        if self._content:
            self._session = _open(self._content, threads=_threads())

    def words(self) -> Iterable[str]:
        """Return the words among its tokens."""
        return filter(str.isalpha, self._tokenizer.get_vocab())

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels; raises RequestTooLarge when that takes longer than the answer is of use."""
        scores = np.zeros((len(cleaned), self._labels))
        for row, text in enumerate(cleaned):
            scores[row] = np.mean([_score(self._session, ids) for ids in windows(self._tokenizer, text)], axis=0)
        return scores


load = TransformerClassifier.load


def windows(tokenizer: Tokenizer, text: str) -> list[list[int]]:
    """Return the tokens of a text, in as many windows as the tokenizer's own truncation parts it into."""
    encoding = tokenizer.encode(text)
    return [part.ids for part in (encoding, *encoding.overflowing)]


def _threads() -> int:
    """Return how many threads share a window; there is a worker for each core, so it is one by default."""
    given = os.environ.get("OMP_NUM_THREADS") or "1"
    if not (given.isascii() and given.isdigit() and int(given)):
        raise SettingError(f"OMP_NUM_THREADS is {given}: give a number of threads, such as 1, or leave it out")
    return int(given)


def _open(content: bytes, *, threads: int) -> InferenceSession:
    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS
    options.add_session_config_entry(*_OUTSIDE)
    # Without falling back it prints nothing when it fails, and there is nothing to fall back to.
    return InferenceSession(content, options, providers=["CPUExecutionProvider"], enable_fallback=0)


def _require_labels(session: InferenceSession, parts: Parts) -> None:
    """Raise ModelFolderError for what does not take tokens, or does not give scores of these labels."""
    described = session.get_modelmeta().custom_metadata_map.get(LABELS, "").split()
    inputs = [(value.name, value.type, len(value.shape)) for value in session.get_inputs()]
    outputs = [(value.name, value.type, len(value.shape)) for value in session.get_outputs()]
    if inputs != [(TOKENS, "tensor(int64)", 2)] or outputs != [(SCORES, "tensor(float)", 2)] or not described:
        raise ModelFolderError(
            f"{parts.file} is no model of family transformer: it must take {TOKENS}, give {SCORES} and name its labels"
        )
    if described != list(parts.labels.ids):
        raise ModelFolderError(
            f"{parts.file} was trained on the labels {', '.join(described)}, the manifest lists "
            f"{', '.join(parts.labels.ids)}"
        )


def _tokenizer(session: InferenceSession, parts: Parts) -> tuple[Tokenizer, list[list[int]]]:
    """Return the tokenizer, and windows with which to try out whether it is the encoder's."""
    try:
        tokenizer = Tokenizer.from_str(session.get_modelmeta().custom_metadata_map[TOKENIZER])
        tried = [windows(tokenizer, text)[0] for text in _TRIALS]
        # To another encoder its last token may mean nothing.
        return tokenizer, [*tried, [max(tokenizer.get_vocab().values())]]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 - the library raises nothing more exact, and a panic of Rust's is no Exception
        raise ModelFolderError(
            f"{parts.file} brings no tokenizer that takes every text: it was not trained with sentigrade"
        ) from None


def _require_scores(session: InferenceSession, tried: list[list[int]], parts: Parts) -> None:
    """Raise ModelFolderError where the encoder cannot score what the tokenizer makes of texts."""
    for ids in tried:
        scores = _score(session, ids)
        if scores.shape != (len(parts.labels),) or not np.isfinite(scores).all():
            raise ModelFolderError(
                f"{parts.file} gives no finite score for each label: its encoder and its tokenizer do not fit together"
            )


def _score(session: InferenceSession, ids: Sequence[int]) -> NDArray[np.float64]:
    """Return the scores (labels,) of the tokens of one window."""
    if seconds_left() == 0:
        raise RequestTooLarge("Reading these texts takes too long; send fewer, or shorter ones, in one request.")
    (scores,) = session.run([SCORES], {TOKENS: np.array([ids], dtype=np.int64)})
    found: NDArray[np.float64] = scores[0].astype(np.float64)
    return found


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
