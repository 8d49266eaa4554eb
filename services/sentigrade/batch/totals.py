"""The sums over the chunks of a job."""

from collections import Counter
from operator import add

import msgspec

from sentigrade.batch.job import Job, Place
from sentigrade.batch.tally import CONFIDENCES, Done, FileSummary, Sample, Summary, most_telling

# The most doubtful answers of a whole job.
_DOUBTFUL = 12


class Totals:
    """The sums over the chunks that are done so far."""

    def __init__(self, job: Job) -> None:
        self._job = job
        # Of each input, by the number of a chunk.
        self._lines: list[dict[int, int]] = [{} for _ in job.inputs]
        self._labels = [Counter[str]() for _ in job.inputs]
        self._out = [0] * len(job.inputs)
        self._reasons = Counter[str]()
        self._confidence = [0] * CONFIDENCES
        self._least_sure: list[tuple[Sample, Place]] = []
        self._words: dict[str, dict[str, float]] = {}
        self.rows = 0

    def add(self, done: Done) -> None:
        """Count a chunk."""
        place = Place(done.input, done.chunk)
        self._lines[done.input][done.chunk] = done.lines
        self.rows += done.rows
        self._labels[done.input].update(done.labels)
        self._out[done.input] += done.out
        self._reasons.update(done.reasons)
        self._confidence = [*map(add, self._confidence, done.confidence)]
        doubtful = [*self._least_sure, *((sample, place) for sample in done.least_sure)]
        self._least_sure = sorted(doubtful)[:_DOUBTFUL]
        for label, words in done.words.items():
            sums = self._words.setdefault(label, {})
            for word, weight in words.items():
                sums[word] = sums.get(word, 0) + weight

    @property
    def aside(self) -> int:
        """How many rows went aside."""
        return self._reasons.total()

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows went aside, by the code of the reason, the most frequent first."""
        return dict(sorted(self._reasons.items(), key=lambda reason: (-reason[1], reason[0])))

    def has(self, place: Place) -> bool:
        """Whether a chunk is done."""
        return place.chunk in self._lines[place.input]

    def lines(self, number: int) -> list[int] | None:
        """Return how many lines each chunk of an input takes, None while some are not done."""
        lines = self._lines[number]
        if len(lines) < len(self._job.inputs[number].chunks):
            return None
        return [lines[chunk] for chunk in range(len(lines))]

    def summary(self) -> Summary:
        """Return the sums, once all chunks are done."""
        return Summary(
            model=self._job.work.model,
            rows=self.rows,
            out=sum(self._out),
            aside=self.aside,
            reasons=self.reasons,
            labels=_by_name(sum(self._labels, Counter())),
            confidence=tuple(self._confidence),
            files=tuple(
                FileSummary(name=each.name, rows=each.rows, out=out, labels=_by_name(labels))
                for each, out, labels in zip(self._job.inputs, self._out, self._labels, strict=True)
            ),
            least_sure=tuple(self._placed(sample, place) for sample, place in self._least_sure),
            words={label: most_telling(words) for label, words in sorted(self._words.items())},
        )

    def _placed(self, sample: Sample, place: Place) -> Sample:
        """Return a sample with its line counted from the start of its file."""
        before = sum(self._lines[place.input][chunk] for chunk in range(place.chunk))
        return msgspec.structs.replace(sample, line=sample.line + before + self._job.inputs[place.input].first_line)


def _by_name(labels: Counter[str]) -> dict[str, int]:
    """Return counts in an order that does not depend on which chunk was done first."""
    return dict(sorted(labels.items()))
