"""The answer to a CSV: the same CSV with columns added, or those columns alone."""

import csv
from collections.abc import Sequence
from io import StringIO

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import InvalidRequest
from sentigrade.labels import LabelSet
from sentigrade.options import Options
from sentigrade.wire.rows.answer_columns import AnswerColumns, free_name
from sentigrade.wire.rows.csv_table import CsvRows
from sentigrade.wire.rows.row import Row, Writer

_ERROR = ("error_code", "error_detail")


class _AddedColumns:
    """An answer in columns, or an error: `names`, and the cells of each outcome."""

    def __init__(self, labels: LabelSet, options: Options) -> None:
        _require_flat(options)
        self._answers = AnswerColumns(labels, scores=options.scores)
        self.names = (*self._answers.names, *_ERROR)
        self._no_answer = [""] * len(self._answers.names)

    def cells(self, outcome: Answer | Rejection) -> list[object]:
        """Return the fields of an answer or an error, as many as there are names."""
        if isinstance(outcome, Rejection):
            return [*self._no_answer, outcome.code, outcome.detail]
        return [*self._answers.cells(outcome), "", ""]


class CsvWriter(Writer):
    """Repeats each record of a CSV byte for byte, and appends what was answered."""

    def __init__(self, table: CsvRows, labels: LabelSet, options: Options) -> None:
        """Take the columns from the labels; raises InvalidRequest for options that no column can hold."""
        self._table = table
        self._added = _AddedColumns(labels, options)

    def header(self) -> bytes:
        """Return the header with the added columns; one that is there already is called `answer_...`."""
        names = [free_name(name, self._table.names) for name in self._added.names]
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
