"""A model, the teacher, labels texts: on all cores, and into a file, so that it need not do so twice."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

import msgspec
import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from sentigrade.answer import Answer
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError, SettingError
from sentigrade.labels import LabelSet
from sentigrade.manifest import Training
from sentigrade.model import Model, load_model
from sentigrade.scorer import Scorer
from sentigrade.trust import Trust

# Texts that a process labels at once: a few seconds of work, which is what a killed run loses.
_TOGETHER = 500
_GZIP = 31  # for zlib: bytes with gzip's header


class Teacher(NamedTuple):
    """A model to be learned from, and how it was trained; texts of more than `max_characters` are not labelled."""

    identity: str
    labels: LabelSet
    training: Training
    folder: Path
    digest: str
    max_characters: int

    @classmethod
    def of(cls, model: Model, *, max_characters: int) -> Self:
        """Take a model that was opened."""
        return cls(
            model.identity, model.manifest.labels, model.manifest.training, model.folder, model.digest, max_characters
        )

    def left_out_a_tenth_of(self, examples: Examples, *, seed: int) -> bool:
        """Whether it learned from these examples all but the tenth that this seed holds back."""
        learned = self.training
        same = learned.seed == seed and [rows.sha256 for rows in learned.data] == [examples.sha256()]
        return same and learned.parameters.get("unseen") == "a tenth"

    def require_labels(self, labels: LabelSet) -> None:
        """Raise SettingError unless it gives each text exactly one of these labels."""
        if "multilabel" in (self.labels.kind, labels.kind):
            raise SettingError("nothing is distilled of labels of which several may apply: each text needs one")
        if self.labels.ids != labels.ids:
            raise SettingError(
                f"the teacher {self.identity} gives {', '.join(self.labels.ids)}, the data has "
                f"{', '.join(labels.ids)}: both need the same labels in the same order"
            )


class Labelled(msgspec.Struct, frozen=True):
    """A text and what the teacher said of it: a probability for each label, nothing if it rejects the text."""

    text: str
    probabilities: tuple[float, ...] | None


class _Head(msgspec.Struct, frozen=True):
    teacher: str
    labels: tuple[str, ...]


def label(teacher: Teacher, texts: Sequence[str], file: Path | None = None) -> NDArray[np.float64]:
    """Return what the teacher says, (texts, labels) probabilities; those of a text that it rejects are NaN.

    The file remembers the labels: what it holds is not asked again, and what a run was killed before is asked by the
    next one. Raises DataError for a file of another teacher or of other texts, and when it cannot be written.
    """
    known = _read(file, teacher, texts) if file else []
    rows = [row.probabilities for row in known[: len(texts)]]
    with tqdm(total=len(texts), initial=len(rows), desc="labelling", unit="text") as progress:
        for part in _ask(teacher, texts[len(known) :]):
            if file:
                _append(file, part)
            rows += [row.probabilities for row in part]
            progress.update(len(part))
    unknown = (np.nan,) * len(teacher.labels)
    return np.array([row or unknown for row in rows]).reshape(len(rows), len(teacher.labels))


def _ask(teacher: Teacher, texts: Sequence[str]) -> Iterator[list[Labelled]]:
    parts = (texts[start : start + _TOGETHER] for start in range(0, len(texts), _TOGETHER))
    return iter(Parallel(n_jobs=-1, return_as="generator")(delayed(_answers)(teacher, part) for part in parts))


def _answers(teacher: Teacher, texts: Sequence[str]) -> list[Labelled]:
    outcomes = _scorer(teacher.folder, teacher.digest, teacher.max_characters).score(texts)
    probabilities = (tuple(out.probabilities.values()) if isinstance(out, Answer) else None for out in outcomes)
    return list(map(Labelled, texts, probabilities))


@lru_cache(maxsize=1)  # a process loads the model once
def _scorer(folder: Path, digest: str, max_characters: int) -> Scorer:
    model = load_model(folder, Trust(digest=digest))
    scorer = Scorer(model, max_characters=max_characters).prepare()
    scorer.start()
    return scorer


def _read(file: Path, teacher: Teacher, texts: Sequence[str]) -> list[Labelled]:
    """Return what a file holds; one that is not there is begun, and what a killed run left unfinished is cut off."""
    head = _Head(teacher.identity, teacher.labels.ids)
    try:
        raw = file.read_bytes() if file.exists() else b""
        parts, sound = _whole_parts(raw)
        if not raw:
            file.write_bytes(_packed([head]))
            return []
        lines = b"".join(parts).splitlines()
        if not lines or msgspec.json.decode(lines[0], type=_Head) != head:
            raise DataError(f"{file} was labelled by another model than {teacher.identity}: give another file")
        known = list(map(msgspec.json.Decoder(Labelled).decode, lines[1:]))
        if sound < len(raw):
            with file.open("r+b") as opened:
                opened.truncate(sound)
    except (zlib.error, msgspec.DecodeError):
        raise DataError(f"{file} holds no texts that a teacher has labelled: give another file") from None
    except OSError as error:
        raise DataError(f"{file} cannot be used: {error.strerror}") from None
    if any(row.text != text for row, text in zip(known, texts, strict=False)):
        raise DataError(f"{file} holds labels of other texts than these: give another file")
    return known


def _append(file: Path, part: Sequence[Labelled]) -> None:
    try:
        with file.open("ab") as opened:
            opened.write(_packed(part))
    except OSError as error:
        raise DataError(f"{file} cannot be written: {error.strerror}") from None


def _packed(rows: Sequence[msgspec.Struct]) -> bytes:
    return gzip.compress(msgspec.json.Encoder().encode_lines(rows), mtime=0)


def _whole_parts(raw: bytes) -> tuple[list[bytes], int]:
    """Unpack what was appended part by part; return the parts and how many bytes they take, an unfinished one aside."""
    parts: list[bytes] = []
    rest = raw
    while rest:
        unpacker = zlib.decompressobj(_GZIP)
        part = unpacker.decompress(rest)
        if not unpacker.eof:
            break
        parts.append(part)
        rest = unpacker.unused_data
    return parts, len(raw) - len(rest)
