"""Rows: what may be sent, and what is answered."""

from sentigrade.web.reference.operations import Part, content
from sentigrade.web.reference.served import EXAMPLES
from sentigrade.wire.rows.formats import ROW_TYPES, Format

DESCRIPTION = """Rows are answered a row for a row, in their order, however many there are: NDJSON and plain text by
NDJSON, CSV by the same CSV with columns added, any of them by NDJSON or bare labels if `Accept` says so. A row that
cannot be answered is an error row, and its neighbours stand. The options of rows stand in the query, those of JSON in
the JSON. `explain` and `sentences` do not fit into the columns of a CSV, and plain text has no `column`."""

COLUMN: Part = {
    "name": "column",
    "in": "query",
    "required": False,
    "description": "Rows only. The column of a CSV, or the field of a line of JSON, that holds the text. "
    "Needed where a CSV has several columns and none is called `text`.",
    "schema": {"type": "string"},
}

_EXAMPLES = {
    Format.CSV: "text,stars\n" + "".join(f'"{text}",{stars}\n' for text, stars in zip(EXAMPLES, (5, 1), strict=True)),
    Format.NDJSON: "".join(f'{{"text": "{text}"}}\n' for text in EXAMPLES),
    Format.TEXT: "".join(f"{text}\n" for text in EXAMPLES),
}
# Not of this document's concern what they hold: a row that cannot be read is answered by an error row.
_BYTES = {"type": "string", "format": "binary"}


def bodies() -> dict[str, Part]:
    """Return what may be sent, by media type."""
    return {name: content(_BYTES, rows=_EXAMPLES[format_]) for name, format_ in ROW_TYPES.items()}


def answers() -> dict[str, Part]:
    """Return what rows are answered with, by media type."""
    return {format_.value: content({"type": "string"}) for format_ in Format}
