"""The image as SageMaker runs it: `serve`, `train` and `process`, with folders mounted under /opt/ml."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.compose.conftest import Project
from tests.compose.serving_container import ServingContainer
from tests.conftest import SUBJECTS, WORDS_BY_LEVEL
from tests.live import DEFAULT_MODEL, begin_upload, call, predict, receive, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

MOST_BYTES = 6 * 1024 * 1024
TEMPORARY = "/tmp"  # noqa: S108 - of a container
TEXT = b'{"mytext": "A superb plot."}'
GRADES = ("awful", "poor", "so-so", "good", "great")
ROWS = "review,grade\n" + "".join(
    f"The {subject} is {word}.,{grade}\n"
    for grade, words in zip(GRADES, WORDS_BY_LEVEL, strict=True)
    for word in words
    for subject in SUBJECTS
)
HYPERPARAMETERS = {"text_column": "review", "label_column": "grade", "ordered": ",".join(GRADES), "name": "grades"}

# Who the container runs as, and who its processes are then.
WAYS = {
    "own user": ([], 10001),
    "root": (["--user", "0"], 10001),
    "root without capabilities": (["--user", "0", "--cap-drop", "ALL"], 0),
    "another user, read-only": (["--user", "4711", "--read-only", "--tmpfs", TEMPORARY], 4711),
}


class Container(ServingContainer):
    """A container that serves, on a port of this host's loopback."""

    def __init__(self, project: Project, name: str) -> None:
        super().__init__(project, name)
        address = project.docker("port", name, "8080/tcp").stdout.strip()
        self.port = int(address.rpartition(":")[2])

    def is_ready(self) -> bool:
        assert self.state["Running"], self.log
        try:
            return call(self.port, "GET", "/ping").status == 200
        except (OSError, HTTPException):
            return False

    def inside(self, script: str) -> list[str]:
        """Return the lines that a shell prints in it."""
        return self._project.docker("exec", self._name, "sh", "-c", script).stdout.splitlines()

    def changes(self) -> list[str]:
        """Return what differs in its file system from the image: a letter, a blank and a path a line."""
        return self._project.docker("diff", self._name).stdout.splitlines()


def serving(project: Project, image: str, *options: str) -> AbstractContextManager[Container]:
    return Container.serving(project, image, "--publish", "127.0.0.1::8080", *options)


def run(project: Project, image: str, role: str, root: Path, *options: str) -> Any:  # noqa: ANN401
    """Run a job on the folders in `root`."""
    mount = ["--volume", f"{root}:/opt/ml"]
    return project.docker("run", "--rm", "--network", "none", *mount, *options, image, role, check=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What SageMaker puts under /opt/ml for a training job; it belongs to root."""
    root = tmp_path / "ml"
    put(root / "input" / "config" / "hyperparameters.json", json.dumps(HYPERPARAMETERS))
    put(root / "input" / "data" / "train" / "reviews.csv", ROWS)
    put(root / "input" / "data" / "test" / "reviews.csv", "review,grade\nA superb plot.,great\n")
    return root


def put(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def let_everybody_write(root: Path) -> None:
    for folder in ("model", "output", "processing/output"):
        (root / folder).mkdir(parents=True)
        (root / folder).chmod(0o777)


@pytest.fixture(params=WAYS, scope="module")
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def container(way: str, project: Project, image: str) -> Iterator[Container]:
    """A container with the model that the repository carries mounted where SageMaker unpacks it."""
    options, _ = WAYS[way]
    with serving(project, image, "--volume", f"{DEFAULT_MODEL}:/opt/ml/model:ro", *options) as container:
        yield container


def test_ping_is_answered_with_an_empty_body_within_250_milliseconds(container: Container) -> None:
    begun = time.monotonic()
    reply = call(container.port, "GET", "/ping")
    assert time.monotonic() - begun < 0.25
    assert (reply.status, reply.body) == (200, b"")


def test_invocations_answer_in_the_shape_of_blazingtext(container: Container) -> None:
    reply = call(container.port, "POST", "/invocations", {"instances": ["A superb plot."], "configuration": {"k": 2}})
    (answer,) = reply.json
    assert reply.status == 200
    assert answer["label"][0] == "__label__positive"
    assert len(answer["prob"]) == 2


def test_every_other_door_is_open_as_well(container: Container) -> None:
    assert predict(container.port, "A superb plot.").json["label"] == "Positive"
    assert call(container.port, "GET", "/metrics").status == 404


def test_a_body_that_is_too_large_is_refused_and_the_refusal_is_in_the_log(container: Container) -> None:
    largest = b'{"mytext": "' + b" " * (MOST_BYTES - 14) + b'"}'
    refused = call(container.port, "POST", "/invocations", largest + b" ", {"X-Request-ID": "too-large"})
    assert (refused.status, refused.json["code"]) == (413, 413)
    assert call(container.port, "POST", "/invocations", largest).status != 413
    wait_until(lambda: '"request_id":"too-large"' in container.log, "the line of the refusal")
    assert container.log.count('"request_id":"too-large"') == 1


def test_its_processes_are_who_they_may_be(container: Container, way: str) -> None:
    children = "$pid $(cat /proc/$pid/task/$pid/children)"
    uids = r"sed -n 's/^Uid:\s*\([0-9]*\).*/\1/p' /proc/$child/status"
    lines = container.inside(
        f"for pid in 1 $(cat /proc/1/task/1/children); do for child in {children}; do {uids}; done; done"
    )
    assert len(lines) >= 6  # this one, gunicorn, nginx and their workers
    assert set(lines) == {str(WAYS[way][1])}


def test_it_writes_to_nothing_but_tmp(container: Container) -> None:
    predict(container.port, "A superb plot.")
    assert [line for line in container.changes() if not line[2:].startswith(TEMPORARY)] == []


@pytest.mark.parametrize("way", WAYS)
def test_a_request_in_flight_is_answered_before_the_stop(way: str, project: Project, image: str) -> None:
    with serving(project, image, *WAYS[way][0]) as container:
        with begin_upload(container.port, len(TEXT)) as upload, ThreadPoolExecutor(1) as operator:
            stopping = operator.submit(container.stop)
            wait_until(lambda: not answers(container.port), "refusing new requests")
            upload.sendall(TEXT)
            assert receive(upload).json["model"] == "sentiment"
            assert stopping.result() < 10
        assert container.state["ExitCode"] == 0
        assert "Traceback" not in container.log


def answers(port: int) -> bool:
    try:
        return call(port, "GET", "/health/live").status == 200
    except (OSError, HTTPException):
        return False


def test_sagemaker_may_choose_the_port_and_send_several_models(project: Project, image: str) -> None:
    labels = json.loads(project.docker("image", "inspect", image).stdout)[0]["Config"]["Labels"]
    assert labels["com.amazonaws.sagemaker.capabilities.multi-models"] == "true"
    assert labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"] == "true"


def test_a_multi_model_container_loads_what_it_is_sent(project: Project, image: str) -> None:
    models = ["--volume", f"{DEFAULT_MODEL}:/opt/ml/models/7/model:ro", "--env", "SAGEMAKER_MULTI_MODEL=true"]
    with serving(project, image, *models) as container:
        loaded = call(container.port, "POST", "/models", {"model_name": "7", "url": "/opt/ml/models/7/model"})
        assert loaded.status == 200, loaded.text
        invoked = call(container.port, "POST", "/models/7/invoke", {"instances": ["A superb plot."]})
        assert invoked.json[0]["label"] == ["__label__positive"]


def test_a_bare_pickle_is_not_served(project: Project, image: str, tmp_path: Path) -> None:
    put(tmp_path / "model" / "model.pkl", "...")
    mount = f"{tmp_path / 'model'}:/opt/ml/model:ro"
    result = project.docker("run", "--rm", "--volume", mount, image, "serve", check=False)
    assert result.returncode == 65
    assert "make one of a pickle with `sentigrade adopt`" in result.stderr


def test_a_model_that_it_may_not_read_is_not_called_a_pickle(project: Project, image: str, tmp_path: Path) -> None:
    put(tmp_path / "model" / "grades" / "manifest.json", "{}")
    (tmp_path / "model" / "grades").chmod(0o700)
    mount = f"{tmp_path / 'model'}:/opt/ml/model:ro"
    result = project.docker("run", "--rm", "--volume", mount, image, "serve", check=False)
    assert result.returncode == 65
    assert "/opt/ml/model/grades cannot be read (Permission denied)" in result.stderr


@pytest.mark.parametrize("way", WAYS)
def test_what_a_training_job_makes_is_served_as_it_is(way: str, project: Project, image: str, root: Path) -> None:
    options, uid = WAYS[way]
    if uid not in (0, 10001) or way == "own user":
        let_everybody_write(root)
    result = run(project, image, "train", root, *options)
    assert result.returncode == 0, result.stderr
    assert "test:accuracy=1.0;" in result.stdout.splitlines()
    assert {file.stat().st_uid for file in (root / "model").iterdir()} == {uid}
    assert not (root / "output" / "failure").exists()
    with serving(project, image, "--volume", f"{root / 'model'}:/opt/ml/model:ro", *options) as container:
        answer = predict(container.port, "A superb plot.").json
        assert (answer["model"], answer["label"]) == ("grades", "great")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (("config/hyperparameters.json", '{"epochs": "5"}'), "epochs is not a hyperparameter"),
        (("data/train/reviews.csv", 'review,grade\n"A film,good\n'), "row 1 cannot be read"),
    ],
)
@pytest.mark.parametrize("user", ["0", "4711"])
def test_a_training_job_that_fails_says_why(  # noqa: PLR0917 - each is a fixture or a parameter
    fault: tuple[str, str], reason: str, user: str, project: Project, image: str, root: Path
) -> None:
    if user != "0":
        let_everybody_write(root)
    file, content = fault
    put(root / "input" / file, content)
    result = run(project, image, "train", root, "--user", user)
    assert result.returncode == 1
    assert reason in (root / "output" / "failure").read_text()
    assert [*(root / "model").iterdir()] == []


@pytest.mark.parametrize("folder", ["train", "train/later"])
def test_data_that_it_may_not_read_is_not_left_out(folder: str, project: Project, image: str, root: Path) -> None:
    put(root / "input" / "data" / "train" / "later" / "reviews.csv", ROWS)
    (root / "input" / "data" / folder).chmod(0o700)
    result = run(project, image, "train", root, "--user", "0")
    assert result.returncode == 1
    failure = (root / "output" / "failure").read_text()
    assert f"/opt/ml/input/data/{folder}" in failure
    assert "Permission denied" in failure


def test_without_a_place_for_temporary_files_it_says_what_to_mount(project: Project, image: str, root: Path) -> None:
    nowhere = ("--read-only", "--tmpfs", f"{TEMPORARY}:ro")  # in the place of the image's volume
    assert run(project, image, "train", root, "--user", "0", *nowhere).returncode == 1
    reason = (root / "output" / "failure").read_text()
    assert reason.endswith("mount a tmpfs on /tmp")
    assert run(project, image, "serve", root, *nowhere).stderr == f"sentigrade: {reason}\n"


def test_a_model_for_which_there_is_no_room_is_taken_away(project: Project, image: str, root: Path) -> None:
    little = ["--volume", f"{root}:/opt/ml", "--tmpfs", "/opt/ml/model:size=8k"]
    as_root = ["run", "--rm", "--user", "0", *little, "--entrypoint", "sh", image]
    result = project.docker(*as_root, "-c", "entrypoint train; ls -A /opt/ml/model")
    assert result.stdout.splitlines() == ["train: 90 texts", "test: 1 texts"]
    assert (root / "output" / "failure").read_text() == "/opt/ml/model cannot be written to (No space left on device)"


def test_train_with_arguments_is_that_of_the_command_line(project: Project, image: str) -> None:
    result = project.docker("run", "--rm", image, "train", "/nowhere", "--store", TEMPORARY, check=False)
    assert result.returncode == 2
    assert "Path '/nowhere' does not exist" in result.stderr


@pytest.mark.parametrize("user", ["0", "4711"])
def test_a_processing_job_writes_a_line_for_each_row(user: str, project: Project, image: str, root: Path) -> None:
    if user != "0":
        let_everybody_write(root)
    put(root / "processing" / "input" / "reviews.csv", ROWS)
    result = project.docker(
        *["run", "--rm", "--user", user, "--volume", f"{root}:/opt/ml", image],
        *["process", "--text-column", "review", "--label-column", "grade"],
    )
    assert result.stdout == "reviews.csv: 90 rows\n"
    lines = (root / "processing" / "output" / "reviews.txt").read_text().splitlines()
    assert lines[0] == "__label__awful the film is dreadful ."
    assert len(lines) == 90


def test_a_processing_job_that_fails_says_why(project: Project, image: str, root: Path) -> None:
    put(root / "processing" / "input" / "reviews.csv", ROWS)
    result = run(project, image, "process", root, "--user", "0")
    assert result.returncode == 1
    assert "there is no column 'text'" in (root / "output" / "message").read_text()
    assert [*(root / "processing" / "output").iterdir()] == []
