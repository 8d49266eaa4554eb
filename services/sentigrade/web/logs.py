"""Logs as JSON, one object a line on standard output. The caller's text is never in them.

Of an error they say what it is and where it was raised: its message, and the lines of a trace, may quote the text that
was being worked on.
"""

import logging
import traceback
from pathlib import Path
from typing import Any

import msgspec

from sentigrade.web.access_log import now

_encode = msgspec.json.Encoder().encode


class JsonFormatter(logging.Formatter):
    """`{"time", "level", "logger", "message", ...}`; a record's `fields` are added."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line: dict[str, object] = {
            "time": now(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", ()))
        if record.exc_info and record.exc_info[1]:
            line.update(_error(record.exc_info[1]))
        return _encode(line).decode()


def _error(error: BaseException) -> dict[str, object]:
    """Return the kind of an error, and where it was raised, the innermost place last."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "raised_at": places}


def logging_config(level: str) -> dict[str, Any]:
    """Return the `logging.config` dictionary for the whole process, gunicorn's loggers included."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "root": {"level": level.upper(), "handlers": ["stdout"]},
        "loggers": {
            "gunicorn.error": {"level": level.upper(), "propagate": True, "handlers": []},
            # At level debug it says the bodies that it sends, and so the caller's text; at info what is no news.
            "botocore": {"level": "ERROR" if level == "error" else "WARNING"},
        },
    }
