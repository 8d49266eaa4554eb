"""Who may call where SENTIGRADE_API_KEYS names a file of keys."""

import json
import logging
import os
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sentigrade.api_keys import add_key, remove_key
from sentigrade.errors import SettingError
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.api_keys import KeyFile
from sentigrade.web.app import create_app
from sentigrade.web.logs import JsonFormatter

OPEN = [
    "/",
    "/?from=elsewhere",
    "/static/page.js",
    "/docs",
    "/docs/static/docs.js",
    "/docs/swagger-ui/swagger-ui.css",
    "/openapi.json",
    "/health/live",
    "/health/ready",
    "/v2/health/live",
    "/v2/health/ready",
    "/ping",
    "/metrics",
]
CLOSED = [
    ("POST", "/"),
    ("GET", "/?text=a"),
    ("GET", "/?from=elsewhere&mytext=a"),
    ("GET", "/v1/predict?text=a"),
    ("POST", "/v1/predict"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/sentiment"),
    ("GET", "/v2"),
    ("GET", "/v2/models/sentiment"),
    ("GET", "/v2/models/sentiment/ready"),
    ("POST", "/v2/models/sentiment/infer"),
    ("POST", "/invocations"),
    ("GET", "/execution-parameters"),
    ("GET", "/models"),
    ("POST", "/models"),
    ("PUT", "/"),
    ("PUT", "/v1/predict"),
    ("OPTIONS", "/v1/predict"),
    ("GET", "/nowhere"),
    ("GET", "//docs"),
    ("GET", "/docsandmore"),
    ("GET", "/openapi.json/"),
    ("GET", "/ping/"),
    ("GET", "/v1/health/live"),
    ("GET", "/static"),
]


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def alice(file: Path) -> str:
    return add_key(file, "alice")


@pytest.fixture
def client(scorer: Scorer, file: Path, alice: str, tmp_path: Path) -> FlaskClient:
    app = create_app([scorer], Settings(api_keys=str(file), multi_model=str(tmp_path)), loaded=tmp_path / "loaded")
    app.extensions["sentigrade"].start()
    return app.test_client()


@pytest.mark.parametrize("path", OPEN)
def test_how_to_call_and_whether_it_is_well_is_open_to_everyone(client: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        with client.open(path, method=method) as reply:
            assert reply.status_code == 200
            assert "WWW-Authenticate" not in reply.headers


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_all_else_needs_a_key_whether_it_is_there_or_not(client: FlaskClient, method: str, path: str) -> None:
    reply = client.open(path, method=method)
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="Sentigrade"'


def test_a_text_in_the_body_of_a_get_needs_a_key(client: FlaskClient) -> None:
    assert client.get("/", data=b'{"mytext": "A plot."}').status_code == 401
    assert client.get("/", headers={"Transfer-Encoding": "chunked"}).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer KEY"},
        {"Authorization": "bearer  KEY"},
        {"X-API-Key": "KEY"},
        {"X-API-Key": "KEY", "Authorization": "Bearer KEY"},
        {"X-API-Key": "KEY", "Authorization": "Basic YWxpY2U6YQ=="},
    ],
)
def test_a_key_opens_in_either_header(client: FlaskClient, alice: str, headers: dict[str, str]) -> None:
    given = {name: value.replace("KEY", alice) for name, value in headers.items()}
    for method, path in CLOSED:
        assert client.open(path, method=method, headers=given).status_code != 401
    assert client.post("/v1/predict", json={"mytext": "A plot."}, headers=given).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "KEY-"},
        {"X-API-Key": "Bearer KEY"},
        {"X-API-Key": "KEY,KEY"},
        {"Authorization": "Bearer aKEY"},
        {"Authorization": "Bearer KEY KEY"},
        {"Authorization": "Bearer KEY", "X-API-Key": "other"},
        {"Authorization": "Bearer other", "X-API-Key": "KEY"},
        {"X-API-Key": "sg_\xff"},
        {"X-API-Key": "a" * 8000},
    ],
)
def test_a_wrong_key_and_two_different_ones_open_nothing(
    client: FlaskClient, alice: str, headers: dict[str, str]
) -> None:
    given = {name: value.replace("KEY", alice) for name, value in headers.items()}
    reply = client.get("/v1/models", headers=given)
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="Sentigrade", error="invalid_token"'
    assert not any(value in reply.text + str(reply.headers) for value in given.values())


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic YWxpY2U6YQ==", "KEY", "Bearer\tKEY"])
def test_a_header_without_a_key_in_it_is_none(client: FlaskClient, alice: str, authorization: str) -> None:
    reply = client.get("/v1/models", headers={"Authorization": authorization.replace("KEY", alice)})
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Sentigrade"')


def test_the_hash_of_a_key_is_no_key(client: FlaskClient, file: Path) -> None:
    digest = file.read_text().split("sha256:")[1].strip()
    assert client.get("/v1/models", headers={"X-API-Key": digest}).status_code == 401


def test_it_is_checked_before_anything_of_the_request_is_read(client: FlaskClient) -> None:
    for body, content_type in ((b"{", "application/json"), (b"x", "application/pdf"), (b"a" * 10**7, "text/csv")):
        assert client.post("/v1/predict", data=body, content_type=content_type).status_code == 401


def test_the_access_log_names_whose_key_it_was_and_never_the_key(
    client: FlaskClient, alice: str, capfd: pytest.CaptureFixture[str]
) -> None:
    client.get("/v1/models", headers={"X-API-Key": alice})
    client.get("/v1/models", headers={"X-API-Key": f"{alice}x"})
    client.get("/v1/models")
    written = capfd.readouterr().out
    lines = list(map(json.loads, written.splitlines()))
    assert [(line["status"], line.get("key")) for line in lines] == [(200, "alice"), (401, None), (401, None)]
    assert alice not in written


def test_without_the_setting_nothing_is_asked_for_and_nothing_is_checked(scorer: Scorer) -> None:
    app = create_app([scorer], Settings())
    assert app.before_request_funcs == {}
    assert app.test_client().get("/v1/models", headers={"X-API-Key": "anything"}).status_code == 200


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), ("", "holds no key"), ("sg_" + "Zq" * 21, "line 1 is not NAME sha256:HEXDIGEST")],
)
def test_a_file_that_cannot_be_used_stops_the_start(file: Path, content: str | None, reason: str) -> None:
    if content is not None:
        file.write_text(content)
    with pytest.raises(SettingError, match=f"^SENTIGRADE_API_KEYS: .*{reason}") as caught:
        create_app([None], Settings(api_keys=str(file)))
    assert "Zq" not in str(caught.value)


def test_a_change_counts_after_a_second_and_not_before(file: Path, alice: str) -> None:
    clock = Clock()
    keys = KeyFile(file, clock)
    bob = add_key(file, "bob")
    remove_key(file, "alice")
    clock.now = 0.9
    assert (keys.name_of(alice), keys.name_of(bob)) == ("alice", None)
    clock.now = 1
    assert (keys.name_of(alice), keys.name_of(bob)) == (None, "bob")
    carol = add_key(file, "carol")
    clock.now = 1.9
    assert keys.name_of(carol) is None
    clock.now = 2
    assert keys.name_of(carol) == "carol"


def test_a_file_of_the_same_size_and_time_in_its_place_is_noticed(file: Path, alice: str) -> None:
    clock = Clock()
    keys = KeyFile(file, clock)
    other = file.with_name("other")
    bob = add_key(other, "alice")
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    other.rename(file)
    os.utime(file, ns=times)
    clock.now = 1
    assert (keys.name_of(alice), keys.name_of(bob)) == (None, "alice")


def test_a_file_that_has_not_changed_is_not_read_again(
    file: Path, alice: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    keys = KeyFile(file, clock)
    with caplog.at_level(logging.INFO):
        for clock.now in range(5):
            assert keys.name_of(alice) == "alice"
        assert caplog.messages == []
        add_key(file, "bob")
        for clock.now in range(5, 9):
            assert keys.name_of(alice) == "alice"
    assert caplog.messages == ["keys read"]


@pytest.mark.parametrize("content", [None, "", "Zq Zq", "alice sha256:Zq"])
def test_a_file_that_has_become_bad_changes_nothing_is_told_once_and_looked_at_again(
    file: Path, alice: str, caplog: pytest.LogCaptureFixture, content: str | None
) -> None:
    clock = Clock()
    keys = KeyFile(file, clock)
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    for clock.now in range(1, 5):
        assert (keys.name_of(alice), keys.name_of("Zq")) == ("alice", None)
    (line,) = map(json.loads, map(JsonFormatter().format, caplog.records))
    assert (line["level"], line["message"]) == ("error", "keys not read")
    assert str(file) in line["reason"]
    assert "Zq" not in str(line)
    file.unlink(missing_ok=True)
    bob = add_key(file, "bob")
    clock.now = 5
    assert (keys.name_of(alice), keys.name_of(bob)) == (None, "bob")


def test_a_fault_that_comes_again_is_told_again(file: Path, alice: str, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    keys = KeyFile(file, clock)
    away = file.with_name("away")
    for clock.now in range(1, 5):
        file.rename(away) if file.exists() else away.rename(file)
        assert keys.name_of(alice) == "alice"
    assert caplog.messages == ["keys not read"] * 2


def test_another_fault_is_told_as_well(file: Path, alice: str, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    keys = KeyFile(file, clock)
    for clock.now, content in enumerate(["", "", "Zq", ""], start=1):
        file.write_text(content)
        keys.name_of(alice)
    assert caplog.messages == ["keys not read"] * 3
