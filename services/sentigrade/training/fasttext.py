"""Fits family `fasttext`: fastText on cleaned texts."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.fasttext import FastTextClassifier, file_in_memory
from sentigrade.data.word_vectors import digests_of
from sentigrade.errors import DataError, MissingExtra, ModelFolderError
from sentigrade.labels import LabelSet
from sentigrade.training.fasttext_input import training_lines, validation_parted, vectors_for
from sentigrade.training.learning import TrainingTexts, Unseen

try:
    import fasttext
except ImportError:
    raise MissingExtra("training family fasttext", "fasttext") from None

_LARGEST = 2**31 - 1
_Count = Annotated[int, Meta(ge=1, le=_LARGEST)]
_CountOrNone = Annotated[int, Meta(ge=0, le=_LARGEST)]
# Longer n-grams are refused when the model is opened (classifiers/fasttext_layout.py).
_Length = Annotated[int, Meta(ge=0, le=100)]


class FastTextParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What fastText is told.

    loss                softmax for alternatives, one-vs-all (`ova`) where any number of labels applies
    word_ngrams         the features are sequences of 1 to this many words,
    shortest_subword    and of so many characters
    longest_subword     to so many; 0 leaves them out
    bucket              n-grams share so many vectors
    min_count           rarer words are left out
    vectors             a file of pretrained vectors to begin with; those of the words in the texts are taken
    quantise            compress the model, to a file `.ftz`
    cutoff              and keep only so many words and n-grams, those with the longest vectors; 0 keeps all
    autotune_seconds    try for so long which lr, epochs, word_ngrams and subwords are best; 0 takes those given here
    """

    extra: ClassVar[str | None] = "fasttext"
    packages: ClassVar[tuple[str, ...]] = ("spacy", "fasttext-community", "numpy")
    unseen: ClassVar[Unseen] = "folds"

    lr: Annotated[float, Meta(gt=0)] = 0.5
    epochs: _Count = 5
    dimensions: _Count = 50
    word_ngrams: Annotated[int, Meta(ge=1, le=100)] = 2
    shortest_subword: _Length = 0
    longest_subword: _Length = 0
    bucket: _Count = 200_000
    min_count: _Count = 1
    loss: Literal["softmax", "ova"] | None = None
    vectors: str | None = None
    quantise: bool = False
    cutoff: _CountOrNone = 0
    autotune_seconds: _CountOrNone = 0

    def __post_init__(self) -> None:
        if self.cutoff and not self.quantise:
            raise ValueError("a cutoff is for models that are quantised: set quantise = true")
        if self.shortest_subword > self.longest_subword:
            raise ValueError("the shortest subword is longer than the longest")

    def chosen(self, texts: TrainingTexts, seed: int, /) -> Self:
        """Return them with the loss that fits the labels, and with what autotune found in the time it has.

        What is found depends on the machine; fits with it do not. Raises DataError as `fit` does.
        """
        settled = replace(self, loss=self._loss_for(texts.labels))
        if not self.autotune_seconds:
            return settled
        learned, asked = validation_parted(training_lines(texts, seed=seed), seed=seed)
        return settled._tuned(learned, asked, seed=seed)

    def noted(self) -> dict[str, Any]:
        """Return them by name; of vectors the name and sha256 of each file."""
        noted = msgspec.structs.asdict(self)
        if self.vectors is not None:
            noted["vectors"] = digests_of(Path(self.vectors))
        return noted

    def fit(self, texts: TrainingTexts, *, seed: int) -> "FittedFastText":
        """Train in one thread; the same for the same input and seed.

        Raises DataError when nothing can be learned, the numbers get out of hand, or there is too little memory.
        """
        lines = training_lines(texts, seed=seed)
        loss = self._loss_for(texts.labels)
        with self._explained(), self._files(lines) as files:
            model = fasttext.train_supervised(
                **files,
                **self._sizes(),
                loss=loss,
                lr=self.lr,
                epoch=self.epochs,
                wordNgrams=self.word_ngrams,
                minn=self.shortest_subword,
                maxn=self.longest_subword,
                seed=seed & _LARGEST,
                thread=1,
                verbose=0,
            )
            if self.quantise:
                cut = {"cutoff": self.cutoff, "retrain": self.cutoff > 0}
                model.quantize(files["input"], **cut, qnorm=True, thread=1, verbose=0)
            return FittedFastText.of(model, texts.labels, "model.ftz" if self.quantise else "model.bin")

    def _tuned(self, lines: Sequence[str], validation: Sequence[str], *, seed: int) -> Self:
        tuned_on = file_in_memory("".join(validation).encode())
        with self._explained(), self._files(lines) as files, tuned_on as asked, _without_chatter():
            model = fasttext.train_supervised(
                **files,
                **self._sizes(),
                loss=self.loss,
                autotuneValidationFile=asked,
                autotuneDuration=self.autotune_seconds,
                seed=seed & _LARGEST,
                thread=len(os.sched_getaffinity(0)),
                verbose=0,
            )
        found = model.f.getArgs()
        return replace(
            self,
            lr=round(found.lr, 6),
            epochs=found.epoch,
            word_ngrams=found.wordNgrams,
            shortest_subword=found.minn if found.maxn else 0,
            longest_subword=found.maxn,
            autotune_seconds=0,
        )

    def _loss_for(self, labels: LabelSet) -> Literal["softmax", "ova"]:
        several = labels.kind == "multilabel"
        if several and self.loss == "softmax":
            raise DataError("softmax knows one label a text, and here any number applies: set loss to ova")
        return self.loss or ("ova" if several else "softmax")

    def _sizes(self) -> dict[str, int]:
        """Return what decides how large the model is, which autotune leaves alone."""
        return {"dim": self.dimensions, "bucket": self.bucket, "minCount": self.min_count}

    @contextmanager
    def _files(self, lines: Sequence[str]) -> Iterator[dict[str, str]]:
        with ExitStack() as stack:
            files = {"input": stack.enter_context(file_in_memory("".join(lines).encode()))}
            if self.vectors is not None:
                vectors = vectors_for(lines, Path(self.vectors), dimensions=self.dimensions)
                files["pretrainedVectors"] = stack.enter_context(file_in_memory(vectors))
            yield files

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise as a DataError what fastText stumbles over."""
        try:
            yield
        except MemoryError:
            raise DataError(
                f"there is not enough memory for {self.bucket:,} buckets of {self.dimensions} dimensions: lower bucket"
            ) from None
        except (RuntimeError, ValueError) as error:
            advice = f"; lower lr from {self.lr}" if "NaN" in str(error) else ""
            raise DataError(f"fastText cannot learn from these texts: {str(error).rstrip('.')}{advice}") from None


Parameters = FastTextParameters


class FittedFastText(NamedTuple):
    """A trained model: the bytes of its file, what that is called, and the classifier that it makes."""

    content: bytes
    file: str
    classifier: FastTextClassifier

    @classmethod
    def of(cls, model: fasttext.FastText._FastText, labels: LabelSet, file: str) -> Self:
        """Take a model of fastText; raises DataError for one that could not be opened again."""
        with file_in_memory() as path:
            model.save_model(path)
            content = Path(path).read_bytes()
        try:
            return cls(content, file, FastTextClassifier.load(Parts(labels, file, content)))
        except ModelFolderError as error:
            raise DataError(f"what fastText has learned cannot be used: {error}") from None

    def score(self, cleaned: list[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels."""
        return self.classifier.score(cleaned)

    def save(self, folder: Path) -> str:
        """Write `model.bin`, as fastText and BlazingText have it, or `model.ftz`; raises OSError when it cannot."""
        (folder / self.file).write_bytes(self.content)
        return self.file


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep off standard error what autotune writes there whatever it is told."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
