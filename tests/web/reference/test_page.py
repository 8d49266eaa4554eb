"""/openapi.json and /docs, as the app sends them; tests/browser shows what becomes of the page."""

import re

import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from tests.web.reference.conftest import Serve
from tests.web.reference.validating import document_of


def test_the_document_is_sent_again_only_when_it_has_changed(client: FlaskClient) -> None:
    first = client.get("/openapi.json")
    assert (first.status_code, first.content_type, first.headers["Cache-Control"]) == (
        200,
        "application/json",
        "no-cache",
    )
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/openapi.json", headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.data) == (200, first.data)


def test_the_document_follows_the_served_models(client: FlaskClient, scorer: Scorer, topics: Scorer) -> None:
    before = document_of(client)
    client.application.extensions["sentigrade"].use([scorer, topics])
    after = document_of(client)
    schemas = [document["components"]["schemas"]["PredictRequest"] for document in (before, after)]
    names = [schema["properties"]["model"]["anyOf"][0]["enum"] for schema in schemas]
    assert names == [["sentiment"], ["sentiment", "topics"]]


def test_two_processes_make_the_same_document(serve: Serve, scorer: Scorer) -> None:
    assert serve([scorer]).get("/openapi.json").data == serve([scorer]).get("/openapi.json").data


def test_no_more_is_allowed_to_the_page_than_it_needs(client: FlaskClient) -> None:
    reply = client.get("/docs")
    first = client.get("/").headers["Content-Security-Policy"]
    assert reply.headers["Content-Security-Policy"] == first.replace("img-src 'self'", "img-src 'self' data:")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! defer src=\"/)", reply.text)
    assert not re.search(r'(src|href)="(?!/)', reply.text)


def test_the_files_of_swagger_ui_are_kept_by_browsers_until_their_version_changes(client: FlaskClient) -> None:
    names = re.findall(r'(?:src|href)="(/docs/swagger-ui/[^"]+)"', client.get("/docs").text)
    assert len(names) == 2
    for name in names:
        assert re.search(r"\?v=v\d+\.\d+\.\d+$", name)
        with client.get(name) as reply:
            assert (reply.status_code, reply.mimetype) == (200, "text/css" if ".css" in name else "text/javascript")
            assert {"max-age=31536000", "immutable"} <= set(reply.headers["Cache-Control"].split(", "))


def test_our_own_files_of_the_page_are_there(client: FlaskClient) -> None:
    names = re.findall(r'(?:src|href)="(/(?:docs/)?static/[^"]+)"', client.get("/docs").text)
    assert len(names) == 4
    for name in names:
        with client.get(name) as reply:
            assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["index.css", "oauth2-redirect.html", "VERSION", "..%2f__init__.py", "nothing"])
def test_nothing_else_of_the_package_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/docs/swagger-ui/{name}").status_code == 404


def test_the_first_page_leads_here(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'href="/docs"' in page
    assert 'href="/openapi.json"' in page
