import csv

import pytest

from bench.batch.tables import Tables
from bench.errors import BenchError


def test_sentences_come_again_where_there_are_more_rows(tables: Tables, sentences: list[str]) -> None:
    table = tables.of(2_003)
    with table.file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == table.rows == 2_003
    assert [row["id"] for row in rows] == [str(number) for number in range(2_003)]
    assert [row["text"] for row in rows] == [*sentences, *sentences[:3]]


def test_a_table_is_written_once(tables: Tables) -> None:
    written = tables.of(5).file.stat().st_mtime_ns
    assert tables.of(5).file.stat().st_mtime_ns == written


def test_a_table_that_the_disk_cannot_hold_is_not_begun(tables: Tables) -> None:
    with pytest.raises(BenchError, match=r"GB are free: set SENTIGRADE_SPOOL to a folder with more, or --share"):
        tables.of(10**15)
