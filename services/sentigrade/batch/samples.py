"""What a report shows of the answers beyond their number: how sure they are, which words told, which are doubtful."""

from collections.abc import Sequence
from heapq import nsmallest

import numpy as np

from sentigrade.answer import Answer
from sentigrade.batch.job import Job, Place
from sentigrade.batch.rows import ChunkRows, Row
from sentigrade.batch.tally import CONFIDENCES, Sample, most_telling
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.wire.native import bare_label

# Explaining takes some five times as long as answering: so many chunks of a job have so many of their texts explained.
_EXPLAINED_CHUNKS = 64
_EXPLAINED_TEXTS = 16
_DOUBTFUL = 3
_SHOWN_CHARACTERS = 240


def confidence(answer: Answer) -> float:
    """Return how sure an answer is: its label's probability; with several labels, that of its most doubtful one."""
    if answer.label is not None:
        return answer.probabilities[answer.label]
    return min(max(value, 1 - value) for value in answer.probabilities.values())


def confidences(answers: Sequence[Answer]) -> tuple[int, ...]:
    """Return how many answers are how sure, from 0 to 1 in equal steps."""
    counts, _ = np.histogram([*map(confidence, answers)], bins=CONFIDENCES, range=(0, 1))
    return tuple(counts.tolist())


def shorten(text: str) -> str:
    """Return the beginning of a long text, and that there was more of it."""
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


class Sampler:
    """Takes samples of the chunks of a job: the same ones in every run."""

    def __init__(self, job: Job, scorer: Scorer) -> None:
        places = list(job.places())
        self._explained = frozenset(places[:: -(-len(places) // _EXPLAINED_CHUNKS) or 1])
        self._scorer = scorer

    def least_sure(
        self, file: str, found: ChunkRows, rows: Sequence[Row], answers: Sequence[Answer]
    ) -> tuple[Sample, ...]:
        """Return the most doubtful answers of a chunk."""
        doubtful = nsmallest(_DOUBTFUL, zip(map(confidence, answers), range(len(rows)), strict=True))
        return tuple(
            Sample(
                confidence=sure,
                file=file,
                line=found.line_of(rows[number]),
                text=shorten(str(rows[number].content)),
                labels=bare_label(answers[number]),
            )
            for sure, number in doubtful
        )

    def telling_words(self, place: Place, rows: Sequence[Row]) -> dict[str, dict[str, float]]:
        """Return by label what words added to it, over some of the texts; nothing for most chunks."""
        if place not in self._explained or not self._scorer.can_explain:
            return {}
        texts = [str(row.content) for row in rows[:: -(-len(rows) // _EXPLAINED_TEXTS) or 1]]
        added: dict[str, dict[str, float]] = {}
        for text, answer in zip(texts, self._scorer.score(texts, Options(explain=True)), strict=True):
            if isinstance(answer, Answer) and answer.explanation:
                words = added.setdefault(answer.explanation.label, {})
                for word in answer.explanation.words:
                    spelled = text[word.start : word.end].lower()
                    words[spelled] = words.get(spelled, 0) + word.weight
        return {label: most_telling(words) for label, words in added.items()}
