"""SageMaker's custom attributes: a header that comes back with the answer, and may hold options.

A call by way of SageMaker has no query, and bodies such as CSV have no room for options. So a value that begins with
`sentigrade?` is read as a query; any other means nothing here.
"""

import re
from functools import partial
from typing import Any

from flask import Request, Response, after_this_request

from sentigrade.errors import InvalidRequest, RequestError
from sentigrade.wire.choices import query_fields

HEADER = "X-Amzn-SageMaker-Custom-Attributes"
_KEY = "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES"
_PRINTABLE = re.compile("[ -~]{1,1024}")
_QUERY = "sentigrade?"
_EXAMPLE = "sentigrade?top_k=2&scores=true"


def take_attributes(call: Request) -> dict[str, Any]:
    """Send the custom attributes of a request back with its answer or its error; return the options in them.

    Raises InvalidRequest for a value that the header does not take, which is not sent back, and for a query that
    cannot be read.
    """
    value = call.environ.get(_KEY)
    if not value:
        return {}
    if not _PRINTABLE.fullmatch(value):
        raise InvalidRequest(f"{HEADER} takes at most 1,024 printable characters of ASCII; send fewer, or others.")
    after_this_request(partial(_with_attributes, value))
    return _fields(value.removeprefix(_QUERY)) if value.startswith(_QUERY) else {}


def _with_attributes(value: str, response: Response) -> Response:
    response.headers[HEADER] = value
    return response


def _fields(query: str) -> dict[str, Any]:
    try:
        return query_fields(query)
    except RequestError:
        raise InvalidRequest(
            f"The options in {HEADER} are a query of percent-encoded UTF-8, each field once, such as {_EXAMPLE} ."
        ) from None
