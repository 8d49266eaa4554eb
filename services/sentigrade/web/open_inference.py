"""Open Inference Protocol v2, so that MLServer's, KServe's and Triton's clients work unchanged: /v2."""

from http import HTTPStatus

from flask import Blueprint, Request, Response

from sentigrade.errors import InvalidRequest, NotReady, UnknownModel, UnsupportedMediaType
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.bodies import JSON, current_request, is_json, json_response, require_uncompressed
from sentigrade.web.observing import NOTE
from sentigrade.web.service import Service
from sentigrade.wire.open_inference.metadata import ServerMetadata, metadata_of
from sentigrade.wire.open_inference.request import NO_BINARY, decode_inference
from sentigrade.wire.open_inference.response import chosen, encode_inference, options_for

_MODEL = "/models/<name>"
_VERSION = "/models/<name>/versions/<version>"


def open_inference_routes(service: Service, settings: Settings) -> Blueprint:
    """Return the routes below /v2."""
    routes = Blueprint("open_inference", __name__, url_prefix="/v2")
    models = _Models(service)

    @routes.get("")
    def server() -> Response:
        return json_response(ServerMetadata())

    @routes.get("/health/live")
    def live() -> Response:
        return json_response({"live": True})

    @routes.get("/health/ready")
    def ready() -> Response:
        return _readiness({"ready": service.ready})

    @routes.get(_MODEL)
    @routes.get(_VERSION)
    def model(name: str, version: str | None = None) -> Response:
        return json_response(metadata_of(models.scorer(name, version).model.manifest))

    @routes.get(f"{_MODEL}/ready")
    @routes.get(f"{_VERSION}/ready")
    def model_ready(name: str, version: str | None = None) -> Response:
        return _readiness({"name": name, "ready": models.is_ready(name, version)})

    @routes.post(f"{_MODEL}/infer")
    @routes.post(f"{_VERSION}/infer")
    def infer(name: str, version: str | None = None) -> Response:
        call = current_request()
        scorer = models.scorer(name, version)
        manifest = scorer.model.manifest
        question = decode_inference(_body(call), max_texts=settings.max_texts)
        outputs = chosen(question.outputs, manifest)
        outcomes = scorer.score(question.texts, options_for(outputs))
        call.environ[NOTE].add(scorer.model, outcomes)
        return Response(encode_inference(question, outputs, outcomes, manifest), content_type=JSON)

    return routes


class _Models:
    """The served models, as paths name them."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def scorer(self, name: str, version: str | None) -> Scorer:
        """Return the scorer of a model; raises UnknownModel, NotReady while it is missing."""
        try:
            scorer = self._service.scorer(name)
        except UnknownModel as error:
            raise UnknownModel(error.detail) from None  # the culprit is in the path: there is no pointer to it
        except NotReady:
            if self._missing() and name not in self._missing():
                raise UnknownModel("There is no such model here, and another one is still missing.") from None
            raise
        served = scorer.model.manifest.version
        if version not in (None, str(served)):
            raise UnknownModel(f"This version is not served, version {served} is; leave it out to ask that one.")
        return scorer

    def is_ready(self, name: str, version: str | None) -> bool:
        """Whether a model answers; raises UnknownModel."""
        try:
            self.scorer(name, version)
        except NotReady:
            return False
        # Where only another model is missing, this one answers all the same.
        return self._service.ready or bool(self._missing())

    def _missing(self) -> set[str]:
        return {place.name for place in self._service.places()} - {scorer.name for scorer in self._service.scorers}


def _body(call: Request) -> bytes:
    """Return the body of an inference request; raises RequestError for one that is not JSON."""
    require_uncompressed(call)
    if "HTTP_INFERENCE_HEADER_CONTENT_LENGTH" in call.environ:
        raise InvalidRequest(NO_BINARY)
    # Triton's client says nothing of the type.
    if call.content_type and not is_json(call):
        raise UnsupportedMediaType("Send the request as JSON, with the header Content-Type: application/json.")
    return call.get_data(cache=False)


def _readiness(state: dict[str, object]) -> Response:
    """Return what is or is not ready; clients go by the status."""
    if state["ready"]:
        return json_response(state)
    return json_response(state, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "1"})
