"""The output of an input, put together from the parts of its chunks."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from pathlib import Path

import msgspec

from sentigrade.batch.compression import compress
from sentigrade.batch.formats.named import format_of, output_of
from sentigrade.batch.job import Input, Job, Place
from sentigrade.batch.sink import Sink
from sentigrade.batch.streams import as_file
from sentigrade.labels import LabelSet


class BadRow(msgspec.Struct, frozen=True):
    """A row that could not be answered: where it stands, why, and its beginning."""

    file: str
    line: int
    code: str
    reason: str
    row: str


_decode = msgspec.json.Decoder(BadRow).decode
_encode = msgspec.json.Encoder().encode


class Assembler:
    """Writes the outputs of a job whose chunks are done."""

    def __init__(self, job: Job, sink: Sink, labels: LabelSet, spool: Path) -> None:
        """`spool` has room for an output that must be whole before it goes."""
        self._job = job
        self._sink = sink
        self._labels = labels
        self._spool = spool

    def assemble(self, number: int, lines: Sequence[int]) -> None:
        """Write the output of an input, given how many lines each of its chunks takes, and what went aside before it.

        So an output that is there says that all of its input is. One that is there already stays.
        """
        surveyed = self._job.inputs[number]
        output = output_of(surveyed.name, self._job.work)
        if not self._sink.holds(output.name):
            places = [Place(number, chunk) for chunk in range(len(surveyed.chunks))]
            self._write_aside(surveyed, places, lines)
            writer = format_of(output.format).writer(surveyed, self._labels)
            parts = (self._sink.part(place, "out") for place in places)
            header = compress(writer.header(), output.compression)  # of nothing too: gzip knows no empty file
            pieces = chain([header], writer.assemble(parts, self._spool))
            self._sink.write_output(output.name, as_file(pieces))
        self._sink.drop_parts(number)

    def _write_aside(self, surveyed: Input, places: Sequence[Place], lines: Sequence[int]) -> None:
        firsts = accumulate(lines, initial=surveyed.first_line)
        moved = self._moved(zip(places, firsts, strict=False))
        first = next(moved, None)
        if first is not None:
            self._sink.write_aside(surveyed.name, as_file(chain([first], moved)))

    def _moved(self, places: Iterable[tuple[Place, int]]) -> Iterator[bytes]:
        """Give the bad rows with their lines counted from the start of the file, no longer of their chunk."""
        for place, first in places:
            for raw in self._sink.part(place, "aside").splitlines():
                row = _decode(raw)
                yield _encode(msgspec.structs.replace(row, line=row.line + first)) + b"\n"
