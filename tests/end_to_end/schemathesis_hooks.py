"""What OpenAPI cannot say of this service: how schemathesis sends rows, and which parts of a request belong together.

A generated request is mended only where it is meant to be accepted, and only in the part that two values share; a part
that is wrong on purpose stays wrong.
"""

import csv
import io
import re
from typing import Any

import schemathesis
from schemathesis import HookContext, SerializationContext
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, coverage_scenario

Case = schemathesis.Case[Any]

JSON = "application/json"
CSV = "text/csv"
TEXT = "text/plain"
LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")
ROWS = "POST /v1/predict"

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# What a field of JSON cannot be looked for by.
ODD_IN_A_FIELD = re.compile(r'["\\\x00-\x1f]')


@schemathesis.serializer(CSV, TEXT, *LINES)
def sent(context: SerializationContext, value: Any) -> bytes:  # noqa: ANN401 - whatever was generated
    """Return a body as it is sent: any bytes are rows, but those that say that they are UTF-16."""
    content = bytes_of(value)
    case = context.case
    if case.media_type == CSV and case.operation.label == ROWS and not is_negative(case, ParameterLocation.QUERY):
        return header((case.query or {}).get("column", "text")) + content
    return b"\n" + content if content.startswith(UTF16_MARKS) else content


@schemathesis.hook
def before_add_examples(context: HookContext, examples: list[Case]) -> None:
    """Mend what belongs together in the requests that are made of the document's examples."""
    for case in examples:
        map_case(context, case)


@schemathesis.hook
def map_case(_context: HookContext, case: Case) -> Case:
    """Mend what belongs together in every other request."""
    if coverage_scenario(case) not in REQUEST_SHAPE_PROBES:
        if case.operation.label == ROWS and case.query:
            fit_query(case)
        if case.operation.path.endswith("/infer"):
            fit_shapes(case)
    return case


def fit_query(case: Case) -> None:
    """The query of `POST /v1/predict` is for rows, and some of it for some rows: JSON holds its own options."""
    if case.media_type == JSON:
        if is_negative(case, ParameterLocation.BODY):
            case.query = {}
        else:
            case.media_type, case.body = CSV, "A warm film.\n"
    if is_negative(case, ParameterLocation.QUERY):
        return
    if case.media_type == TEXT or (case.media_type in LINES and ODD_IN_A_FIELD.search(case.query.get("column", ""))):
        case.query.pop("column", None)
    if case.media_type == CSV:
        case.headers["Accept"] = LINES[0]  # explanations and sentences do not fit into columns


def fit_shapes(case: Case) -> None:
    """As many texts as the shape says: no schema compares two parts of a value."""
    if case.media_type == JSON and not is_negative(case, ParameterLocation.BODY):
        body: Any = case.body
        for tensor in body["inputs"]:
            tensor["shape"] = [len(tensor["data"]), 1][: len(tensor["shape"])]


def header(column: str) -> bytes:
    """Return the header of a CSV with one column."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow([column])
    return line.getvalue().encode()


def is_negative(case: Case, part: ParameterLocation) -> bool:
    """Whether a part of a request is wrong on purpose."""
    return case.meta is not None and case.meta.is_negative_at(part)


def bytes_of(value: Any) -> bytes:  # noqa: ANN401 - whatever was generated
    """Return a generated body as bytes."""
    if isinstance(value, bytes):
        return value
    data: bytes = value.data if hasattr(value, "data") else str(value).encode()
    return data
