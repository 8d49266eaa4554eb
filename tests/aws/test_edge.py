"""What the app says where no nginx stands before it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from apig_wsgi import make_lambda_handler
from awslambdaric.lambda_runtime_marshaller import to_json
from flask import Flask, Response
from flask.testing import FlaskClient

from sentigrade.api_keys import add_key
from sentigrade.aws.edge import TEXTS, stand_at_the_edge
from sentigrade.labels import make_labels
from sentigrade.model import load_model
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.adopting_endpoint import EndpointAdoption, adopt_endpoint
from sentigrade.web.app import create_app
from sentigrade.web.bodies import JSON
from sentigrade.web.invocation_rows import LINES
from sentigrade.web.logs import JsonFormatter
from sentigrade.wire.rows.formats import ROW_TYPES
from tests.endpoint_server import REGION, EndpointServer, endpoint_server, refusal
from tests.environment import set_variables
from tests.lambda_runtime import MOST_BYTES, request_event
from tests.live import PROBLEM, REPOSITORY

NGINX = REPOSITORY / "nginx"
PRIVATE = "nobody-may-read-this"
AWAY = refusal(429, "ModelNotReadyException")
# So many blocks of rows are answered one by one; a row is a quarter of a megabyte.
LONG_ROW = "a" * 90_000
ROWS_IN_A_BLOCK = 3


def app_at_the_edge(scorer: Scorer, settings: Settings | None = None) -> Flask:
    app = create_app([scorer], settings or Settings())
    stand_at_the_edge(app)
    app.extensions["sentigrade"].start()
    return app


@pytest.fixture
def app(scorer: Scorer) -> Flask:
    return app_at_the_edge(scorer)


def added_by_nginx() -> dict[str, str]:
    """The headers that nginx adds to every answer which says nothing else, but for those that the app has too."""
    texts = [(NGINX / name).read_text() for name in ("answers.conf", "tls.conf", "nginx.conf")]
    added = dict(re.findall(r"^add_header (\S+) (.+?) always;$", "\n".join(texts), re.MULTILINE))
    (policy,) = re.findall(r"map \$upstream_http_content_security_policy .*?\"\"\s+\"(.*?)\";", texts[2], re.DOTALL)
    assert added.pop("X-Request-ID") == "$checked_request_id"
    assert {added.pop("Retry-After"), added.pop("Allow")} == {"$added_retry_after", "$added_allow"}
    return {name: value.strip('"') for name, value in added.items()} | {"Content-Security-Policy": policy}


@pytest.mark.parametrize("path", ["/v1/predict?text=fine", "/v1/predict", "/nowhere", "/metrics", "/v1/models"])
def test_what_nginx_adds_to_answers_is_in_each(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    added = added_by_nginx()
    assert len(added) == 5
    assert {name: headers.get(name) for name in added} == added
    assert headers["X-Request-ID"]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_keeps_what_it_allows_itself(app: Flask, path: str) -> None:
    assert "script-src 'self'" in app.test_client().get(path).headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_metrics_are_nobody_s(scorer: Scorer, tmp_path: Path, method: str) -> None:
    add_key(tmp_path / "keys", "alice")
    app = app_at_the_edge(scorer, Settings(api_keys=str(tmp_path / "keys")))
    response = app.test_client().open("/metrics", method=method)
    assert (response.status_code, response.content_type) == (404, PROBLEM)


class TestAnAnswerThatBreaksOff:
    @pytest.fixture
    def server(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[EndpointServer]:
        with endpoint_server(sports) as running:
            set_variables(monkeypatch, running.environ)
            yield running

    @pytest.fixture
    def client(self, server: EndpointServer, tmp_path: Path) -> FlaskClient:
        assert server.port
        labels = make_labels(["World", "Sports"], ordered=False)
        adopt_endpoint(EndpointAdoption("topics", "topics", REGION, labels), tmp_path)
        return app_at_the_edge(Scorer(load_model(tmp_path), max_characters=100_000, max_seconds=20)).test_client()

    def test_is_none_and_says_what_the_first_rows_would_have_said(
        self, client: FlaskClient, server: EndpointServer
    ) -> None:
        server.troubles.extend([None, AWAY, AWAY, AWAY])
        body = f"{LONG_ROW}\n" * 5 * ROWS_IN_A_BLOCK
        response = client.post("/v1/predict", data=body, content_type="text/plain")
        assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
        assert (response.json or {})["code"] == "endpoint_unreachable"

    def test_by_a_fault_of_ours_is_a_500_and_its_reason_in_no_log(
        self, app: Flask, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        def parts() -> Iterator[bytes]:
            yield b"{"
            raise ValueError(PRIVATE)

        app.add_url_rule("/broken", view_func=lambda: Response(parts()))
        response = app.test_client().get("/broken")
        assert (response.status_code, response.content_type) == (500, PROBLEM)
        (record,) = [record for record in caplog.records if record.message == "request failed"]
        assert PRIVATE not in response.text + JsonFormatter().format(record)
        assert '"status":500' in capfd.readouterr().out


def sports(body: bytes) -> bytes:
    texts = len(json.loads(body)["instances"])
    return json.dumps([{"label": ["__label__sports"], "prob": [1.0]}] * texts).encode()


@pytest.mark.parametrize("kind", [*ROW_TYPES, *LINES, JSON, PROBLEM])
def test_no_answer_of_a_model_grows_by_a_third_as_base64(app: Flask, kind: str) -> None:
    app.add_url_rule("/answer", view_func=lambda: Response('{"label": "é"}', content_type=kind))
    context = type("Context", (), {"aws_request_id": "id"})
    handler = make_lambda_handler(app.wsgi_app, non_binary_content_type_prefixes=TEXTS)
    answer = handler(request_event("GET", "/answer"), context)
    assert (answer["isBase64Encoded"], answer["body"]) == (False, '{"label": "é"}')


@pytest.mark.parametrize("character", ["a", '"', "\x01", "é", "☕", "😀"])
@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_an_answer_is_as_long_as_lambda_takes_it(app: Flask, character: str, more: int, status: int) -> None:
    most = (6 * 1024 * 1024 - 64 * 1024 - 2) // (len(json.dumps(character)) - 2)
    app.add_url_rule("/long", view_func=lambda: Response(character * (most + more), content_type="text/plain"))
    context = type("Context", (), {"aws_request_id": "id"})
    handler = make_lambda_handler(app.wsgi_app, non_binary_content_type_prefixes=TEXTS)
    answer = handler(request_event("GET", "/long"), context)
    assert answer["statusCode"] == status
    assert len(to_json(answer)) <= MOST_BYTES
    if status == 200:
        assert answer["body"] == character * most
