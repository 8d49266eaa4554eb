"""/openapi.json and the page at /docs that shows it: Swagger UI, of which nothing comes from elsewhere."""

import hashlib
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import msgspec
from flask import Blueprint, Response, make_response, render_template, request, send_file
from werkzeug.exceptions import NotFound

from sentigrade.settings import Settings
from sentigrade.web.reference.document import describe
from sentigrade.web.reference.served import Served
from sentigrade.web.service import Service

# Where an installed package keeps the files; its Python is not used.
_FOLDER = Path(cast("ModuleSpec", find_spec("flask_swagger_ui")).origin or "").with_name("dist")
_FILES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_A_YEAR = 365 * 24 * 60 * 60

# As that of the first page (web/page.py), but that Swagger UI's styles draw their icons from data: addresses.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def reference_routes(service: Service, settings: Settings) -> Blueprint:
    """Return /openapi.json, /docs and the files of that page."""
    routes = Blueprint("reference", __name__, static_folder="static", static_url_path="/docs/static")
    document = _Document(service, settings)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return document.response()

    @routes.get("/docs")
    def docs() -> Response:
        response = make_response(render_template("docs.html", version=_version()))
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response

    @routes.get("/docs/swagger-ui/<name>")
    def swagger_ui(name: str) -> Response:
        if name not in _FILES:
            raise NotFound
        # The page asks for them with their version, so what they hold never changes.
        response = send_file(_FOLDER / name, mimetype=_FILES[name], max_age=_A_YEAR)
        response.cache_control.immutable = True
        return response

    return routes


class _Document:
    """The document, made when it is first asked for and whenever other models are served."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._models: list[str] | None = None

    def response(self) -> Response:
        scorers = self._service.scorers
        models = [scorer.model.identity for scorer in scorers]
        if models != self._models:
            self._content = msgspec.json.encode(describe(Served(scorers, self._settings)))
            self._tag = hashlib.sha256(self._content).hexdigest()[:32]
            self._models = models
        response = Response(self._content, content_type="application/json")
        response.headers["Cache-Control"] = "no-cache"
        response.set_etag(self._tag)
        response.make_conditional(request)
        return response


def _version() -> str:
    return (_FOLDER / "VERSION").read_text(encoding="utf-8").strip()
