"""Requests that nginx answered by itself, on standard output; the app has a line of its own for all others.

nginx could not write there: a process that has ceased to be root cannot open root's /dev/stdout again. So it writes
into a named pipe, which also leaves nothing behind on the disk.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

_STANDARD_OUTPUT = 1
# nginx found nobody to answer, or nobody who did so in time.
_NOT_ANSWERED = ("502", "504")


@contextmanager
def refusals_printed(pipe: Path) -> Iterator[str]:
    """Make a pipe for nginx's access log and give its path; nginx must have ended before the block does."""
    os.mkfifo(pipe)
    # Without a writer of our own the pipe would end whenever nginx opens it anew.
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(pipe, os.O_WRONLY)
    os.set_blocking(reader, True)
    with os.fdopen(reader, "rb") as lines:
        printer = threading.Thread(target=_print_refusals, args=(lines,), daemon=True)
        printer.start()
        try:
            yield str(pipe)
        finally:
            os.close(writer)
            printer.join()


class _AccessLine(msgspec.Struct):
    status: str
    upstream_status: str


_decode = msgspec.json.Decoder(_AccessLine).decode


def _print_refusals(lines: Iterable[bytes]) -> None:
    for line in lines:
        if _is_refusal(line):
            with suppress(OSError):  # nobody may take it
                os.write(_STANDARD_OUTPUT, line)


def _is_refusal(line: bytes) -> bool:
    try:
        seen = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True  # whatever it is: a pipe that nobody empties would stop nginx
    return not seen.upstream_status or seen.status in _NOT_ANSWERED
