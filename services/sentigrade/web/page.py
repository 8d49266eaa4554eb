"""The page at `GET /`: where to try a text, and how to call, with a real answer of the model that is served here."""

from pathlib import Path

import msgspec
from flask import Response, make_response, render_template

from sentigrade.errors import EndpointError, NotReady
from sentigrade.settings import Settings
from sentigrade.web.service import Service
from sentigrade.wire.native import encode_answers

_EXAMPLE = "A warm, funny and well-made film."
# nginx allows nothing by default; this page needs files of its own and calls to where it came from.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Named in the page, so that browsers fetch them side by side rather than one import after another.
_MODULES = sorted(path.name for path in Path(__file__).with_name("static").glob("*.js"))


def page(service: Service, settings: Settings) -> Response:
    """Return the page; while there is none to answer with, it goes without the example's answer."""
    content = render_template(
        "index.html",
        example_text=_EXAMPLE,
        example_body=msgspec.json.encode({"mytext": _EXAMPLE}).decode(),
        answer=_example_answer(service),
        limits=settings,
        modules=_MODULES,
    )
    response = make_response(content)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


def _example_answer(service: Service) -> str | None:
    try:
        answer = encode_answers(service.scorer(None).score([_EXAMPLE]), is_list=False)
    except (NotReady, EndpointError):
        return None
    return msgspec.json.format(answer, indent=2).decode()
