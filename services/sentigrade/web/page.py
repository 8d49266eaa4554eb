"""The page at `GET /`: how to call, with a real answer of the model that is served here."""

import msgspec
from flask import Response, make_response, render_template

from sentigrade.settings import Settings
from sentigrade.web.service import Service
from sentigrade.wire.native import encode_answers

_EXAMPLE = "A warm, funny and well-made film."
# nginx allows nothing by default; this page needs its style sheet.
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(service: Service, settings: Settings) -> Response:
    """Return the page."""
    answer = encode_answers(service.scorer(None).score([_EXAMPLE]), is_list=False)
    example = msgspec.json.format(answer, indent=2).decode()
    response = make_response(render_template("index.html", example=example, limits=settings))
    response.headers["Content-Security-Policy"] = _POLICY
    return response
