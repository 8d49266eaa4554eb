"""Rows of CSV, TSV and JSON lines as values by the names of their columns, each with the line in which it ends."""

import csv
import sys
from collections.abc import Callable, Iterator
from typing import IO

import msgspec

Row = tuple[int, dict[str, object]]


def csv_rows(file: IO[str]) -> Iterator[Row]:
    """Give the rows of a CSV file with a header; raises csv.Error for one that is broken."""
    return _rows_below_header(csv.DictReader(file, strict=True))


def tsv_rows(file: IO[str]) -> Iterator[Row]:
    """Give the rows of a TSV file with a header, in which quotes mean nothing; raises csv.Error for a broken one."""
    return _rows_below_header(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def jsonl_rows(file: IO[str]) -> Iterator[Row]:
    """Give the objects of JSON lines; raises msgspec.DecodeError for another line."""
    decode = msgspec.json.Decoder(dict[str, object]).decode
    for number, line in enumerate(file, start=1):
        if line.strip():
            row = decode(line)
            if "source" in row:  # so SageMaker's augmented manifests call the text
                row.setdefault("text", row["source"])
            yield number, row


def _rows_below_header(reader: "csv.DictReader[str]") -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)
    for row in reader:
        # Fields for which the header has no name: one of the others is a piece of a text, then.
        if any(row.pop(None, ())):
            raise csv.Error("it has more fields than the header; in .csv a text that holds commas needs quotes")
        yield reader.line_num, row


READERS: dict[str, Callable[[IO[str]], Iterator[Row]]] = {".csv": csv_rows, ".tsv": tsv_rows, ".jsonl": jsonl_rows}
