"""What the template of ECS runs each night: its expressions, evaluated as Step Functions evaluates them."""

import json
import re
from typing import Any

import pytest
import yaml
from jsonata import Jsonata

from tests.deploy.batch_lines import read_as_batch
from tests.deploy.test_batch_on_ecs import ECS
from tests.deploy.test_templates import Document, TemplateLoader

PARAMETERS = {
    "SourceBucket": "my-reviews",
    "SourcePrefix": "reviews/",
    "SinkBucket": "my-results",
    "SinkPrefix": "scored/",
    "Model": "sentiment@3",
    "TextColumn": "the text",
}


@pytest.fixture(scope="module")
def template() -> Document:
    read: Document = yaml.load(ECS.read_text(), TemplateLoader)  # noqa: S506 - a SafeLoader
    return read


def evaluated(template: Document, value: object, **variables: object) -> Any:  # noqa: ANN401 - whatever it comes to
    """Return a value of the state machine as its tasks get it."""
    if isinstance(value, list):
        return [evaluated(template, item, **variables) for item in value]
    text = re.sub(r"\$\{(\w+)\}", lambda name: substitution(template, name[1]), str(value))
    expression = re.fullmatch(r"\{%(.*)%\}", text)
    if not expression:
        return text
    jsonata = Jsonata(expression[1])
    frame = jsonata.create_frame()
    for name, given in variables.items():
        frame.bind(name, given)
    return jsonata.evaluate({}, frame)


def substitution(template: Document, name: str) -> str:
    """Return what CloudFormation puts in the place of a name, for the stack that PARAMETERS describe."""
    value = template["Resources"]["Night"]["Properties"]["DefinitionSubstitutions"][name]
    if "Ref" in value:
        return PARAMETERS[value["Ref"]]
    if "Fn::Join" in value:
        return "subnet-1,subnet-2"
    return re.sub(r"\$\{(\w+)\}", lambda parameter: PARAMETERS[parameter[1]], value["Fn::Sub"])


def states(template: Document) -> Document:
    found: Document = template["Resources"]["Night"]["Properties"]["Definition"]["States"]
    return found


@pytest.mark.parametrize(
    ("begun", "day"),
    [
        ("2026-02-01T01:30:00Z", "2026-01-31"),
        ("2028-03-01T00:00:00Z", "2028-02-29"),
        ("2027-01-01T23:59:59Z", "2026-12-31"),
    ],
)
def test_a_night_scores_the_files_of_the_day_before(template: Document, begun: str, day: str) -> None:
    target = template["Resources"]["Nightly"]["Properties"]["Target"]
    given = json.loads(target["Input"].replace("<aws.scheduler.scheduled-time>", begun))
    assigned = states(template)["Yesterday"]["Assign"]
    variables = {name: evaluated(template, value, states={"input": given}) for name, value in assigned.items()}
    (override,) = states(template)["Score"]["Arguments"]["Overrides"]["ContainerOverrides"]
    read = read_as_batch(evaluated(template, override["Command"], **variables))
    assert read["source"] == f"s3://my-reviews/reviews/{day}/"
    assert read["sink"] == f"s3://my-results/scored/{day}/"
    assert (read["model"], read["text_column"]) == ("sentiment@3", "the text")


def test_the_overridden_container_is_that_of_the_task(template: Document) -> None:
    (override,) = states(template)["Score"]["Arguments"]["Overrides"]["ContainerOverrides"]
    (container,) = template["Resources"]["Task"]["Properties"]["ContainerDefinitions"]
    assert override["Name"] == container["Name"]


def test_the_task_may_run_in_each_of_the_subnets(template: Document) -> None:
    network = states(template)["Score"]["Arguments"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert evaluated(template, network["Subnets"]) == ["subnet-1", "subnet-2"]


@pytest.mark.parametrize("name", ["SourceBucket", "SourcePrefix", "SinkBucket", "SinkPrefix", "Model", "TextColumn"])
@pytest.mark.parametrize("text", ["a' & $states & 'b/", "{% $states %}", "${Source}"])
def test_no_parameter_can_become_an_expression(template: Document, name: str, text: str) -> None:
    pattern = template["Parameters"][name]["AllowedPattern"]
    assert re.fullmatch(pattern, PARAMETERS[name])
    assert not re.fullmatch(pattern, text)
