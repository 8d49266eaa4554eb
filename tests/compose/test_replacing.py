"""One `web` container takes the place of another while callers ask, as docs/operations.md says."""

import pytest

from tests.compose.conftest import Project
from tests.end_to_end.crowd import Crowd
from tests.live import call, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

ROUNDS = 3


def test_a_container_is_replaced_without_a_lost_request(project: Project) -> None:
    nginx = project.inspect("nginx")["Id"]
    with Crowd(project.port) as crowd:
        for _ in range(ROUNDS):
            old = project.inspect("web")["Id"]
            project.compose("up", "--detach", "--no-deps", "--no-recreate", "--scale", "web=2", "--wait", "web")
            project.docker("stop", old)
            project.docker("rm", old)
            crowd.go_on()
            assert project.inspect("web")["Id"] != old
    print(f"{len(crowd.answered):,} requests, {ROUNDS} replacements")
    project.start()
    assert project.inspect("nginx")["Id"] == nginx


def test_a_container_that_dies_after_taking_over_gives_way_to_the_old_one(project: Project) -> None:
    old = project.inspect("web")["Id"]
    project.compose("up", "--detach", "--no-deps", "--no-recreate", "--scale", "web=2", "--wait", "web")
    (new,) = set(project.compose("ps", "--quiet", "web").stdout.split()) - {old}
    project.docker("rm", "--force", "--volumes", new)
    wait_until(lambda: call(project.port, "GET", "/health/ready").status == 200, "the old one's answer")
    assert project.inspect("web")["State"]["Running"]
