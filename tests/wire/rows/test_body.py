from io import BytesIO

import pytest

from sentigrade.answer import Rejection
from sentigrade.errors import MalformedRequest
from sentigrade.wire.rows.body import lines_of, skip_mark


def test_the_last_line_break_begins_no_line() -> None:
    assert list(lines_of(BytesIO(b"a\r\n\nb\r"), 10)) == [b"a", b"", b"b"]
    assert list(lines_of(BytesIO(b"a\n\n"), 10)) == [b"a", b""]
    assert list(lines_of(BytesIO(b""), 10)) == []


class _Counting(BytesIO):
    """Notes the longest piece that was read at once."""

    longest = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.longest = max(self.longest, len(line))
        return line


def test_a_line_that_is_too_long_is_never_in_memory_whole() -> None:
    file = _Counting(b"first\n" + b"x" * 5_000_000 + b"\nlast\n" + b"y" * 2_000)
    first, long, last, unended = lines_of(file, 1000)
    assert (first, last) == (b"first", b"last")
    assert isinstance(long, Rejection)
    assert isinstance(unended, Rejection)
    assert long.code == unended.code == "row_too_long"
    assert "1,000 bytes" in long.detail
    assert file.longest <= 1 << 20


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_utf_16_is_refused_with_advice(encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    with pytest.raises(MalformedRequest, match="save it as UTF-8"):
        skip_mark(BytesIO(mark + "a film".encode(encoding)))


def test_a_byte_order_mark_of_utf_8_is_skipped() -> None:
    for body in (b"\xef\xbb\xbfa film", b"a film"):
        file = BytesIO(body)
        assert skip_mark(file) + file.read() == body
