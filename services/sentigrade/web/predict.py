"""The prediction routes: decode -> score -> encode."""

from flask import Blueprint, Response, request

from sentigrade.errors import UnsupportedMediaType
from sentigrade.settings import Settings
from sentigrade.web.page import page
from sentigrade.web.service import Service
from sentigrade.wire import native

_JSON = "application/json"
_TEXT = "text/plain"


def prediction_routes(service: Service, settings: Settings) -> Blueprint:
    """Return the routes that answer texts, and the page that says how to call them."""
    routes = Blueprint("predict", __name__)

    def answer(question: native.Question) -> Response:
        outcomes = service.scorer(question.options.model).score(question.texts, scores=question.options.scores)
        request.environ["sentigrade.outcomes"] = outcomes
        if _wants_text():
            labels = native.encode_labels(outcomes, is_list=question.is_list)
            return Response(labels, content_type=f"{_TEXT}; charset=utf-8")
        return Response(native.encode_answers(outcomes, is_list=question.is_list), content_type=_JSON)

    def body() -> Response:
        return answer(native.decode_question(request.get_data(cache=False), max_texts=settings.max_texts))

    @routes.post("/")
    @routes.post("/v1/predict")
    def post() -> Response:
        # The content type is compared as it is written by nearly everyone before it is parsed.
        if request.content_type != _JSON and not request.is_json:
            raise UnsupportedMediaType('Send JSON, {"mytext": "..."}, with the header Content-Type: application/json.')
        return body()

    @routes.get("/v1/predict")
    def get() -> Response:
        # Older clients send the JSON in the body of a GET, often without a content type.
        return body() if _has_body() else answer(native.decode_query(_query()))

    @routes.get("/")
    def root() -> Response:
        return get() if _has_body() or request.args else page(service, settings)

    return routes


def _has_body() -> bool:
    return bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "")


def _query() -> str:
    return request.query_string.decode("ascii", "replace")


def _wants_text() -> bool:
    accept = request.environ.get("HTTP_ACCEPT", "*/*")
    if accept in ("*/*", _JSON):
        return False
    return request.accept_mimetypes.best_match([_JSON, _TEXT]) == _TEXT
