"""`release` with the real AWS command line, on an ECS that moto plays and a service that really answers."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.deploy.conftest import Answering
from tests.deploy.ecs_server import BROKEN, FORBIDDEN, STUCK
from tests.deploy.ecs_service import NEW, OLD, RELEASE, WEB, Ecs, Service, images
from tests.deploy.stack_values import Stack
from tests.deploy.test_pipeline import PIPELINE
from tests.deploy.test_templates import statements
from tests.live import wait_until


@pytest.fixture
def service(ecs: Ecs) -> Service:
    return Service(ecs)


def test_a_release_rolls_out_two_images_leaves_all_else_and_asks_for_what_the_pipeline_may_do(
    ecs: Ecs, service: Service, answering: Answering
) -> None:
    url, key = answering
    before = service.definition()
    asked = len(ecs.asked())
    result = service.release(NEW, url, **key)
    assert result.returncode == 0, result.stderr
    assert "the service answers: Positive by sentiment@" in result.stderr
    after = service.definition()
    assert [container.pop("image") for container in after["containerDefinitions"]] == list(images(NEW))
    assert [container.pop("image") for container in before["containerDefinitions"]] == list(images(OLD))
    assert after == before
    assert before["containerDefinitions"][0]["secrets"] == WEB["secrets"]
    policy = Stack(PIPELINE, Url=url).resources["Release"]["PolicyDocument"]
    granted = {action for actions, _ in statements(policy) for action in actions}
    assert set(ecs.asked()[asked:]) == {action for action in granted if action.startswith("ecs:")}


def test_what_runs_already_is_not_rolled_out_again_even_if_it_is_away_for_a_moment(ecs: Ecs, service: Service) -> None:
    away = (503, "<html>a load balancer says that nobody is there</html>")
    label = (200, '{"label": "Positive", "model": "sentiment", "version": 3}')
    asked = len(ecs.asked())
    with answers((200, "ready"), away, label) as url:
        result = service.release(OLD, url)
    assert result.returncode == 0, result.stderr
    assert "the service answers: Positive by sentiment@3" in result.stderr
    assert "these images run already" in result.stderr
    assert service.wanted == service.first
    assert set(ecs.asked()[asked:]) == {"ecs:DescribeServices", "ecs:DescribeTaskDefinition"}


def test_what_runs_already_and_does_not_answer_is_a_failure(service: Service) -> None:
    with answers((200, '{"hello": "world"}')) as url:
        result = service.release(OLD, url)
    assert result.returncode == 1
    assert 'this is not an answer with a label: {"hello": "world"}' in result.stderr
    assert "these images run already, and do not answer as they should" in result.stderr
    assert service.wanted == service.first


@contextmanager
def answers(*given: tuple[int, str]) -> Iterator[str]:
    """Run a service that gives one answer after the other, and the last one to all who come later."""
    left = list(given)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET  # noqa: N815 - http.server's name

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_images_that_do_not_start_are_taken_back(service: Service, answering: Answering) -> None:
    url, key = answering
    result = service.release(BROKEN, url, **key)
    assert result.returncode == 1
    assert "ECS deployment circuit breaker: tasks failed to start." in result.stderr
    assert f"back on '{service.first}': mend the cause" in result.stderr
    assert service.wanted == service.first


def test_a_rollout_that_does_not_end_is_taken_back(service: Service, answering: Answering) -> None:
    url, key = answering
    result = service.release(STUCK, url, SENTIGRADE_ROLLOUT_SECONDS="1", **key)
    assert result.returncode == 1
    assert "the rollout has not ended in 1 seconds" in result.stderr
    assert f"back on '{service.first}'" in result.stderr
    assert service.wanted == service.first


def test_a_service_that_refuses_to_answer_is_taken_back(service: Service, answering: Answering) -> None:
    result = service.release(NEW, answering[0])
    assert result.returncode == 1
    assert "An API key is needed here" in result.stderr
    assert "is rolled out, but does not answer as it should" in result.stderr
    assert f"back on '{service.first}'" in result.stderr
    assert service.wanted == service.first


def test_images_before_that_do_not_come_up_either_are_said(ecs: Ecs) -> None:
    service = Service(ecs, STUCK)
    with answers((404, "nobody is here")) as url:
        result = service.release(NEW, url, SENTIGRADE_ROLLOUT_SECONDS="1")
    assert result.returncode == 1
    assert "the service is not ready: nobody is here" in result.stderr
    assert f"'{service.first}' did not come up again either" in result.stderr


def test_a_rollout_that_may_not_begin_is_not_said_to_have_failed(service: Service) -> None:
    result = service.release(FORBIDDEN, "http://127.0.0.1:1")
    assert result.returncode == 1
    assert "User is not authorized to perform: ecs:UpdateService" in result.stderr
    assert "did not begin, and nothing has changed" in result.stderr
    assert "the rollout failed" not in result.stderr
    assert service.wanted == service.first


def test_nothing_is_begun_while_another_rollout_is_under_way(service: Service, answering: Answering) -> None:
    other = service.register(STUCK)
    service.update(other)
    result = service.release(NEW, answering[0])
    assert result.returncode == 1
    assert "another rollout is under way: wait until it has ended" in result.stderr
    assert service.wanted == other


def test_another_release_that_begins_meanwhile_goes_on(ecs: Ecs, service: Service, answering: Answering) -> None:
    command = service.command(STUCK, answering[0])
    with subprocess.Popen(command, env=ecs.environ(), stderr=subprocess.PIPE, text=True) as release:
        wait_until(lambda: service.wanted != service.first, "the rollout")
        other = service.register(NEW)
        service.update(other)
        _, said = release.communicate(timeout=60)
    assert release.returncode == 1
    assert "another release has begun meanwhile: this one is given up, that one goes on" in said
    assert service.wanted == other


def test_a_service_that_is_not_there_is_said(ecs: Ecs, service: Service) -> None:
    command = [str(RELEASE), service.cluster, "elsewhere", *images(NEW), "http://127.0.0.1:1"]
    result = subprocess.run(command, env=ecs.environ(), capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert f"AWS shows no service 'elsewhere' in '{service.cluster}': the outputs of its stack" in result.stderr


def test_a_service_of_another_kind_is_left_alone(service: Service) -> None:
    other = service.register_containers({"name": "batch", "image": images(OLD)[0]})
    service.update(other)
    assert service.wanted == other
    result = service.release(NEW, "http://127.0.0.1:1")
    assert result.returncode == 1
    assert "has no containers 'web' and 'nginx'" in result.stderr
    assert service.wanted == other


@pytest.mark.parametrize("image", ["sentigrade", "sentigrade:latest", f"sentigrade@sha256:{NEW[1:]}"])
def test_an_image_that_could_change_by_itself_is_refused(image: str) -> None:
    result = run(RELEASE, "cluster", "service", images(NEW)[0], image, "http://127.0.0.1:1")
    assert result.returncode == 1
    assert f"'{image}' is not an image by its digest" in result.stderr


def test_a_tool_that_is_missing_is_named() -> None:
    command = ["/bin/bash", str(RELEASE), "cluster", "service", *images(NEW), "http://127.0.0.1:1"]
    result = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == "release: aws is not installed\n"


@pytest.mark.parametrize("arguments", [(), ("cluster", "service", "image", "nginx"), ("a", "b", "c", "d", "e", "f")])
def test_a_wrong_number_of_arguments_is_answered_by_what_is_needed(arguments: tuple[str, ...]) -> None:
    result = run(RELEASE, *arguments)
    assert result.returncode == 64
    assert "release CLUSTER SERVICE IMAGE NGINX_IMAGE URL" in result.stderr


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
