import subprocess
import sys
from typing import get_args

import pytest

from sentigrade.batch.formats.named import Named, Output, format_of, output_of, parse_file_name
from sentigrade.batch.job import Compression, TableFormat, Work
from sentigrade.errors import DataError


def work(form: TableFormat | None = None, compression: Compression | None = None) -> Work:
    return Work(
        model="sentiment@1",
        source="reviews",
        text_column="text",
        format=form,
        compression=compression,
        chunk_rows=1,
        max_characters=1,
        max_row_bytes=1,
    )


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("a.csv", Named("a", ".csv", "csv", "none")),
        ("2024/a.b.tsv", Named("2024/a.b", ".tsv", "tsv", "none")),
        ("a.jsonl.gz", Named("a", ".jsonl", "jsonl", "gzip")),
        ("a.ndjson.zst", Named("a", ".ndjson", "jsonl", "zstd")),
        ("a.txt", Named("a", ".txt", "lines", "none")),
        ("v1.csv/part-0.parquet", Named("v1.csv/part-0", ".parquet", "parquet", "none")),
        ("A.CSV.GZ", Named("A", ".CSV", "csv", "gzip")),
    ],
)
def test_a_name_says_the_format_and_the_compression(name: str, meaning: Named) -> None:
    assert parse_file_name(name) == meaning


@pytest.mark.parametrize("name", ["a", "a.gz", "a.json", "a.csv.bz2", "csv", "a.csv.gz.gz", "a.parquet.gz", "a.csv/b"])
def test_a_name_of_another_format_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(DataError, match=rf"{name} is in none of the formats .*\.csv, .*\.parquet.*name the files"):
        parse_file_name(name)


@pytest.mark.parametrize("name", ["a.csv", "b/a.tsv.gz", "a.jsonl.zst", "a.ndjson", "a.parquet", "A.CSV"])
def test_an_output_is_called_as_its_input(name: str) -> None:
    named = parse_file_name(name)
    assert output_of(name, work()) == Output(name, named.format, named.compression)


@pytest.mark.parametrize(
    ("name", "form", "compression", "output"),
    [
        ("a.txt", None, None, Output("a.jsonl", "jsonl", "none")),
        ("a.txt.gz", None, None, Output("a.jsonl.gz", "jsonl", "gzip")),
        ("a.txt", "lines", None, Output("a.txt", "lines", "none")),
        ("b/a.csv", "jsonl", "zstd", Output("b/a.jsonl.zst", "jsonl", "zstd")),
        ("a.csv.gz", None, "none", Output("a.csv", "csv", "none")),
        ("a.csv.gz", "parquet", None, Output("a.parquet", "parquet", "none")),
        ("a.csv", "parquet", "gzip", Output("a.parquet", "parquet", "none")),
        ("a.parquet", "csv", "gzip", Output("a.csv.gz", "csv", "gzip")),
        ("a.ndjson", "jsonl", "gzip", Output("a.ndjson.gz", "jsonl", "gzip")),
    ],
)
def test_an_output_is_called_after_what_it_becomes(
    name: str, form: TableFormat | None, compression: Compression | None, output: Output
) -> None:
    assert output_of(name, work(form, compression)) == output


@pytest.mark.parametrize("form", get_args(TableFormat))
def test_every_format_can_be_read_and_its_files_are_known_by_their_names(form: TableFormat) -> None:
    assert {parse_file_name(f"a{suffix}").format for suffix in format_of(form).suffixes} == {form}


def test_without_the_library_only_parquet_is_missed() -> None:
    script = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from sentigrade.batch.formats.named import format_of\n"
        "from sentigrade.errors import MissingExtra\n"
        "print(format_of('csv').suffixes)\n"
        "try: format_of('parquet')\n"
        "except MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == ('(\'.csv\',)\nParquet needs the extra "batch": run pip install "sentigrade[batch]"\n')
