"""The prediction routes: decode -> score -> encode."""

from flask import Blueprint, Request, Response

from sentigrade.errors import InvalidRequest, RequestTooLarge, UnsupportedMediaType
from sentigrade.settings import Settings
from sentigrade.web.bodies import JSON, current_request, is_json, require_uncompressed
from sentigrade.web.observing import NOTE
from sentigrade.web.page import page
from sentigrade.web.rows import answer_rows, format_of
from sentigrade.web.service import Service
from sentigrade.wire import native
from sentigrade.wire.rows.formats import ROW_TYPES

_TEXT = "text/plain"

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
        return answering.post(current_request())

    @routes.get("/v1/predict")
    def get() -> Response:
        return answering.get(current_request())

    @routes.get("/")
    def root() -> Response:
        call = current_request()
        return answering.get(call) if asks(call) else page(service, settings)

    return routes


class _Answering:
    """Answers what a request asks, in whatever form it asks."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings

    def post(self, call: Request) -> Response:
        require_uncompressed(call)
        if is_json(call):
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
            require_few(question.texts, self._settings)
        scorer = self._service.scorer(question.options.model)
        outcomes = scorer.score(question.texts, question.options)
        call.environ[NOTE].add(scorer.model, outcomes)
        if _wants_text(call):
            labels = native.encode_labels(outcomes, is_list=question.is_list)
            return Response(labels, content_type=f"{_TEXT}; charset=utf-8")
        return Response(native.encode_answers(outcomes, is_list=question.is_list), content_type=JSON)


def require_few(texts: list[str], settings: Settings) -> None:
    """Raise RequestTooLarge where answers to each word would take too long, and be too long, for one answer."""
    most = settings.max_detailed_characters
    if sum(map(len, texts)) > most:
        raise RequestTooLarge(
            f"Explanations and sentences are given for at most {most:,} characters in one JSON request; send fewer "
            "texts, or send them as rows."
        )


def asks(call: Request) -> bool:
    """Whether a GET of / asks something, rather than for the page."""
    return _has_body(call) or any(field in call.args for field in native.TEXT_FIELDS)


def _has_body(call: Request) -> bool:
    return bool(call.content_length) or "chunked" in call.headers.get("Transfer-Encoding", "")


def _wants_text(call: Request) -> bool:
    accept = call.environ.get("HTTP_ACCEPT", "*/*")
    if accept in ("*/*", JSON):
        return False
    return call.accept_mimetypes.best_match([JSON, _TEXT]) == _TEXT
