"""The straight line: text -> Cleaner -> Classifier -> Answer. Every door calls `Scorer.score`."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from msgspec.structs import replace

from sentigrade.answer import Answer, Rejection, Sentence
from sentigrade.answering import Answering, applying, most_probable
from sentigrade.calibration import Calibrator
from sentigrade.classifiers.deadline import within
from sentigrade.classifiers.families import SLOW, WITHOUT_FILE
from sentigrade.errors import InvalidRequest
from sentigrade.explanation import open_explainer
from sentigrade.long_text import LongTextReader, Reading, put
from sentigrade.model import Model
from sentigrade.options import Options
from sentigrade.text.cleaning import token_count
from sentigrade.text.sentences import split

# Texts scored at once: enough to make numpy's calls cheap, few enough to keep memory flat.
_BLOCK = 256

_WARM_UP = "A warm, funny and well-made film."


class Scorer:
    """A model ready to answer."""

    def __init__(self, model: Model, *, max_characters: int, max_seconds: float | None = None) -> None:
        """Reject texts of more than `max_characters` code points.

        Families that ask other machines, and slow ones, answer within `max_seconds` or not at all.
        """
        self.model = model
        self._explainer = open_explainer(model)
        self._reader = LongTextReader.of(model)
        self._calibrator = Calibrator(model.manifest.calibration)
        self._max_characters = max_characters
        self._patience = max_seconds if self.is_slow or model.manifest.family in WITHOUT_FILE else None
        self._answering = Answering(model.manifest)
        self._polarities = np.array([label.polarity or 0.0 for label in model.manifest.labels.items])

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.manifest.name

    @property
    def is_slow(self) -> bool:
        """Whether one long text may take as long as thousands of texts do with other families."""
        return self.model.manifest.family in SLOW

    @property
    def can_explain(self) -> bool:
        """Whether it can say which words moved an answer."""
        return self._explainer is not None

    def prepare(self) -> Self:
        """Warm the cleaner with the model's words. Call it once, before workers fork."""
        self.model.cleaner.warm(self.model.classifier.words())
        return self

    def start(self) -> None:
        """Get ready in the process that will answer, and prove it with one answer."""
        with within(self._patience):
            self.model.classifier.start()
            list(self._answers([_WARM_UP], Options(scores=True)))

    def score(self, texts: Sequence[str], options: Options = Options()) -> list[Answer | Rejection]:
        """Answer each text, in order, as the options ask.

        Raises InvalidRequest for options that do not fit this model, EndpointError where an endpoint classifies but
        does not answer, RequestTooLarge where a slow family cannot answer all of them in time.
        """
        options = self._fitted(options)
        if self._patience is None:  # entering a block takes as long as a twentieth of a text
            return self._score_blocks(texts, options)
        with within(self._patience):
            return self._score_blocks(texts, options)

    def _score_blocks(self, texts: Sequence[str], options: Options) -> list[Answer | Rejection]:
        outcomes: list[Answer | Rejection] = []
        for start in range(0, len(texts), _BLOCK):
            outcomes.extend(self._score_block(texts[start : start + _BLOCK], options))
        return outcomes

    def _fitted(self, options: Options) -> Options:
        """Return the options with the threshold of every label; raises InvalidRequest if they do not fit the model."""
        if options.explain and not self._explainer:
            raise InvalidRequest(
                f"{self.name} is of the family {self.model.manifest.family}, which offers no explanations; "
                "leave explain out.",
                pointer="/explain",
            )
        if not options.thresholds:
            return options
        return replace(options, thresholds=self._answering.thresholds(options.thresholds))

    def _score_block(self, texts: Sequence[str], options: Options) -> Iterator[Answer | Rejection]:
        rejections = list(map(self._reject, texts))
        if not any(rejections):
            return self._answers(texts, options)
        accepted = [text for text, rejection in zip(texts, rejections, strict=True) if rejection is None]
        answers = self._answers(accepted, options) if accepted else iter(())
        return (rejection or next(answers) for rejection in rejections)

    def _reject(self, text: str) -> Rejection | None:
        if len(text) > self._max_characters:
            return Rejection(
                code="text_too_long",
                detail=f"The text has {len(text):,} characters; send at most {self._max_characters:,}, or split it.",
            )
        if "\0" in text:
            return Rejection(code="nul_character", detail="The text holds a NUL character; remove it.")
        if not text.isascii() and _has_surrogates(text):
            return Rejection(code="not_unicode", detail="The text is not valid Unicode; send it as UTF-8.")
        return None

    def _answers(self, texts: Sequence[str], options: Options) -> Iterator[Answer]:
        cleaned = self.model.cleaner.clean(texts)
        scores = self.model.classifier.score(cleaned)
        lengths = list(map(token_count, cleaned))
        readings = self._reader.read_all(texts, cleaned, scores, lengths) if self._reader else {}
        shifts = np.outer(put(readings, scores, lengths), self._polarities) if readings else None
        probabilities = self._calibrator.probabilities(scores, lengths, shifts)
        best = probabilities.argmax(axis=1).tolist()
        answers = map(
            self._answering.answer,
            best,
            (probabilities @ self._polarities).tolist(),
            probabilities.tolist(),
            scores.tolist() if options.scores else [None] * len(texts),
        )
        if options.explain or options.sentences or options.top_k or options.thresholds:
            ways = map(readings.get, range(len(texts)))
            return map(self._extend, answers, texts, best, ways, [options] * len(texts))
        return answers

    def _extend(self, answer: Answer, text: str, best: int, reading: Reading | None, options: Options) -> Answer:
        """Add what is asked for beyond the plain answer."""
        parts: dict[str, Any] = {}
        if options.explain and self._explainer:
            parts["explanation"] = self._explainer.explain(text, best, reading)
        if options.sentences:
            parts["sentences"] = tuple(self._sentences(text, options))
        if options.thresholds:
            parts |= applying(answer.probabilities, options.thresholds)
        answer = replace(answer, **parts)
        return replace(answer, **most_probable(answer, options.top_k)) if options.top_k else answer

    def _sentences(self, text: str, options: Options) -> Iterator[Sentence]:
        spans = split(text)
        if not spans:
            return
        answers = self._answers([text[start:end] for start, end in spans], replace(options, sentences=False))
        for (start, end), answer in zip(spans, answers, strict=True):
            yield Sentence.at(start, end, answer)


def _has_surrogates(text: str) -> bool:
    """Whether a string holds what Python makes of bytes that were no UTF-8, or half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
