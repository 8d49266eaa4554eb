"""The prediction routes: decode -> score -> encode."""

from flask import Blueprint, Request, Response, request

from sentigrade.errors import InvalidRequest, RequestTooLarge, UnsupportedMediaType
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

_SEND = (
    'Send JSON, {"mytext": "..."}, with the header Content-Type: application/json; '
    f"rows as {', '.join(sorted(ROW_TYPES))}."
)


def prediction_routes(service: Service, settings: Settings) -> Blueprint:
    """Return the routes that answer texts, and the page that says how to call them."""
    routes = Blueprint("predict", __name__)
    answering = _Answering(service, settings)

    @routes.post("/")
    @routes.post("/v1/predict")
    def post() -> Response:
        return answering.post(_current_request())

    @routes.get("/v1/predict")
    def get() -> Response:
        return answering.get(_current_request())

    @routes.get("/")
    def root() -> Response:
        call = _current_request()
        asks = _has_body(call) or any(field in call.args for field in native.TEXT_FIELDS)
        return answering.get(call) if asks else page(service, settings)

    return routes


class _Answering:
    """Answers what a request asks, in whatever form it asks."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings

    def post(self, call: Request) -> Response:
        if call.environ.get("HTTP_CONTENT_ENCODING", _AS_IT_IS) != _AS_IT_IS:
            raise UnsupportedMediaType("The body is compressed; send it as it is, without Content-Encoding.")
        # The content type is compared as it is written by nearly everyone before it is parsed.
        if call.content_type == _JSON or call.is_json:
            return self._answer_body(call)
        format_ = format_of(call)
        if format_ is None:
            raise UnsupportedMediaType(_SEND)
        return answer_rows(call, format_, self._service, self._settings)

    def get(self, call: Request) -> Response:
        # Older clients send the JSON in the body of a GET, often without a content type.
        if _has_body(call):
            return self._answer_body(call)
        return self._answer(call, native.decode_query(call.query_string.decode("ascii", "replace")))

    def _answer_body(self, call: Request) -> Response:
        if call.environ["QUERY_STRING"]:
            raise InvalidRequest("The options of a JSON body stand in it; leave out the query.", pointer="")
        body = call.get_data(cache=False)
        return self._answer(call, native.decode_question(body, max_texts=self._settings.max_texts))

    def _answer(self, call: Request, question: native.Question) -> Response:
        if question.options.is_detailed:
            self._require_few(question.texts)
        outcomes = self._service.scorer(question.options.model).score(question.texts, question.options)
        call.environ[NOTE].add(outcomes)
        if _wants_text(call):
            labels = native.encode_labels(outcomes, is_list=question.is_list)
            return Response(labels, content_type=f"{_TEXT}; charset=utf-8")
        return Response(native.encode_answers(outcomes, is_list=question.is_list), content_type=_JSON)

    def _require_few(self, texts: list[str]) -> None:
        """Raise RequestTooLarge where answers to each word would take too long, and be too long, for one answer."""
        most = self._settings.max_detailed_characters
        if sum(map(len, texts)) > most:
            raise RequestTooLarge(
                f"Explanations and sentences are given for at most {most:,} characters in one JSON request; send fewer "
                "texts, or send them as rows."
            )


def _current_request() -> Request:
    """Return the request itself: each look through Flask's proxy takes about a microsecond."""
    current: Request = request._get_current_object()  # type: ignore[attr-defined]  # typed as what it stands for
    return current


def _has_body(call: Request) -> bool:
    return bool(call.content_length) or "chunked" in call.headers.get("Transfer-Encoding", "")


def _wants_text(call: Request) -> bool:
    accept = call.environ.get("HTTP_ACCEPT", "*/*")
    if accept in ("*/*", _JSON):
        return False
    return call.accept_mimetypes.best_match([_JSON, _TEXT]) == _TEXT
