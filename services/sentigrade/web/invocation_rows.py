"""Invocations of many rows, as SageMaker's batch transform sends them: lines of JSON, or a CSV."""

from collections.abc import Callable
from typing import Any, BinaryIO

from flask import Request, Response

from sentigrade.errors import InvalidRequest
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.accepting import accepted, preferred, with_charset
from sentigrade.web.bodies import JSON
from sentigrade.web.rows import Exchange, exchange_rows
from sentigrade.wire.choices import options_of
from sentigrade.wire.rows.formats import ROW_TYPES, Format, open_rows, open_writer
from sentigrade.wire.rows.line_answers import AnswersWriter
from sentigrade.wire.rows.source_lines import SourceRows, SourceWriter, has_sources

CSV = Format.CSV.value
TEXT = Format.TEXT.value
# Lines of JSON by all their names; SageMaker's is the first.
LINES = ("application/jsonlines", "application/x-ndjson", "application/jsonl")

FindScorer = Callable[[str | None], Scorer]


def answer_records(call: Request, fields: dict[str, Any], find: FindScorer, settings: Settings) -> Response:
    """Answer lines of JSON or a CSV, a row for a row; `fields` are the options and the column of the texts.

    Raises RequestError for what concerns the whole of it, SpoolError when there is no room for it.
    """
    column = fields.pop("column", None)
    options = options_of(fields)
    scorer = find(options.model)
    labels = scorer.model.manifest.labels
    most = settings.max_body_bytes

    def begin(body: BinaryIO) -> Exchange:
        if call.mimetype != CSV and column is None and has_sources(body, max_row_bytes=most):
            require_model_alone(options)
            return Exchange(SourceRows(body, max_row_bytes=most), SourceWriter(labels), _line_type(call))
        kind = accepted(call, _answers(call.mimetype))
        format_ = ROW_TYPES[call.mimetype]
        rows = open_rows(format_, body, column=column, max_row_bytes=most, has_header=_has_header(call))
        writer = AnswersWriter() if kind == JSON else open_writer(ROW_TYPES[kind], rows, labels, options)
        return Exchange(rows, writer, with_charset(kind))

    return exchange_rows(call, settings, scorer, options, begin)


def require_model_alone(options: Options) -> None:
    """Raise InvalidRequest for options that BlazingText's answers have no room for."""
    if options != Options(model=options.model):
        raise InvalidRequest(
            "A request to BlazingText takes no option but model; how many labels it wants stands in its k.", pointer=""
        )


def _answers(media_type: str) -> tuple[str, ...]:
    """Return the media types in which rows of a media type can be answered, the same one first."""
    return tuple(dict.fromkeys((media_type, *LINES, JSON, TEXT)))


def _line_type(call: Request) -> str:
    """Return the media type of BlazingText's lines; as there, what else the caller accepts is ignored."""
    return preferred(call, (call.mimetype, *LINES)) or call.mimetype


def _has_header(call: Request) -> bool:
    return call.mimetype_params.get("header", "").lower() == "present"
