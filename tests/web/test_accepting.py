import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from sentigrade.errors import NotAcceptable
from sentigrade.web.accepting import accepted, preferred, with_charset

POSSIBLE = ("application/json", "application/jsonlines", "text/plain")


def call(accept: str | None) -> Request:
    headers = [] if accept is None else [("Accept", accept)]
    return Request(EnvironBuilder(headers=headers).get_environ())


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/*", "text/plain"),
        ("application/jsonlines", "application/jsonlines"),
        ("Application/JSONLines; charset=UTF-8", "application/jsonlines"),
        ("text/plain, application/jsonlines;q=0.5", "text/plain"),
        ("application/pdf, text/plain;q=0.1", "text/plain"),
        ("application/pdf, */*;q=0.1", "application/json"),
        ("application/json;q=0, text/plain", "text/plain"),
    ],
)
def test_the_caller_gets_what_it_wants_most(accept: str | None, wanted: str) -> None:
    assert accepted(call(accept), POSSIBLE) == wanted


@pytest.mark.parametrize("accept", ["application/pdf", "image/*", "json", "application/json;q=0", ";;", "*/json"])
def test_what_cannot_be_is_refused_by_what_can(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="application/json, application/jsonlines, text/plain"):
        accepted(call(accept), POSSIBLE)
    assert preferred(call(accept), POSSIBLE) is None


def test_only_text_says_its_charset() -> None:
    assert with_charset("text/csv") == "text/csv; charset=utf-8"
    assert with_charset("application/jsonlines") == "application/jsonlines"
