"""What a template of CloudFormation comes to for some parameters, as far as the templates here go."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.test_templates import Document, TemplateLoader

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "sentigrade",
    "AWS::URLSuffix": "amazonaws.com",
}
_ABSENT = object()


class Stack:
    """A template with its parameters.

    What AWS makes up when it creates a resource has its name in the template as its value: `Log`, `Log.Arn`.
    """

    def __init__(self, path: Path, **parameters: str) -> None:
        self._template: Document = yaml.load(path.read_text(), TemplateLoader)  # noqa: S506 - a SafeLoader
        defaults = {name: given.get("Default") for name, given in self._template["Parameters"].items()}
        assert parameters.keys() <= defaults.keys()
        self._values: Document = PSEUDO_PARAMETERS | defaults | parameters
        for name, value in parameters.items():
            assert self.accepts(name, value), f"{value} is refused for {name}"

    def accepts(self, parameter: str, value: str) -> bool:
        """Whether the template takes a value for a parameter."""
        return re.fullmatch(self._template["Parameters"][parameter].get("AllowedPattern", ".*"), value) is not None

    @property
    def resources(self) -> Mapping[str, Document]:
        """The properties of each resource that there would be."""
        return {
            name: self.value(resource["Properties"])
            for name, resource in self._template["Resources"].items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }

    @property
    def outputs(self) -> Mapping[str, Document]:
        """Each output that there would be."""
        return {
            name: self.value(output)
            for name, output in self._template["Outputs"].items()
            if "Condition" not in output or self._holds(output["Condition"])
        }

    def value(self, value: Any) -> Any:  # noqa: ANN401 - whatever it comes to
        """Evaluate the functions in a value."""
        if isinstance(value, list):
            return [item for item in map(self.value, value) if item is not _ABSENT]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
            ((function, argument),) = value.items()
            return self._call(function, argument)
        evaluated = {name: self.value(item) for name, item in value.items()}
        return {name: item for name, item in evaluated.items() if item is not _ABSENT}

    def _call(self, function: str, argument: Any) -> Any:  # noqa: ANN401 - whatever it comes to
        match function:
            case "Ref":
                return self._reference(argument)
            case "Fn::GetAtt":
                return argument
            case "Fn::Sub":
                return re.sub(r"\$\{([\w:.]+)\}", lambda name: str(self._reference(name[1])), argument)
            case "Fn::If":
                condition, then, otherwise = argument
                return self.value(then if self._holds(condition) else otherwise)
            case "Fn::FindInMap":
                name, *keys = map(self.value, argument)
                return self._template["Mappings"][name][str(keys[0])][keys[1]]
            case "Fn::ImportValue":
                return f"imported {self.value(argument)}"
        raise AssertionError(f"{function} is not known here")

    def _reference(self, name: str) -> Any:  # noqa: ANN401 - whatever it comes to
        return _ABSENT if name == "AWS::NoValue" else self._values.get(name, name)

    def _holds(self, condition: str) -> bool:
        return self._is_true(self._template["Conditions"][condition])

    def _is_true(self, condition: Document) -> bool:
        ((function, argument),) = condition.items()
        match function:
            case "Fn::Equals":
                first, second = map(self.value, argument)
                return bool(first == second)
            case "Fn::Not":
                return not self._is_true(argument[0])
            case "Fn::And":
                return all(map(self._is_true, argument))
            case "Fn::Condition":
                return self._holds(argument)
        raise AssertionError(f"{function} is not known here")
