"""What only a store in S3 can meet: people who may not, buckets that are not there, servers that are away."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sentigrade.errors import StoreError, StoreUnreachable
from sentigrade.store.catalogue import versions
from sentigrade.store.objects import Stored
from sentigrade.store.opening import open_store
from tests.environment import set_variables
from tests.live import free_port
from tests.s3_server import S3Server, secret_of


def test_a_reader_reads_and_may_not_write(s3: S3Server, s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(s3_address).write("a/b", b"1", over=None)
    set_variables(monkeypatch, s3.environ("reader"))
    reader = open_store(s3_address)
    assert [stored.key for stored in reader.list("")] == ["a/b"]
    assert reader.read("a/b", at_most=1)
    with pytest.raises(StoreError, match="AccessDenied.*what their policy allows"):
        reader.write("c", b"", over=None)
    with pytest.raises(StoreError, match="AccessDenied|not deleted"):
        reader.delete(["a/b"])


def test_credentials_may_come_from_a_secrets_file(
    s3: S3Server, s3_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(s3.credentials_file("reader")))
    assert versions(open_store(s3_address), "sentiment") == []


def test_without_credentials_the_error_says_where_to_look(
    s3_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(StoreError, match="Unable to locate credentials; check"):
        open_store(s3_address).read("a", at_most=1)


def test_a_wrong_key_is_refused(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret_of("nobody"))
    with pytest.raises(StoreError, match="SignatureDoesNotMatch.*check") as caught:
        open_store(s3_address).read("a", at_most=1)
    assert not isinstance(caught.value, StoreUnreachable)


def test_a_bucket_that_is_not_there(s3: S3Server) -> None:
    with pytest.raises(StoreError, match="NoSuchBucket.*name a bucket that exists"):
        list(open_store("s3://no-such-bucket").list(""))


def test_a_server_that_is_away_is_unreachable(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreUnreachable, match="cannot be reached"):
        open_store(s3_address).read("a", at_most=1)


def test_a_server_that_hangs_up_is_unreachable(
    s3_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as rude:
        rude.bind(("127.0.0.1", 0))  # takes no connection: it does not listen
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{rude.getsockname()[1]}")
        with pytest.raises(StoreUnreachable):
            open_store(s3_address).download("a", tmp_path / "a", lambda _: None)


class Answering(BaseHTTPRequestHandler):
    """Answers every request with the same status, and with less than it announces when told so."""

    status = 200
    missing = 0
    asked = 0

    def do_GET(self) -> None:
        Answering.asked += 1
        body = b"<Error><Code>Something</Code></Error>"
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body) + self.missing))
        self.send_header("ETag", '"tag"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def faulty_server(status: int, missing: int = 0) -> Iterator[str]:
    """Run a server that is no good, and give its address."""
    handler = type("Configured", (Answering,), {"status": status, "missing": missing})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_server_that_is_busy_is_unreachable(status: int, s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty_server(status) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        with pytest.raises(StoreUnreachable):
            open_store(s3_address).read("a", at_most=100)


@pytest.mark.parametrize("status", [400, 403, 501])
def test_a_server_that_will_not_is_not_unreachable(
    status: int, s3_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty_server(status) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        with pytest.raises(StoreError) as caught:
            open_store(s3_address).read("a", at_most=100)
        assert not isinstance(caught.value, StoreUnreachable)


def test_an_object_that_breaks_off_is_unreachable(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty_server(200, missing=10) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        with pytest.raises(StoreUnreachable):
            open_store(s3_address).read("a", at_most=100)


def test_a_block_that_breaks_off_is_asked_for_again(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty_server(200, missing=10) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        objects = open_store(s3_address)
        Answering.asked = 0
        with objects.open(Stored("a", 10, 0, '"tag"'), block_bytes=10) as file, pytest.raises(StoreUnreachable):
            file.read()
        assert Answering.asked == 4


@pytest.mark.parametrize(
    ("name", "value"), [("AWS_ENDPOINT_URL_S3", "minio:9000"), ("AWS_DEFAULT_REGION", "no such region")]
)
def test_a_setting_of_aws_that_is_none_is_an_error(
    name: str, value: str, s3_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StoreError, match="check the address, the AWS credentials"):
        open_store(s3_address).read("a", at_most=1)


def test_a_prefix_may_hold_any_character(s3_address: str) -> None:
    odd = open_store(f"{s3_address}/what? #1")
    odd.write("a", b"1", over=None)
    assert [stored.key for stored in open_store(s3_address).list("")] == ["what? #1/a"]


def test_a_prefix_is_a_store_of_its_own(s3_address: str) -> None:
    open_store(f"{s3_address}/one/").write("a", b"1", over=None)
    assert list(open_store(f"{s3_address}/two").list("")) == []
    assert [stored.key for stored in open_store(s3_address).list("one/")] == ["one/a"]
