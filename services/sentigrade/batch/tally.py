"""What came out: of a chunk, and of all chunks together."""

from collections.abc import Mapping
from heapq import nlargest

import msgspec

# Into so many steps the confidence of answers is sorted.
CONFIDENCES = 20
_MOST_WORDS = 100


class Sample(msgspec.Struct, frozen=True, order=True):
    """A text whose answer is doubtful: how sure the model is, where it stands, its beginning and its labels."""

    confidence: float
    file: str
    line: int
    text: str
    labels: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a chunk that is done.

    input, chunk   its place in the job
    rows, lines    how many it has, and how many lines of the file they take
    out            rows with an answer
    reasons        how many rows went aside, by the code of the reason
    first_aside    the reason of the first of them, for people
    labels         how often each label was given
    confidence     how many answers are how sure: probabilities of the given label, from 0 to 1 in equal steps
    least_sure     some of the most doubtful answers; their lines are counted from the start of the chunk
    words          what words added to the label that was given, by label, over a sample of texts
    """

    input: int
    chunk: int
    rows: int
    lines: int
    out: int
    reasons: dict[str, int]
    first_aside: str = ""
    labels: dict[str, int]
    confidence: tuple[int, ...]
    least_sure: tuple[Sample, ...] = ()
    words: dict[str, dict[str, float]] = {}


class FileSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of one input."""

    name: str
    rows: int
    out: int
    labels: dict[str, int]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of a job; the fields are those of its chunks, summed."""

    model: str
    rows: int
    out: int
    aside: int
    reasons: dict[str, int]
    labels: dict[str, int]
    confidence: tuple[int, ...]
    files: tuple[FileSummary, ...]
    least_sure: tuple[Sample, ...]
    words: dict[str, dict[str, float]]


def most_telling(words: Mapping[str, float]) -> dict[str, float]:
    """Return the words that have added most, the first of them first."""
    most = nlargest(_MOST_WORDS, ((weight, word) for word, weight in words.items() if weight > 0))
    return {word: round(weight, 6) for weight, word in most}
