"""Rows over HTTP: the body is spooled whole, then answered block by block.

nginx stops sending a request as soon as it receives the answer's headers, so nothing may be answered before the last
byte has come. What was sent lies in a file without a name: whatever ends this process, the disk is freed.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from flask import Request, Response

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import MalformedRequest, SpoolError, UnsupportedMediaType
from sentigrade.settings import Settings
from sentigrade.web.observing import NOTE, Note
from sentigrade.web.service import Service
from sentigrade.wire.choices import options_of, query_fields
from sentigrade.wire.rows.formats import ROW_TYPES, Format, Rows, answer_formats, open_rows, open_writer
from sentigrade.wire.rows.row import Writer, in_blocks, outcomes_of

# A body of up to so many bytes stays in memory.
_IN_MEMORY_BYTES = 1024 * 1024
_PART_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


def format_of(call: Request) -> Format | None:
    """Return the format of the rows that a request carries, None when it carries something else."""
    return ROW_TYPES.get(call.mimetype)


def answer_rows(call: Request, format_: Format, service: Service, settings: Settings) -> Response:
    """Answer a body of rows, a row for a row.

    Raises RequestError for what concerns the whole of it, SpoolError when there is no room for it.
    """
    _require_utf8(call)
    fields = query_fields(call.query_string.decode("ascii", "replace"))
    column = fields.pop("column", None)
    options = options_of(fields)
    scorer = service.scorer(options.model)
    score = partial(scorer.score, options=options)
    score([])  # options that do not fit the model are refused while they still can be
    answer_format = _accepted(call, format_)
    with ExitStack() as unless_answered:
        spool = unless_answered.enter_context(SpooledTemporaryFile(_IN_MEMORY_BYTES, dir=settings.spool))
        body = cast("BinaryIO", spool)  # typed as one only from Python 3.11 on, and then as of text
        _fill(body, call, settings)
        rows = open_rows(format_, body, column=column, max_row_bytes=settings.max_body_bytes)
        writer = open_writer(answer_format, rows, scorer.model.manifest.labels, options)
        note: Note = call.environ[NOTE]
        note.is_stream = True
        response = Response(_answers(rows, writer, score, note), content_type=f"{answer_format.value}; charset=utf-8")
        response.call_on_close(unless_answered.pop_all().close)
    return response


def _answers(
    rows: Rows, writer: Writer, score: Callable[[list[str]], list[Answer | Rejection]], note: Note
) -> Iterator[bytes]:
    yield writer.header()
    for block in in_blocks(rows):
        outcomes = outcomes_of(block, score)
        note.add(outcomes)
        yield writer.encode(block, outcomes)


def _require_utf8(call: Request) -> None:
    charset = call.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType("Rows are read as UTF-8; save them as UTF-8 and say charset=utf-8, or nothing.")


def _accepted(call: Request, format_: Format) -> Format:
    """Return the format to answer in: what the caller accepts, or the default one."""
    possible = answer_formats(format_)
    wanted = call.accept_mimetypes.best_match([one.value for one in possible])
    return Format(wanted) if wanted else possible[0]


def _fill(body: BinaryIO, call: Request, settings: Settings) -> None:
    """Write what is sent to a file; a body that is too large is a 413, one that was cut off a MalformedRequest."""
    call.max_content_length = settings.max_rows_bytes
    length = 0
    while part := call.stream.read(_PART_BYTES):
        length += len(part)
        _write(body, part, settings)
    if call.content_length is not None and length < call.content_length:
        raise MalformedRequest("The body ended before its last byte; send it again.")
    body.seek(0)


def _write(body: BinaryIO, part: bytes, settings: Settings) -> None:
    try:
        body.write(part)
    except OSError as error:
        reason = f"{settings.spool}: {os.strerror(error.errno or 0)}"
        _log.error("not spooled", extra={"fields": {"reason": reason}})
        raise SpoolError("There is no room for the body on this host; send fewer rows at a time.") from error
