"""What may be asked of one served model and not of another."""

from collections.abc import Sequence
from typing import Any

from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.web.reference.served import explains, takes_thresholds

Schema = dict[str, Any]


def options_of_any(scorers: Sequence[Scorer], properties: dict[str, Schema]) -> list[str]:
    """Return the names of the options that at least one model takes; `properties` are those of a request."""
    names = [name for name in Options.__struct_fields__ if name in properties]
    if scorers and not any(map(explains, scorers)):
        names.remove("explain")
    return names


def choices(scorers: Sequence[Scorer], properties: dict[str, Schema]) -> Schema:
    """Return what to add to the schema of a request, so that it allows of each model what that model gives.

    `properties` loses what no model gives.
    """
    if not any(map(takes_thresholds, scorers)):
        properties.pop("thresholds")
    rules = [_rules(scorer, properties) for scorer in scorers]
    if len(scorers) == 1 and rules[0]:
        return {"allOf": [{"properties": rules[0]}]}
    conditional = [
        {"if": _asks(scorer, is_default=scorer is scorers[0]), "then": {"properties": rule}}
        for scorer, rule in zip(scorers, rules, strict=True)
        if rule
    ]
    return {"allOf": conditional} if conditional else {}


def _rules(scorer: Scorer, properties: dict[str, Schema]) -> dict[str, Schema]:
    """Return the narrower schemas of the properties of which a model does not take everything."""
    rules: dict[str, Schema] = {}
    if not explains(scorer):
        rules["explain"] = {"const": False}
    if "thresholds" in properties:
        rules["thresholds"] = _thresholds(scorer) if takes_thresholds(scorer) else {"maxProperties": 0}
    return rules


def _thresholds(scorer: Scorer) -> Schema:
    labels = scorer.model.manifest.labels.items
    names = [name for label in labels for name in {label.name: None, label.id: None}]
    twice = [{"not": {"required": [label.name, label.id]}} for label in labels if label.name != label.id]
    return {"propertyNames": {"enum": names}, **({"allOf": twice} if twice else {})}


def _asks(scorer: Scorer, *, is_default: bool) -> Schema:
    if is_default:
        return {"properties": {"model": {"enum": [scorer.name, None]}}}
    return {"properties": {"model": {"const": scorer.name}}, "required": ["model"]}
