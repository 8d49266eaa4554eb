"""Rows through the containers: what is large lies on volumes, not in the memory that a read-only container has."""

import csv
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.compose.conftest import Project
from tests.end_to_end.rows import CSV, NDJSON, ndjson, post_rows, sentence
from tests.live import begin_upload, predict, receive, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

SPOOLS = {"nginx": "/etc/nginx/spool", "web": "/var/cache/sentigrade"}


def test_a_csv_of_megabytes_comes_back_row_for_row(project: Project) -> None:
    rows = 10_000
    body = "id,note,text\n" + "".join(f'{number},{"n" * 500},"{sentence(number)}"\n' for number in range(rows))
    reply = post_rows(project.port, body.encode(), CSV)
    answers = list(csv.DictReader(reply.text.splitlines()))
    assert reply.status == 200
    assert [answer["id"] for answer in answers] == [str(number) for number in range(rows)]
    assert answers[-1]["label"] == predict(project.port, sentence(rows - 1)).json["label"]


@pytest.mark.parametrize("service", SPOOLS)
def test_bodies_lie_on_a_volume_that_its_user_writes_to(project: Project, service: str) -> None:
    """nginx's folder is its own; that of `web` is a setting."""
    spool = SPOOLS[service]
    container = project.inspect(service)
    assert service == "nginx" or f"SENTIGRADE_SPOOL={spool}" in container["Config"]["Env"]
    assert {mount["Destination"]: mount["Type"] for mount in container["Mounts"]}[spool] == "volume"
    assert project.inside(service, "stat", "--file-system", "--format=%T", spool).stdout not in ("", "tmpfs\n")
    assert project.inside(service, "sh", "-c", f"touch {spool}/x && rm {spool}/x").returncode == 0


def test_a_body_is_in_no_memory_while_it_comes_and_is_answered(project: Project) -> None:
    body = ndjson(150_000)
    with begin_upload(project.port, len(body), NDJSON) as upload:
        upload.sendall(body[:-1])
        wait_until(lambda: holds_a_spooled_body(project, "nginx"), "nginx's spooling")
        upload.sendall(body[-1:])
        with ThreadPoolExecutor(1) as caller:
            answer = caller.submit(receive, upload)
            wait_until(lambda: holds_a_spooled_body(project, "web") or answer.done(), "the worker's spooling")
            assert not answer.done()
            assert len(answer.result().body.splitlines()) == 150_000
    wait_until(lambda: not any(holds_a_spooled_body(project, service) for service in SPOOLS), "giving up the files")


def holds_a_spooled_body(project: Project, service: str) -> bool:
    """Whether a process has a file without a name open on the volume."""
    links = project.inside(service, "sh", "-c", "ls -l /proc/[0-9]*/fd 2>/dev/null").stdout.splitlines()
    return any(f" {SPOOLS[service]}/" in link and link.endswith("(deleted)") for link in links)
