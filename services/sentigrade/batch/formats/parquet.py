"""Parquet: columns with types, which pass through as they are."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from sentigrade.answer import Answer, Rejection
from sentigrade.batch.formats.base import Reading, Survey, Writer, require_columns
from sentigrade.batch.formats.cells import text_of
from sentigrade.batch.job import Chunk, Input
from sentigrade.batch.rows import ChunkRows, Row
from sentigrade.batch.spool import spooled
from sentigrade.errors import DataError, MissingExtra
from sentigrade.labels import LabelSet
from sentigrade.wire.rows.answer_columns import AnswerColumns, free_name
from sentigrade.wire.rows.body import NOT_UNICODE

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:
    raise MissingExtra("Parquet", "batch") from None

# Parts are gathered into row groups of so many rows or bytes, which is what readers of Parquet like.
_GROUP_ROWS = 131_072
_GROUP_BYTES = 64 * 1024 * 1024
_PIECE_BYTES = 1024 * 1024

_TYPES = {"level": pa.int16(), "polarity": pa.float64(), "version": pa.int32()}
_NULL = Rejection(code="invalid", detail="The text is null; give every row one.")


class Parquet:
    """Files of Parquet. The row group that was read last stays in memory, as its chunks come one after the other."""

    suffixes = (".parquet",)

    def __init__(self) -> None:
        self._read: tuple[tuple[str, str, int], pa.Table] | None = None

    def survey(self, file: BinaryIO, reading: Reading) -> Survey:
        """Look at the metadata; the chunks are cut within row groups."""
        with _explained("it"):
            found = pq.ParquetFile(file)
        schema = found.schema_arrow
        require_columns(schema.names, reading.text_column)
        _require_text(schema.field(reading.text_column))
        rows = [found.metadata.row_group(group).num_rows for group in range(found.num_row_groups)]
        return Survey(tuple(_chunks(rows, reading)), tuple(schema.names), schema=schema.serialize().to_pybytes())

    def read(self, file: BinaryIO, chunk: Chunk, surveyed: Input, reading: Reading) -> ChunkRows:
        """Return the rows of a chunk."""
        with _explained(surveyed.name):
            table = self._group(file, chunk.group, surveyed).slice(chunk.start, chunk.rows)
            needed = table.select([reading.text_column]) if reading.output == "parquet" else _spelled(table)
        rows = [_row(fields, number, reading.text_column) for number, fields in enumerate(_fields_of(needed))]
        return ChunkRows(rows, len(rows), lambda row: row.place, table)

    def _group(self, file: BinaryIO, group: int, surveyed: Input) -> pa.Table:
        which = (surveyed.name, surveyed.tag, group)
        if self._read is None or self._read[0] != which:
            self._read = None  # the one before goes before the next one comes
            self._read = which, pq.ParquetFile(file).read_row_group(group, use_threads=False)
        return self._read[1]

    def writer(self, surveyed: Input, labels: LabelSet) -> Writer:
        """Return what writes the columns of an input, text where they have no types, and those of the answers."""
        if surveyed.schema:
            passed = pa.ipc.read_schema(pa.py_buffer(surveyed.schema))
        else:
            passed = pa.schema([(name, pa.string()) for name in surveyed.columns])
        return _ParquetWriter(passed, AnswerColumns(labels))


class _ParquetWriter(Writer):
    """A part is a stream of Arrow's; the output is made of all of them in the end."""

    def __init__(self, passed: pa.Schema, added: AnswerColumns) -> None:
        self._passed = passed
        self._added = added
        fields = [(free_name(name, passed.names), _type_of(name)) for name in added.names]
        self._schema = pa.schema([*passed, *map(pa.field, *zip(*fields, strict=True))], metadata=passed.metadata)

    def encode(self, rows: Sequence[Row], answers: Sequence[Answer], chunk: ChunkRows) -> bytes:
        """Return the columns of a chunk."""
        passed = self._columns(rows) if chunk.table is None else _taken(chunk.table, rows)
        cells = map(self._added.cells, answers)
        added = list(zip(*cells, strict=True)) if answers else [()] * len(self._added.names)
        types = self._schema.types[len(passed) :]
        arrays = [*passed, *(pa.array(column, type_) for column, type_ in zip(added, types, strict=True))]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self._schema) as stream:
            stream.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        content: bytes = sink.getvalue().to_pybytes()
        return content

    def _columns(self, rows: Sequence[Row]) -> list[pa.Array]:
        return [pa.array([text_of(row.fields.get(name)) for row in rows], pa.string()) for name in self._passed.names]

    def assemble(self, parts: Iterable[bytes], folder: Path) -> Iterator[bytes]:
        """Give the bytes of a Parquet file, which is written to disk first."""

        def fill(whole: BinaryIO) -> None:
            # What compresses is pinned with pyarrow: the same parts make the same bytes.
            with pq.ParquetWriter(whole, self._schema, compression="zstd") as writer:
                for group in _groups(parts):
                    writer.write_table(group, row_group_size=group.num_rows)

        with spooled(folder, fill) as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name} cannot be read as Parquet: {error}") from None


def _spelled(table: pa.Table) -> pa.Table:
    """Return a table whose dates and times are spelled out: they may be finer, or farther, than Python's."""
    return table.cast(pa.schema([field.with_type(_spelled_type(field.type)) for field in table.schema]))


def _spelled_type(type_: pa.DataType) -> pa.DataType:
    kinds = pa.types
    if kinds.is_temporal(type_):
        return pa.string()
    if kinds.is_list(type_) or kinds.is_large_list(type_) or kinds.is_fixed_size_list(type_):
        return pa.list_(_spelled_type(type_.value_type))
    if kinds.is_struct(type_):
        return pa.struct([field.with_type(_spelled_type(field.type)) for field in type_])
    if kinds.is_map(type_):
        return pa.map_(_spelled_type(type_.key_type), _spelled_type(type_.item_type))
    return type_


def _fields_of(table: pa.Table) -> list[dict[str, Any] | None]:
    """Return the fields of each row, None for one that holds text that is no UTF-8."""
    try:
        fields: list[dict[str, Any] | None] = table.to_pylist()
    except UnicodeDecodeError:
        if table.num_rows == 1:
            return [None]
        return [*chain.from_iterable(_fields_of(table.slice(row, 1)) for row in range(table.num_rows))]
    return fields


def _row(fields: dict[str, Any] | None, number: int, text_column: str) -> Row:
    if fields is None:
        return Row(NOT_UNICODE, {}, b"", number)
    text = fields[text_column]
    return Row(_NULL if text is None else text, fields, b"", number)


def _groups(parts: Iterable[bytes]) -> Iterator[pa.Table]:
    """Gather the tables of parts into row groups."""
    tables: list[pa.Table] = []
    for part in parts:
        tables.append(pa.ipc.open_stream(part).read_all())
        rows, size = sum(table.num_rows for table in tables), sum(table.nbytes for table in tables)
        if rows >= _GROUP_ROWS or size >= _GROUP_BYTES:
            yield pa.concat_tables(tables)
            tables = []
    if any(table.num_rows for table in tables):
        yield pa.concat_tables(tables)


def _chunks(group_rows: Sequence[int], reading: Reading) -> Iterator[Chunk]:
    left = sum(group_rows) if reading.limit is None else reading.limit
    for group, rows in enumerate(group_rows):
        wanted = min(rows, left)
        for start in range(0, wanted, reading.chunk_rows):
            end = min(start + reading.chunk_rows, wanted)
            yield Chunk(start, end, end - start, group)
        left -= wanted


def _taken(table: pa.Table, rows: Sequence[Row]) -> list[pa.ChunkedArray]:
    """Return the columns of some rows of a table; not by `take`, which knows fewer types than Parquet has."""
    places = [row.place for row in rows]
    ends = [place + 1 for place in places]
    starts, stops = sorted({*places} - {*ends}), sorted({*ends} - {*places})
    runs = [table.slice(start, stop - start) for start, stop in zip(starts, stops, strict=True)]
    columns: list[pa.ChunkedArray] = pa.concat_tables(runs).columns if runs else table.slice(0, 0).columns
    return columns


def _require_text(field: pa.Field) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise DataError(f"the column {field.name!r} holds {field.type}, not text: name another with --text-column")


def _type_of(name: str) -> pa.DataType:
    return pa.float64() if name.startswith("probability_") else _TYPES.get(name, pa.string())
