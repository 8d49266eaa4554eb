import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.answer import Rejection
from sentigrade.errors import MalformedRequest
from sentigrade.labels import FIVE_LEVELS
from sentigrade.wire.rows.row import Row, in_blocks, outcomes_of
from sentigrade.wire.rows.source_lines import SourceRows, SourceWriter, has_sources
from tests.wire.rows.answering import score

Texts = st.text(st.characters(exclude_categories=["Cs"]))


def rows_of(body: bytes) -> list[Row]:
    return list(SourceRows(BytesIO(body), max_row_bytes=1000))


def has(body: bytes) -> bool:
    return has_sources(BytesIO(body), max_row_bytes=1000)


@given(st.lists(st.tuples(Texts.filter(lambda text: len(text) < 50), st.none() | st.integers(1))))
def test_a_line_is_a_source_and_how_many_labels_it_wants(lines: list[tuple[str, int | None]]) -> None:
    objects = [{"source": text, **({} if k is None else {"k": k})} for text, k in lines]
    body = "".join(json.dumps(line) + "\n" for line in objects).encode()
    assert [(row.content, row.k) for row in rows_of(body)] == [(text, k or 1) for text, k in lines]


def test_a_label_beside_the_source_is_ignored() -> None:
    assert [row.content for row in rows_of(b'{"source": "a", "label": 1}\n{"label": [1, 3], "source": "b"}')] == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "malformed"),
        (b"secret", "malformed"),
        (b'{"source": "secret"', "malformed"),
        (b'{"source": "\\ud800"}', "malformed"),
        (b'{"source": "secret", "x": ' + b"[" * 900, "malformed"),
        (b'"secret"', "invalid"),
        (b'{"text": "secret"}', "invalid"),
        (b'{"source": 7}', "invalid"),
        (b'{"source": null}', "invalid"),
        (b'{"source": "secret", "k": 0}', "invalid"),
        (b'{"source": "secret", "k": "2"}', "invalid"),
        (b'{"source": "\xff"}', "not_unicode"),
        (b'{"source": "' + b"x" * 1000 + b'"}', "row_too_long"),
    ],
)
def test_a_bad_line_is_an_error_and_its_neighbours_stand(line: bytes, code: str) -> None:
    first, bad, last = rows_of(b'{"source": "a"}\n' + line + b'\n{"source": "b"}\n')
    assert (first.content, last.content, last.number) == ("a", "b", 2)
    assert isinstance(bad.content, Rejection)
    assert bad.content.code == code
    assert "secret" not in bad.content.detail


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"source": "a"}', True),
        (b'\xef\xbb\xbf{"source": "a", "k": 2}\n"b"', True),
        (b'\n  \r\n{"k": 2, "source": "a"}\n', True),
        (b'broken\n{"source": "a"}\n', True),
        (b"x" * 2000 + b'\n{"source": 3}\n', True),
        (b"", False),
        (b"\n\n", False),
        (b"broken\n", False),
        (b'"a"\n{"source": "b"}', False),
        (b"7\n", False),
        (b'{"text": "a"}\n{"source": "b"}', False),
        (b'{"text": "a", "source": "imdb"}', False),
        (b'{"source": "imdb", "mytext": "a"}', False),
        (b'{"texts": "a", "source": "imdb"}', False),
        (b"{}\n", False),
    ],
)
def test_the_first_line_that_can_be_read_says_whose_format_it_is(body: bytes, expected: bool) -> None:
    assert has(body) is expected


def test_utf_16_is_refused() -> None:
    body = '{"source": "a"}'.encode("utf-16")
    for begin in (has, rows_of):
        with pytest.raises(MalformedRequest, match="UTF-8"):
            begin(body)


def test_every_line_is_answered_by_a_line_with_as_many_labels_as_it_wants() -> None:
    body = b'{"source": "a"}\n{"source": "b", "k": 2}\nbroken\n{"source": "too long"}\n' + b'{"source": "c"}\n' * 300
    writer = SourceWriter(FIVE_LEVELS)
    blocks = in_blocks(rows_of(body), 1 << 20)
    lines = (writer.header() + b"".join(writer.encode(block, outcomes_of(block, score)) for block in blocks)).split(
        b"\n"
    )
    assert lines[0] == b'{"prob":[0.4],"label":["__label__positive"]}'
    assert json.loads(lines[1])["prob"] == [0.4, 0.3]
    assert [json.loads(line)["error"]["row"] for line in lines[2:4]] == [2, 3]
    assert lines[4:] == [lines[0]] * 300 + [b""]
