"""The lines of a body, with bounded memory, and what keeps any row from being read."""

from collections.abc import Iterator
from typing import BinaryIO

from sentigrade.answer import Rejection
from sentigrade.errors import MalformedRequest

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# Of a line that is skipped, so much is in memory at once.
_SKIPPED_BYTES = 1 << 20

NOT_UNICODE = Rejection(code="not_unicode", detail="The row is not valid UTF-8; save the file as UTF-8.")


def lines_of(file: BinaryIO, max_bytes: int) -> Iterator[bytes | Rejection]:
    """Yield the lines of a file without their ends; a line of more than `max_bytes` is a rejection.

    The last line break begins no line.
    """
    while line := file.readline(max_bytes + 1):
        if len(line) > max_bytes:
            skip_rest(file, line)
            yield too_long(max_bytes)
        else:
            yield line.removesuffix(b"\n").removesuffix(b"\r")


def skip_rest(file: BinaryIO, line: bytes) -> None:
    """Move to the next line, of which the end of `line` was the last that was read, with bounded memory."""
    while line and not line.endswith(b"\n"):
        line = file.readline(_SKIPPED_BYTES)


def too_long(max_bytes: int) -> Rejection:
    """Return the rejection of a row that is longer than the limit."""
    return Rejection(code="row_too_long", detail=f"The row is longer than {max_bytes:,} bytes; split its text.")


def skip_mark(file: BinaryIO) -> bytes:
    """Move to the first character of a body and return the byte order mark before it, if there is one.

    Raises MalformedRequest for UTF-16.
    """
    file.seek(0)
    start = file.read(len(_UTF8_MARK))
    if start.startswith(_UTF16_MARKS):
        raise MalformedRequest("The body is UTF-16; save it as UTF-8 and send it again.")
    mark = _UTF8_MARK if start == _UTF8_MARK else b""
    file.seek(len(mark))
    return mark
