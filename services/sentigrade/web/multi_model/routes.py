"""SageMaker's multi-model contract: /models."""

from pathlib import Path

from flask import Blueprint, Response

from sentigrade.settings import Settings
from sentigrade.web.bodies import current_request, json_response
from sentigrade.web.invocations import Invocations
from sentigrade.web.multi_model.loaded import LoadedModels
from sentigrade.web.multi_model.register import Entry, open_register
from sentigrade.web.service import Service
from sentigrade.wire.multi_model import LoadedModel, decode_load, page_of


def multi_model_routes(service: Service, settings: Settings, folder: Path | None) -> Blueprint:
    """Return /models, /models/{name} and /models/{name}/invoke; a name may hold slashes.

    In `folder` the processes of the service write down what is loaded; without one this process is alone.
    """
    routes = Blueprint("multi_model", __name__)
    register = open_register(folder)
    models = LoadedModels(register, settings)
    invocations = Invocations(service, settings)
    routes.before_request(models.let_go)

    @routes.post("/models")
    def load() -> Response:
        wish = decode_load(current_request().get_data(cache=False))
        return json_response(_told(models.load(wish.model_name, wish.url)))

    @routes.get("/models")
    def listed() -> Response:
        token = current_request().args.get("next_page_token", "")
        return json_response(page_of(list(map(_told, register.entries())), token))

    @routes.get("/models/<path:name>")
    def one(name: str) -> Response:
        return json_response(_told(register.find(name)))

    @routes.delete("/models/<path:name>")
    def unload(name: str) -> Response:
        return json_response(_told(models.unload(name)))

    @routes.post("/models/<path:name>/invoke")
    def invoke(name: str) -> Response:
        return invocations.answer(current_request(), models.scorer(name))

    return routes


def _told(entry: Entry) -> LoadedModel:
    return LoadedModel(entry.name, entry.url)
