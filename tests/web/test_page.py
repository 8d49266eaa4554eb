"""The page at `GET /`, as the app sends it; tests/browser shows what becomes of it."""

import html
import json
import re
import shlex
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web import page as page_module
from sentigrade.web.app import create_app
from tests.web.conftest import LIMITS

STATIC = Path(page_module.__file__).with_name("static")


def text_of(page: str, name: str) -> str:
    """Return what stands in the element of an id."""
    found = re.search(rf'id="{name}"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_the_curl_in_the_page_has_the_answer_in_the_page(client: FlaskClient) -> None:
    page = client.get("/").text
    words = shlex.split(text_of(page, "curl"))
    body = words[words.index("-d") + 1]
    assert words[:2] == ["curl", "http://localhost/v1/predict"]
    assert client.post("/v1/predict", data=body, content_type="application/json").json == json.loads(
        text_of(page, "json-text")
    )


def test_the_page_names_the_limits(client: FlaskClient) -> None:
    page = client.get("/").text
    assert f"{LIMITS.max_texts:,}" in page
    assert f'data-most-characters="{LIMITS.max_characters}"' in page


def test_nothing_in_the_page_needs_what_its_policy_forbids(client: FlaskClient) -> None:
    reply = client.get("/")
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert not re.search(r'<style|\sstyle=|\son\w+=|<script(?! type="module" src="/static/)', reply.text)
    assert not re.search(r'(src|href)="(?!/)', reply.text)


def test_every_file_that_the_page_names_is_there_and_cached_by_its_tag(client: FlaskClient) -> None:
    names = re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/").text)
    assert {Path(name).name for name in names} == {path.name for path in STATIC.iterdir()}
    for name in set(names):
        with client.get(name) as reply:
            assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-cache")
        with client.get(name, headers={"If-None-Match": reply.headers["ETag"]}) as again:
            assert again.status_code == 304


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_a_script_is_small_and_never_makes_markup_of_text(path: Path) -> None:
    script = path.read_text()
    assert len(script.splitlines()) <= 150
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|https?://", script)


def test_without_a_model_the_page_goes_without_an_answer(scorer: Scorer) -> None:
    app = create_app([None, scorer], Settings())
    app.extensions["sentigrade"].start()
    reply = app.test_client().get("/")
    assert reply.status_code == 200
    assert "curl http://localhost/v1/predict" in reply.text
    assert "json-text" not in reply.text
