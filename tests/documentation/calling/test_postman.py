"""The Postman collection asks what docs/calling.md asks, and is answered the same."""

import re

import pytest

from tests.documentation.answers import require_answer
from tests.documentation.blocks import Block
from tests.documentation.calling import collection
from tests.documentation.calling.collection import Execution
from tests.documentation.calling.conftest import ServiceOf
from tests.documentation.calling.operations import described_operations
from tests.documentation.calling.page import SECTIONS, SETUP

# How a program waits and asks again is no request of its own.
WITHOUT_A_REQUEST = {"Too many requests"}
SETUPS = list(dict.fromkeys(section.setup or SETUP for section in SECTIONS if section.requests))


def test_the_page_names_each_request_once() -> None:
    named = [name for section in SECTIONS for name in section.requests]
    assert sorted(named) == sorted(request["name"] for request in collection.requests())
    assert {section.title for section in SECTIONS if not section.requests} == WITHOUT_A_REQUEST


def test_there_is_a_request_for_everything_that_is_served() -> None:
    sent = {(item["request"]["method"], item["request"]["url"]) for item in collection.requests()}
    for method, path in described_operations():
        address = re.sub(r"\\{\w+\\}", "[^/]+", re.escape("{{host}}" + path)).replace("\\{\\{host\\}\\}", "{{host}}")
        assert any(asked == method and re.fullmatch(rf"{address}(\?.*)?", url) for asked, url in sent), (method, path)


@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: f"line {setup.line}")
def test_newman_sends_each_request_and_is_given_the_answer_on_the_page(service_of: ServiceOf, setup: Block) -> None:
    sections = [section for section in SECTIONS if section.requests and (section.setup or SETUP) == setup]
    names = {name for section in sections for name in section.requests}
    executions = {execution.name: execution for execution in collection.run(service_of(setup), names)}
    assert executions.keys() == names
    for section in sections:
        sent = [executions[name] for name in section.requests]
        require_answer("\n".join(map(_said, sent)), section.answer)
        assert all(execution.assertions == 2 for execution in sent), section.title


def _said(execution: Execution) -> str:
    """Return the body; where there is none or a page for people, the status, as in the examples."""
    is_page = execution.body.startswith("<!doctype html>")
    return str(execution.status) if is_page or not execution.body else execution.body
