"""Which models are served: /v1/models."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response

from sentigrade.model_state import ModelDetails, Models, ModelState
from sentigrade.places import BEHIND, MISSING, Place
from sentigrade.scorer import Scorer
from sentigrade.web.bodies import json_response
from sentigrade.web.service import Service


def model_routes(service: Service) -> Blueprint:
    """Return /v1/models and /v1/models/{name}."""
    routes = Blueprint("models", __name__)

    @routes.get("/v1/models")
    def models() -> Response:
        return json_response(Models(model_states(service)))

    @routes.get("/v1/models/<name>")
    def model(name: str) -> Response:
        return json_response(_details(service.scorer(name), _place_of(name, service.places())))

    return routes


def model_states(service: Service) -> list[ModelState]:
    """Return the state of each model, those that are missing included."""
    places = service.places()
    served = [_state(scorer, _place_of(scorer.name, places)) for scorer in service.scorers]
    names = {scorer.name for scorer in service.scorers}
    missing = [place for place in places if place.name not in names]
    return served + [ModelState(model=place.name, notice=place.notice or MISSING) for place in missing]


def _place_of(name: str, places: Sequence[Place]) -> Place | None:
    return next((place for place in places if place.name == name), None)


def _state(scorer: Scorer, place: Place | None) -> ModelState:
    return ModelState(**_facts(scorer, place))


def _facts(scorer: Scorer, place: Place | None) -> dict[str, Any]:
    model = scorer.model
    facts: dict[str, Any] = {
        "model": model.manifest.name,
        "version": model.manifest.version,
        "digest": f"sha256:{model.digest}",
        "family": model.manifest.family,
        "labels": model.manifest.labels.names,
    }
    if place:
        notice = place.notice or (None if place.digest == model.digest else BEHIND)
        facts |= {"versions": place.versions, "promoted": place.promoted, "notice": notice}
    return facts


def _details(scorer: Scorer, place: Place | None) -> ModelDetails:
    manifest = scorer.model.manifest
    return ModelDetails(
        **_facts(scorer, place),
        created=manifest.created,
        license=manifest.license,
        label_set=manifest.labels,
        metrics=manifest.metrics,
        card=scorer.model.card,
    )
