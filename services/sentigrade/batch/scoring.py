"""The straight line for files: the rows of a chunk -> Scorer -> a part of the output. The same in every engine."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from sentigrade.answer import Answer, Rejection
from sentigrade.batch.assembling import BadRow
from sentigrade.batch.compression import compress
from sentigrade.batch.formats.named import format_of, output_of, parse_file_name
from sentigrade.batch.job import Input, Job, Place
from sentigrade.batch.opened import Addresses, Opened
from sentigrade.batch.patience import Patience, PatientScore
from sentigrade.batch.planning import reading_of
from sentigrade.batch.rows import ChunkRows, Row
from sentigrade.batch.samples import Sampler, confidences
from sentigrade.batch.tally import Done
from sentigrade.errors import DataError
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.wire.rows.row import outcomes_of

_encode_lines = msgspec.json.Encoder().encode_lines


class Order(NamedTuple):
    """All that another machine needs to score the chunks of a job: `reference` is that of exactly the job's model."""

    job: Job
    addresses: Addresses
    reference: str
    settings: Settings
    patience: Patience = Patience()

    def open(self) -> "ChunkScorer":
        """Load the model; raises StoreError and ModelFolderError as `open_model` does."""
        model = open_model(self.reference, self.settings)
        scorer = Scorer(model, max_characters=self.job.work.max_characters).prepare()
        return ChunkScorer(self.job, self.addresses, scorer, self.patience)


class _Scored(NamedTuple):
    """The rows of a chunk: all of them, those with an answer and these answers, and those without."""

    found: ChunkRows
    rows: Sequence[Row]
    answers: Sequence[Answer]
    bad: Sequence[BadRow]


class ChunkScorer:
    """Scores the chunks of a job, one at a time, in the process that it finds itself in."""

    def __init__(self, job: Job, addresses: Addresses, scorer: Scorer, patience: Patience) -> None:
        """Hold on to what processes share; connections and files are opened with the first chunk."""
        self._job = job
        self._addresses = addresses
        self._scorer = scorer
        self._score = PatientScore(self._answer, patience)
        self._sampler = Sampler(job, scorer)
        self._is_started = False
        self._opened: Opened | None = None

    def score(self, place: Place) -> Done:
        """Score a chunk, write its part into the sink and return what came out.

        Raises DataError for an input that has changed, StoreError, EndpointError.
        """
        opened = self._opened = self._opened or Opened(self._addresses)
        surveyed = self._job.inputs[place.input]
        scored = self._scored(surveyed, self._read(opened, surveyed, place))
        done = self._done(place, surveyed, scored)
        opened.sink.write_chunk(place, self._part(surveyed, scored), _encode_lines(scored.bad), done)
        return done

    def close(self) -> None:
        """Close what is open, for a process that goes on to do something else."""
        if self._opened:
            self._opened.close()

    def _answer(self, texts: Sequence[str]) -> list[Answer | Rejection]:
        if not self._is_started:
            self._scorer.start()  # here, since an endpoint may be away at first
            self._is_started = True
        return self._scorer.score(texts)

    def _read(self, opened: Opened, surveyed: Input, place: Place) -> ChunkRows:
        chunk = surveyed.chunks[place.chunk]
        reads = format_of(parse_file_name(surveyed.name).format)
        found = reads.read(opened.file(surveyed), chunk, surveyed, reading_of(self._job.work, surveyed.name))
        if len(found.rows) != chunk.rows:
            raise DataError(f"{surveyed.name} has changed since the job began: begin again with another sink")
        return found

    def _scored(self, surveyed: Input, found: ChunkRows) -> _Scored:
        rows: list[Row] = []
        answers: list[Answer] = []
        bad: list[BadRow] = []
        for row, outcome in zip(found.rows, outcomes_of(found.rows, self._score), strict=True):
            if isinstance(outcome, Rejection):
                bad.append(BadRow(surveyed.name, found.line_of(row), outcome.code, outcome.detail, row.shown()))
            else:
                rows.append(row)
                answers.append(outcome)
        return _Scored(found, rows, answers, bad)

    def _part(self, surveyed: Input, scored: _Scored) -> bytes:
        if not scored.rows:
            return b""
        output = output_of(surveyed.name, self._job.work)
        writer = format_of(output.format).writer(surveyed, self._scorer.model.manifest.labels)
        return compress(writer.encode(scored.rows, scored.answers, scored.found), output.compression)

    def _done(self, place: Place, surveyed: Input, scored: _Scored) -> Done:
        found, rows, answers, bad = scored
        return Done(
            input=place.input,
            chunk=place.chunk,
            rows=len(found.rows),
            lines=found.lines,
            out=len(rows),
            reasons=dict(Counter(row.code for row in bad)),
            first_aside=bad[0].reason if bad else "",
            labels=dict(Counter(label for answer in answers for label in answer.applying)),
            confidence=confidences(answers),
            least_sure=self._sampler.least_sure(surveyed.name, found, rows, answers),
            words=self._sampler.telling_words(place, rows),
        )
