"""The sink of a job: what it has written, what it is about to, and what says so.

    NAME                      an output for each input, whole or not there
    _aside/NAME.jsonl         the rows of an input that could not be answered
    _SUCCESS                  written last: everything is here
    _batch/job.json           the job; written first, so that no other one writes here
    _batch/summary.json       what came out
    _batch/parts/, done/      chunks that are done, until their output is whole

All of this is written whole or not at all, so a job can be killed at any moment.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import BinaryIO

import msgspec

from sentigrade.batch.job import Job, Place
from sentigrade.batch.tally import Done, Summary
from sentigrade.errors import SettingError
from sentigrade.store.local import is_unfinished
from sentigrade.store.opening import open_store

_SUCCESS = "_SUCCESS"
_ASIDE = "_aside"
_JOB, _SUMMARY = "job.json", "summary.json"
_PARTS, _DONE = "parts", "done"
# A plan of a hundred million rows is that long.
_MOST_BYTES = 1 << 30
_READERS = 16


class Sink:
    """A folder or a prefix that a job writes to."""

    def __init__(self, address: str) -> None:
        """Open it; a folder that is not there is made. Raises StoreError when it cannot be read."""
        address = address.rstrip("/") or "/"
        self.outputs = open_store(address, create=True, patient=True)
        self._state = open_store(f"{address}/_batch", create=True, patient=True)

    @property
    def address(self) -> str:
        """How people name it."""
        return self.outputs.address

    @property
    def aside(self) -> str:
        """Where the rows lie that could not be answered."""
        return f"{self.address}/{_ASIDE}"

    def job(self) -> Job | None:
        """Return the job that writes here, None when there is none yet; raises SettingError for a foreign manifest."""
        content = self._state.read(_JOB, at_most=_MOST_BYTES)
        try:
            return msgspec.json.decode(content.raw, type=Job) if content else None
        except msgspec.DecodeError:
            raise SettingError(f"{self.address}/_batch/{_JOB} is no manifest of a job: name another sink") from None

    def create(self, job: Job) -> bool:
        """Write a job's manifest, unless there is one; return whether it was written."""
        return self._state.write(_JOB, msgspec.json.encode(job), over=None)

    def holds(self, name: str) -> bool:
        """Whether there is an output, which is whole then."""
        return self.outputs.find(name) is not None

    def write_chunk(self, place: Place, part: bytes, aside: bytes, done: Done) -> None:
        """Write what came of a chunk, and last that it is done."""
        for kind, raw in (("out", part), ("aside", aside)):
            if raw:
                self._put(_part(place, kind), raw)
        self._put(f"{_DONE}/{place.input:06}-{place.chunk:06}.json", msgspec.json.encode(done))

    def done(self) -> Iterator[Done]:
        """Give what is known of the chunks that are done."""
        keys = [stored.key for stored in self._state.list(f"{_DONE}/") if stored.key.endswith(".json")]
        with ThreadPoolExecutor(_READERS) as readers:
            for content in readers.map(lambda key: self._state.read(key, at_most=_MOST_BYTES), keys):
                if content:
                    yield msgspec.json.decode(content.raw, type=Done)

    def part(self, place: Place, kind: str) -> bytes:
        """Return the `out` or the `aside` of a chunk that is done; empty where it has none."""
        content = self._state.read(_part(place, kind), at_most=_MOST_BYTES)
        return content.raw if content else b""

    def write_output(self, name: str, content: BinaryIO) -> None:
        """Write an output; it appears whole."""
        self.outputs.write_stream(name, content, lambda _count: None)

    def write_aside(self, name: str, content: BinaryIO) -> None:
        """Write the rows of an input that could not be answered."""
        self.outputs.write_stream(f"{_ASIDE}/{name}.jsonl", content, lambda _count: None)

    def drop_parts(self, number: int) -> None:
        """Delete the parts of an input whose output is whole."""
        self._state.delete(stored.key for stored in self._state.list(f"{_PARTS}/{number:06}/"))

    def summary(self) -> Summary | None:
        """Return what came out of the job, None while it is not finished."""
        content = self._state.read(_SUMMARY, at_most=_MOST_BYTES)
        return msgspec.json.decode(content.raw, type=Summary) if content else None

    def finish(self, summary: Summary) -> None:
        """Write down what came out, clear what is of no more use, and say that everything is here."""
        self._put(_SUMMARY, msgspec.json.format(msgspec.json.encode(summary), indent=1))
        self._state.delete([stored.key for folder in (_PARTS, _DONE) for stored in self._state.list(f"{folder}/")])
        self.outputs.delete(list(self._unfinished()))
        self.outputs.write_stream(_SUCCESS, BytesIO(), lambda _count: None)

    def is_finished(self) -> bool:
        """Whether everything is here."""
        return self.holds(_SUCCESS)

    def _unfinished(self) -> Iterable[str]:
        """Give what a process that was killed has begun to write."""
        return (stored.key for stored in self.outputs.list("") if is_unfinished(stored.key))

    def _put(self, key: str, raw: bytes) -> None:
        self._state.write_stream(key, BytesIO(raw), lambda _count: None)


def _part(place: Place, kind: str) -> str:
    return f"{_PARTS}/{place.input:06}/{place.chunk:06}.{kind}"
