"""Python imports this before a program: from then on the wall clock is as many seconds off as a file says."""

import datetime
import mmap
import os
import struct
import time
from pathlib import Path

VARIABLE = "CLOCK_OFFSET"
OFFSET = struct.Struct("d")

_true_time = time.time


def _moved_time() -> float:
    return _true_time() + OFFSET.unpack_from(_offset)[0]  # type: ignore[no-any-return]  # a tuple of Any


class _Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "_Datetime":
        return cls.fromtimestamp(_moved_time(), tz)


if VARIABLE in os.environ:
    with Path(os.environ[VARIABLE]).open("rb") as _file:
        _offset = mmap.mmap(_file.fileno(), OFFSET.size, access=mmap.ACCESS_READ)
    time.time = _moved_time
    time.time_ns = lambda: int(_moved_time() * 1e9)
    datetime.datetime = _Datetime  # type: ignore[misc]  # a program must see it
