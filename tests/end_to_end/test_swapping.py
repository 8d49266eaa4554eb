"""Promotions in the store while callers ask: nobody notices, except by the version in the answers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from bench.processes import children, proportional_bytes
from sentigrade.manifest import digest_of
from sentigrade.store.opening import open_store
from sentigrade.store.promoting import promote, rollback
from sentigrade.store.publishing import Wish, publish
from tests.end_to_end.crowd import Crowd
from tests.end_to_end.stack import Stack, command_line, has_all_workers, ready, started, workers
from tests.environment import set_variables
from tests.live import DEFAULT_MODEL, call, predict, wait_until
from tests.s3_server import S3Server, s3_server

REQUESTS = 10_000
EVIL = b"cposix\nsystem\n(S'touch was-here'\ntR."


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with thirteen versions of the default model, of which the first is promoted."""
    root = tmp_path / "store"
    objects = open_store(str(root), create=True)
    for _ in range(13):
        publish(objects, DEFAULT_MODEL)
    return root


def state(stack: Stack) -> dict[str, object]:
    """Return what the stack says of its model."""
    (model,) = call(stack.port, "GET", "/v1/models").json["models"]
    assert isinstance(model, dict)
    return model


def damage(folder: Path) -> None:
    """Change a byte of the model."""
    content = bytearray((folder / "model.joblib").read_bytes())
    content[1000] ^= 1
    (folder / "model.joblib").write_bytes(content)


def smuggle(folder: Path) -> None:
    """Put a foreign class into the pickle, and let the manifest vouch for it."""
    (folder / "model.joblib").write_bytes(EVIL)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["model.joblib"].update(sha256=digest_of(EVIL), bytes=len(EVIL))
    (folder / "manifest.json").write_text(json.dumps(manifest))


def promote_and_wait(stack: Stack, store: Path, version: int) -> None:
    promote(open_store(str(store)), "sentiment", version)
    wait_until_served_everywhere(stack, version)


def wait_until_served_everywhere(stack: Stack, version: int) -> None:
    """Wait for the end of the old workers, which answer as well for a moment."""
    everywhere = range(20)
    wait_until(lambda: all(state(stack).get("version") == version for _ in everywhere), f"version {version}")


def promote_bad(stack: Stack, store: Path, version: int) -> None:
    before = state(stack)["version"]
    promote(open_store(str(store)), "sentiment", version)
    wait_until(lambda: state(stack)["promoted"] == version and "notice" in state(stack), "a notice")
    assert state(stack)["version"] == before
    assert "refused" in str(state(stack)["notice"])


def resident_mib(stack: Stack) -> float:
    """Return the memory of the web server and its workers, shared pages counted once."""
    wait_until(partial(has_all_workers, stack), "two workers, and one for rows")
    return sum(map(proportional_bytes, [stack.gunicorn(), *workers(stack)])) / 1024**2


@contextmanager
def busy_cores() -> Iterator[None]:
    """Leave no core to what makes way for others."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@pytest.mark.timeout(400)
def test_ten_promotions_and_two_bad_versions_cost_no_request(store: Path, tmp_path: Path) -> None:
    damage(store / "sentiment" / "5")
    smuggle(store / "sentiment" / "9")
    good = [2, 3, 4, 6, 7, 8, 10, 11, 12, 13]
    with ready(tmp_path, SENTIGRADE_STORE=str(store), SENTIGRADE_WATCH_SECONDS="1") as stack:
        promote_and_wait(stack, store, good[0])
        before = resident_mib(stack)
        with Crowd(stack.port) as crowd:
            for version in range(3, 14):
                if version in good:
                    promote_and_wait(stack, store, version)
                else:
                    promote_bad(stack, store, version)
            while len(crowd.answered) < REQUESTS:
                crowd.go_on()
        assert rollback(open_store(str(store)), "sentiment") == 12
        wait_until(lambda: state(stack)["version"] == 12, "the rollback")
        after = resident_mib(stack)  # of workers that are as new as those before
        seen = [json.loads(answered.body)["version"] for answered in crowd.answered]
        print(f"{len(seen):,} requests; {before:.1f} MiB before, {after:.1f} MiB after")
        assert list(dict.fromkeys(seen)) == good
        assert after < before * 1.1
    log = stack.output
    assert log.count('"message":"swapped"') == len(good) + 1
    assert log.count('"message":"not swapped"') == 2
    assert "model.joblib is not the file that the manifest describes" in log
    assert "posix.system, which is not on the list of classes" in log
    assert not Path("was-here").exists()


def test_swaps_that_follow_each_other_at_once_leave_no_worker_of_an_earlier_one(tmp_path: Path) -> None:
    """A worker that has hardly been forked, and gets no time on a busy machine, is told to go as well as any other."""
    with ready(tmp_path, SENTIGRADE_WORKERS="1") as stack:
        master = stack.gunicorn()
        with busy_cores():
            for _ in range(20):
                os.kill(master, signal.SIGHUP)
                time.sleep(0.1)
        wait_until(partial(has_all_workers, stack), "the end of all but two workers", 10)


def test_without_the_setting_promotions_are_not_followed(store: Path, tmp_path: Path) -> None:
    with ready(tmp_path, SENTIGRADE_STORE=str(store)) as stack:
        promote(open_store(str(store)), "sentiment", 2)
        time.sleep(3)
        assert predict(stack.port, "A fine film.").json["version"] == 1
        assert state(stack)["promoted"] == 1
        assert [pid for pid in children(stack.gunicorn()) if b"watch" in command_line(pid)] == []


def test_a_watcher_that_dies_is_replaced(store: Path, tmp_path: Path) -> None:
    with ready(tmp_path, SENTIGRADE_STORE=str(store), SENTIGRADE_WATCH_SECONDS="1") as stack:
        wait_until(lambda: watchers(stack) != [], "a watcher")
        (first,) = watchers(stack)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: watchers(stack) not in ([], [first]), "another watcher")
        promote_and_wait(stack, store, 2)
    wait_until(lambda: not Path(f"/proc/{first}").exists(), "the end of the watcher")


def test_a_pinned_model_stays_while_another_one_is_swapped(store: Path, tmp_path: Path) -> None:
    publish(open_store(str(store)), DEFAULT_MODEL, Wish(name="reviews"))
    pinned = f"reviews@1#sha256:{digest_of((store / 'reviews' / '1' / 'manifest.json').read_bytes())}"
    models = f"sentiment,{pinned}"
    with ready(tmp_path, SENTIGRADE_STORE=str(store), SENTIGRADE_MODELS=models, SENTIGRADE_WATCH_SECONDS="1") as stack:
        publish(open_store(str(store)), DEFAULT_MODEL, Wish(name="reviews"))
        promote(open_store(str(store)), "reviews", 2)
        promote(open_store(str(store)), "sentiment", 2)
        wait_until(lambda: predict(stack.port, "A fine film.").json["version"] == 2, "serving version 2")
        reply = call(stack.port, "POST", "/", {"mytext": "A fine film.", "model": "reviews"})
        assert (reply.json["model"], reply.json["version"]) == ("reviews", 1)


class TestAStoreInS3:
    @pytest.fixture
    def s3(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
        """An S3 server with sentiment@1 and @2, of which the first is promoted."""
        with s3_server(tmp_path / "s3") as server:
            set_variables(monkeypatch, server.environ())
            for _ in range(2):
                publish(open_store(server.store), DEFAULT_MODEL)
            yield server

    def settings(self, s3: S3Server, tmp_path: Path) -> dict[str, str]:
        """Serve from the bucket as somebody who may only read it."""
        cache = str(tmp_path / "cache")
        return {"SENTIGRADE_STORE": s3.store, "SENTIGRADE_CACHE": cache, **s3.environ("reader")}

    def test_a_promotion_in_s3_is_swapped_in(self, s3: S3Server, tmp_path: Path) -> None:
        with ready(tmp_path, SENTIGRADE_WATCH_SECONDS="1", **self.settings(s3, tmp_path)) as stack:
            assert predict(stack.port, "A fine film.").json["version"] == 1
            promote(open_store(s3.store), "sentiment", 2)
            wait_until(lambda: predict(stack.port, "A fine film.").json["version"] == 2, "serving version 2")

    def test_while_it_is_away_the_copy_is_served_and_says_so(self, s3: S3Server, tmp_path: Path) -> None:
        settings = self.settings(s3, tmp_path)
        with ready(tmp_path, **settings):
            pass
        s3.kill()
        with ready(tmp_path, **settings) as stack:
            assert predict(stack.port, "A fine film.").status == 200
            assert "the copy that was fetched earlier" in str(state(stack)["notice"])
            assert "cannot be reached" in stack.output

    def test_without_a_copy_the_service_waits_for_it_and_says_why(self, s3: S3Server, tmp_path: Path) -> None:
        s3.kill()
        with started(tmp_path, **self.settings(s3, tmp_path)) as stack:
            wait_until(lambda: "not loaded" in stack.output and is_answering(stack), "an answer")
            for reply in (call(stack.port, "GET", "/health/ready"), predict(stack.port, "A fine film.")):
                assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
                assert reply.json["detail"].startswith("Not ready: sentiment: it could not be loaded")
            assert call(stack.port, "GET", "/health/live").status == 200
            assert state(stack) == {"model": "sentiment", "notice": "it could not be loaded; the log says why"}
            assert "cannot be reached" in stack.output
            s3.start()
            stack.wait_until_ready()
            wait_until_served_everywhere(stack, 1)
            assert predict(stack.port, "A fine film.").json["version"] == 1
            wait_until(lambda: watchers(stack) == [], "the end of the watcher")

    def test_a_model_of_another_digest_ends_the_service(self, s3: S3Server, tmp_path: Path) -> None:
        models = f"sentiment@1#sha256:{'0' * 64}"
        with started(tmp_path, SENTIGRADE_MODELS=models, **self.settings(s3, tmp_path)) as stack:
            assert stack.exit_status() == 1
            assert "as pinned: not opened" in stack.output


def watchers(stack: Stack) -> list[int]:
    return [pid for pid in children(stack.gunicorn()) if b"watch" in command_line(pid)]


def is_answering(stack: Stack) -> bool:
    try:
        return call(stack.port, "GET", "/health/live").status == 200
    except OSError:
        return False
