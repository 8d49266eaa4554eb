"""Which format and compression a file has by its name, and what its output is called."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from sentigrade.batch.formats.base import Format
from sentigrade.batch.formats.delimited import CSV, TSV
from sentigrade.batch.formats.jsonl import JsonLines
from sentigrade.batch.formats.lines import PlainLines
from sentigrade.batch.job import Compression, TableFormat, Work
from sentigrade.errors import DataError

_SUFFIXES: dict[str, TableFormat] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".txt": "lines",
    ".parquet": "parquet",
}
_COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}
_PLAIN: Compression = "none"


class Named(NamedTuple):
    """What a file's name says: its name without suffixes, its suffix, its format and its compression."""

    stem: str
    suffix: str
    format: TableFormat
    compression: Compression


def parse_file_name(name: str) -> Named:
    """Return what a name says; raises DataError for a format that there is not."""
    last = Path(name).suffix
    compression = _COMPRESSIONS.get(last.lower(), _PLAIN)
    stem = name.removesuffix(last) if compression != _PLAIN else name
    suffix = Path(stem).suffix
    form = _SUFFIXES.get(suffix.lower())
    if form is None or (form == "parquet" and compression != _PLAIN):
        raise DataError(
            f"{name} is in none of the formats that are read ({', '.join(_SUFFIXES)}, all but the last also as .gz or "
            ".zst): name the files that are meant with a pattern such as reviews/*.csv"
        )
    return Named(stem.removesuffix(suffix), suffix, form, compression)


class Output(NamedTuple):
    """What becomes of a file: the name of its output, and the format and compression of that."""

    name: str
    format: TableFormat
    compression: Compression


def output_of(name: str, work: Work) -> Output:
    """Return what becomes of an input; the same name where the format stays the same.

    Plain lines have no room for an answer, and become JSON lines unless it is said otherwise.
    """
    named = parse_file_name(name)
    form = work.format or ("jsonl" if named.format == "lines" else named.format)
    suffix = named.suffix if form == named.format else format_of(form).suffixes[0]
    compression = _PLAIN if form == "parquet" else work.compression or named.compression
    ending = next((ending for ending, kind in _COMPRESSIONS.items() if kind == compression), "")
    return Output(f"{named.stem}{suffix}{ending}", form, compression)


@cache
def format_of(name: TableFormat) -> Format:
    """Return what reads and writes a format; raises MissingExtra where it needs a library that is not there."""
    if name == "parquet":
        from sentigrade.batch.formats.parquet import Parquet  # noqa: PLC0415 - an extra, and slow to import

        return Parquet()
    formats: dict[TableFormat, Format] = {"csv": CSV, "tsv": TSV, "jsonl": JsonLines(), "lines": PlainLines()}
    return formats[name]
