"""Rows over HTTP: the body is spooled whole, then answered block by block.

nginx stops sending a request as soon as it receives the answer's headers, so nothing may be answered before the last
byte has come.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import chain, islice
from typing import BinaryIO, NamedTuple

from flask import Request, Response

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import EndpointError, RequestTooLarge
from sentigrade.model import Model
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.bodies import require_utf8
from sentigrade.web.observing import NOTE, Note
from sentigrade.web.service import Service
from sentigrade.web.spooling import spooled
from sentigrade.wire.choices import options_of, query_fields
from sentigrade.wire.rows.formats import ROW_TYPES, Format, answer_formats, open_rows, open_writer
from sentigrade.wire.rows.row import BLOCK_ROWS, Row, Writer, in_blocks, outcomes_of

# Rows are answered in blocks of so many bytes of text. An answer with explanations is a hundred times as long as its
# text, and takes as much longer.
_PLAIN_BYTES = 256 * 1024
_DETAILED_BYTES = 16 * 1024
# With a slow family each row by itself: between blocks a worker says that it is alive, and one row that takes too long
# costs no other.
_SLOW_ROWS = 1

# What logs and metrics say of an answer: its head has said 200 before its last row was known.
_WHOLE, _GONE, _FAILED = "200", "499", "500"
_SERIES = "rows"
# After so many blocks in a row at which an endpoint has failed it is asked no more: each may have taken as long as it
# may, and a gigabyte has thousands of them.
_MOST_FAILURES = 3

_log = logging.getLogger(__name__)


_Score = Callable[[list[str]], list[Answer | Rejection]]


class _Block(NamedTuple):
    """Rows and what they are answered with."""

    rows: list[Row]
    outcomes: list[Answer | Rejection]


class Exchange(NamedTuple):
    """How a body of rows is read, how its rows are answered, and the content type of that."""

    rows: Iterable[Row]
    writer: Writer
    content_type: str


def format_of(call: Request) -> Format | None:
    """Return the format of the rows that a request carries, None when it carries something else."""
    return ROW_TYPES.get(call.mimetype)


def answer_rows(call: Request, format_: Format, service: Service, settings: Settings) -> Response:
    """Answer a body of rows as its query asks, a row for a row.

    Raises RequestError for what concerns the whole of it, SpoolError when there is no room for it.
    """
    fields = query_fields(call.query_string.decode("ascii", "replace"))
    column = fields.pop("column", None)
    options = options_of(fields)
    scorer = service.scorer(options.model)
    answer_format = _accepted(call, format_)

    def begin(body: BinaryIO) -> Exchange:
        rows = open_rows(format_, body, column=column, max_row_bytes=settings.max_body_bytes)
        writer = open_writer(answer_format, rows, scorer.model.manifest.labels, options)
        return Exchange(rows, writer, f"{answer_format.value}; charset=utf-8")

    return exchange_rows(call, settings, scorer, options, begin)


def exchange_rows(
    call: Request, settings: Settings, scorer: Scorer, options: Options, begin: Callable[[BinaryIO], Exchange]
) -> Response:
    """Answer a body of rows, a row for a row; `begin` is given the body once all of it has come.

    Raises RequestError for what concerns the whole of it, SpoolError when there is no room for it, EndpointError when
    an endpoint that classifies does not answer the first rows.
    """
    require_utf8(call)
    score = partial(scorer.score, options=options)
    score([])  # options that do not fit the model are refused while they still can be
    with ExitStack() as unless_answered:
        rows, writer, content_type = begin(unless_answered.enter_context(spooled(call, settings)))
        note: Note = call.environ[NOTE]
        note.series = _SERIES
        most_rows = _SLOW_ROWS if scorer.is_slow else BLOCK_ROWS
        blocks = in_blocks(rows, _DETAILED_BYTES if options.is_detailed else _PLAIN_BYTES, most_rows)
        answered = _answered(blocks, score)
        first = [*islice(answered, 1)]  # what fails from the start is said with a status, while that can be
        note.is_stream = True
        body = _encoded(chain(first, answered), writer, scorer.model, note)
        response = Response(body, content_type=content_type)
        response.call_on_close(unless_answered.pop_all().close)
    return response


def _answered(blocks: Iterable[list[Row]], score: _Score) -> Iterator[_Block]:
    """Answer blocks of rows; one at which an endpoint fails, or which takes too long, is error rows.

    Raises EndpointError when it fails at the first block, or at too many in a row.
    """
    failures = _MOST_FAILURES - 1
    for block in blocks:
        try:
            outcomes, failures = outcomes_of(block, score), 0
        except RequestTooLarge as error:
            outcomes = outcomes_of(block, partial(_rejections, error.code, error.detail))
        except EndpointError as error:
            failures += 1
            if failures == _MOST_FAILURES:
                raise
            _log.error("endpoint failed", extra={"fields": {"reason": str(error)}})
            outcomes = outcomes_of(block, partial(_rejections, error.code, error.told))
        yield _Block(block, outcomes)


def _rejections(code: str, detail: str, texts: Sequence[str]) -> list[Rejection]:
    return [Rejection(code=code, detail=detail)] * len(texts)


def _encoded(blocks: Iterable[_Block], writer: Writer, model: Model, note: Note) -> Iterator[bytes]:
    note.status = _GONE
    try:
        yield writer.header()
        for rows, outcomes in blocks:
            note.add(model, outcomes)
            yield writer.encode(rows, outcomes)
        yield writer.footer()
    except Exception:
        note.status = _FAILED
        raise
    note.status = _WHOLE


def _accepted(call: Request, format_: Format) -> Format:
    """Return the format to answer in: what the caller accepts, or the default one."""
    possible = answer_formats(format_)
    wanted = call.accept_mimetypes.best_match([one.value for one in possible])
    return Format(wanted) if wanted else possible[0]
