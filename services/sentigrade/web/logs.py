"""Logs as JSON, one object a line on standard output. The caller's text is never in them."""

import logging
from typing import Any

import msgspec
from gunicorn.glogging import Logger

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
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line).decode()


class ServerLogger(Logger):
    """gunicorn's logger without its access log, which it would prepare even for nobody: the app writes its own."""

    def access(self, *_: object) -> None:
        """Do nothing."""


def logging_config(level: str) -> dict[str, Any]:
    """Return the `logging.config` dictionary for the whole process, gunicorn's loggers included."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "root": {"level": level.upper(), "handlers": ["stdout"]},
        "loggers": {"gunicorn.error": {"level": level.upper(), "propagate": True, "handlers": []}},
    }
