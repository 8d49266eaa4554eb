"""The answer to a CSV: the same CSV with columns added, or those columns alone."""

import csv
from collections.abc import Sequence
from io import StringIO

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import InvalidRequest
from sentigrade.labels import LabelSet
from sentigrade.options import Options
from sentigrade.wire.native import bare_label
from sentigrade.wire.rows.csv_table import CsvRows
from sentigrade.wire.rows.row import Row, Writer

_LEVEL = ("level", "polarity")
_MODEL = ("model", "version")
_ERROR = ("error_code", "error_detail")


class _AddedColumns:
    """What an answer is in columns: `names`, and the cells of each answer."""

    def __init__(self, labels: LabelSet, options: Options) -> None:
        _require_flat(options)
        self._labels = labels
        self._is_ordinal = labels.kind == "ordinal"
        self._with_scores = options.scores
        self.names = self._columns()
        self._no_answer = [""] * (len(self.names) - len(_ERROR))

    def cells(self, outcome: Answer | Rejection) -> list[object]:
        """Return the fields of an answer or an error, as many as there are names."""
        if isinstance(outcome, Rejection):
            return [*self._no_answer, outcome.code, outcome.detail]
        names = self._labels.names
        return [
            bare_label(outcome),
            *((outcome.level, outcome.polarity) if self._is_ordinal else ()),
            *map(outcome.probabilities.get, names),
            *(map((outcome.scores or {}).get, names) if self._with_scores else ()),
            outcome.model,
            outcome.version,
            "",
            "",
        ]

    def _columns(self) -> list[str]:
        ids = self._labels.ids
        return [
            "labels" if self._labels.kind == "multilabel" else "label",
            *(_LEVEL if self._is_ordinal else ()),
            *(f"probability_{label}" for label in ids),
            *(f"score_{label}" for label in ids if self._with_scores),
            *_MODEL,
            *_ERROR,
        ]


class CsvWriter(Writer):
    """Repeats each record of a CSV byte for byte, and appends what was answered."""

    def __init__(self, table: CsvRows, labels: LabelSet, options: Options) -> None:
        """Take the columns from the labels; raises InvalidRequest for options that no column can hold."""
        self._table = table
        self._added = _AddedColumns(labels, options)

    def header(self) -> bytes:
        """Return the header with the added columns; one that is there already is called `answer_...`."""
        names = [_free_name(name, self._table.names) for name in self._added.names]
        return self._append([self._table.header], [names])

    def encode(self, rows: Sequence[Row], outcomes: Sequence[Answer | Rejection]) -> bytes:
        """Return the records of a block, each with its answer or its error."""
        return self._append([row.record for row in rows], list(map(self._added.cells, outcomes)))

    def _append(self, records: Sequence[bytes], cells: Sequence[Sequence[object]]) -> bytes:
        lines = StringIO(newline="")
        write = csv.writer(lines, lineterminator=self._table.line_end.decode()).writerow
        for record, added in zip(records, cells, strict=True):
            lines.write(record.decode())
            write(["", *added])  # the empty one makes the first comma
        return lines.getvalue().encode()


class CellsWriter(Writer):
    """Writes the added columns alone, without a header: whoever sent the texts joins them line by line."""

    def __init__(self, labels: LabelSet, options: Options) -> None:
        """Take the columns from the labels; raises InvalidRequest for options that no column can hold."""
        self._added = _AddedColumns(labels, options)

    def encode(self, rows: Sequence[Row], outcomes: Sequence[Answer | Rejection]) -> bytes:  # noqa: ARG002
        """Return the records of a block."""
        lines = StringIO(newline="")
        csv.writer(lines, lineterminator="\n").writerows(map(self._added.cells, outcomes))
        return lines.getvalue().encode()


def _require_flat(options: Options) -> None:
    for name, asked in (("explain", options.explain), ("sentences", options.sentences)):
        if asked:
            raise InvalidRequest(
                f"A CSV has no room for {name}; ask for NDJSON with the header Accept: application/x-ndjson.",
                pointer=f"/{name}",
            )


def _free_name(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name = f"answer_{name}"
    return name
