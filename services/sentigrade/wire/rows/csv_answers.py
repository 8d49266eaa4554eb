"""The answer to a CSV: the same CSV with columns added."""

import csv
from collections.abc import Sequence
from io import StringIO

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import InvalidRequest
from sentigrade.labels import LabelSet
from sentigrade.options import Options
from sentigrade.wire.native import bare_label
from sentigrade.wire.rows.csv_table import CsvRows
from sentigrade.wire.rows.row import Row

_LEVEL = ("level", "polarity")
_MODEL = ("model", "version")
_ERROR = ("error_code", "error_detail")


class CsvWriter:
    """Repeats each record of a CSV byte for byte, and appends what was answered."""

    def __init__(self, table: CsvRows, labels: LabelSet, options: Options) -> None:
        """Take the columns from the labels; raises InvalidRequest for options that no column can hold."""
        _require_flat(options)
        self._table = table
        self._labels = labels
        self._is_ordinal = labels.kind == "ordinal"
        self._with_scores = options.scores
        added = self._columns()
        self._added = [_free_name(name, table.names) for name in added]
        self._no_answer = [""] * (len(added) - len(_ERROR))

    def header(self) -> bytes:
        """Return the header with the added columns; one that is there already is called `answer_...`."""
        return self._append([self._table.header], [["", *self._added]])

    def encode(self, rows: Sequence[Row], outcomes: Sequence[Answer | Rejection]) -> bytes:
        """Return the records of a block, each with its answer or its error."""
        return self._append([row.record for row in rows], [self._cells(outcome) for outcome in outcomes])

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

    def _cells(self, outcome: Answer | Rejection) -> list[object]:
        """Return the added fields, after an empty one that makes the first comma."""
        if isinstance(outcome, Rejection):
            return ["", *self._no_answer, outcome.code, outcome.detail]
        names = self._labels.names
        return [
            "",
            bare_label(outcome),
            *((outcome.level, outcome.polarity) if self._is_ordinal else ()),
            *map(outcome.probabilities.get, names),
            *(map((outcome.scores or {}).get, names) if self._with_scores else ()),
            outcome.model,
            outcome.version,
            "",
            "",
        ]

    def _append(self, records: Sequence[bytes], cells: Sequence[Sequence[object]]) -> bytes:
        lines = StringIO(newline="")
        write = csv.writer(lines, lineterminator=self._table.line_end.decode()).writerow
        for record, added in zip(records, cells, strict=True):
            lines.write(record.decode())
            write(added)
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
