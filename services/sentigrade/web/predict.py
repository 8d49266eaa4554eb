"""The prediction routes: decode -> score -> encode."""

from flask import Blueprint, Request, Response, request

from sentigrade.errors import UnsupportedMediaType
from sentigrade.settings import Settings
from sentigrade.web.observing import NOTE
from sentigrade.web.page import page
from sentigrade.web.rows import answer_rows, format_of
from sentigrade.web.service import Service
from sentigrade.wire import native
from sentigrade.wire.rows.formats import ROW_TYPES

_JSON = "application/json"
_TEXT = "text/plain"
_AS_IT_IS = "identity"


def prediction_routes(service: Service, settings: Settings) -> Blueprint:
    """Return the routes that answer texts, and the page that says how to call them."""
    routes = Blueprint("predict", __name__)

    def answer(call: Request, question: native.Question) -> Response:
        outcomes = service.scorer(question.options.model).score(question.texts, question.options)
        call.environ[NOTE].add(outcomes)
        if _wants_text(call):
            labels = native.encode_labels(outcomes, is_list=question.is_list)
            return Response(labels, content_type=f"{_TEXT}; charset=utf-8")
        return Response(native.encode_answers(outcomes, is_list=question.is_list), content_type=_JSON)

    def answer_body(call: Request) -> Response:
        return answer(call, native.decode_question(call.get_data(cache=False), max_texts=settings.max_texts))

    @routes.post("/")
    @routes.post("/v1/predict")
    def post() -> Response:
        call = _current_request()
        if call.environ.get("HTTP_CONTENT_ENCODING", _AS_IT_IS) != _AS_IT_IS:
            raise UnsupportedMediaType("The body is compressed; send it as it is, without Content-Encoding.")
        # The content type is compared as it is written by nearly everyone before it is parsed.
        if call.content_type == _JSON or call.is_json:
            return answer_body(call)
        format_ = format_of(call)
        if format_ is None:
            raise UnsupportedMediaType(
                'Send JSON, {"mytext": "..."}, with the header Content-Type: application/json; '
                f"rows as {', '.join(ROW_TYPES)}."
            )
        return answer_rows(call, format_, service, settings)

    @routes.get("/v1/predict")
    def get() -> Response:
        call = _current_request()
        # Older clients send the JSON in the body of a GET, often without a content type.
        return answer_body(call) if _has_body(call) else answer(call, native.decode_query(_query(call)))

    @routes.get("/")
    def root() -> Response:
        call = _current_request()
        return get() if _has_body(call) or call.args else page(service, settings)

    return routes


def _current_request() -> Request:
    """Return the request itself: each look through Flask's proxy takes about a microsecond."""
    current: Request = request._get_current_object()  # type: ignore[attr-defined]  # typed as what it stands for
    return current


def _has_body(call: Request) -> bool:
    return bool(call.content_length) or "chunked" in call.headers.get("Transfer-Encoding", "")


def _query(call: Request) -> str:
    return call.query_string.decode("ascii", "replace")


def _wants_text(call: Request) -> bool:
    accept = call.environ.get("HTTP_ACCEPT", "*/*")
    if accept in ("*/*", _JSON):
        return False
    return call.accept_mimetypes.best_match([_JSON, _TEXT]) == _TEXT
