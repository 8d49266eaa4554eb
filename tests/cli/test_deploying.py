"""From the command line to SageMaker and back: everything but AWS itself is real."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from sentigrade.labels import FIVE_LEVELS
from sentigrade.store.opening import open_store
from tests.aws.simulated.plan import Refusal
from tests.aws_server import IMAGE, ROLE, AwsServer
from tests.cli.running import as_json, failure, printed, refusal, sentigrade
from tests.contract.test_extras import path_without
from tests.fasttext_models import content_of, lines, train
from tests.live import REPOSITORY, wait_until

RUNTIME = ("--image", IMAGE, "--role", ROLE, "--env", "SENTIGRADE_WORKERS=1")
INSTANCE = ("--instance", "ml.c5.large")
PAGE = (REPOSITORY / "deploy" / "sagemaker" / "README.md").read_text()
INTERRUPTED = 128 + signal.SIGINT


@pytest.fixture
def bucket(aws: AwsServer) -> str:
    return f"{aws.s3.store}/{uuid4().hex}"


@pytest.fixture
def name() -> str:
    return f"reviews-{uuid4().hex[:8]}"


def deployment(name: str, bucket: str, store: Path, version: int = 1) -> list[str]:
    """Return the command that puts a version of the small model behind an endpoint."""
    where = ["--name", name, "--bucket", bucket, *INSTANCE, *RUNTIME]
    return ["deploy", "sagemaker", *where, "--model", f"sentiment@{version}", "--store", str(store)]


@pytest.fixture
def command(name: str, bucket: str, two_versions: Path) -> list[str]:
    """The command for version 1; options that are given again win."""
    return deployment(name, bucket, two_versions)


def put(command: list[str]) -> list[str]:
    """Deploy, and return what is printed."""
    result = sentigrade(*command)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_deployed_asked_updated_and_removed(aws: AwsServer, name: str, bucket: str, two_versions: Path) -> None:
    said, call = put(deployment(name, bucket, two_versions))
    assert said.startswith(f"{name} is InService: sentiment@1#sha256:")
    assert said.endswith(", 1 x ml.c5.large")
    assert answer_to(call)["version"] == 1
    again, _ = put(deployment(name, bucket, two_versions))
    assert again.startswith(f"{name} is InService already: sentiment@1#sha256:")
    updated, _ = put(deployment(name, bucket, two_versions, 2))
    assert updated.startswith(f"{name} is InService: sentiment@2#sha256:")
    declined = sentigrade("deploy", "remove", name, stdin="n\n")
    assert (declined.returncode, answer_to(call)["version"]) == (1, 2)
    removed = sentigrade("deploy", "remove", name, stdin="y\n")
    assert removed.returncode == 0
    assert [line.split()[0] for line in removed.stdout.splitlines()[:4]] == [
        "endpoint",
        "configuration",
        "archive",
        "model",
    ]
    assert removed.stdout.endswith(f"{name} is deleted, and all that was made for it.\n")
    assert f"there is no endpoint {name} in us-east-1" in refusal("deploy", "remove", name, "--yes")
    assert list(open_store(bucket).list("")) == []


def answer_to(call: str, **variables: str) -> dict[str, object]:
    """Run the printed line in a shell, as a person would."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    result = subprocess.run(
        ["sh", "-c", call], env={**os.environ, "PATH": path, **variables}, capture_output=True, check=True
    )
    answer: dict[str, object] = json.JSONDecoder().raw_decode(result.stdout.decode())[0]
    return answer


def test_a_model_may_ask_the_endpoint(command: list[str], name: str, two_versions: Path, tmp_path: Path) -> None:
    """The family `endpoint`, at an endpoint that these commands have made."""
    put(command)
    labels = ("--labels", ",".join(FIVE_LEVELS.names), "--ordered")
    as_json("adopt-endpoint", name, "--region", "us-east-1", *labels, "--name", "asked", "--store", tmp_path)
    text = "A superb, wonderful film."
    answer = json.loads(printed("predict", "--model", "asked", "--store", tmp_path, text))
    expected = json.loads(printed("predict", "--model", "sentiment@1", "--store", two_versions, text))
    assert (answer["label"], answer["model"]) == (expected["label"], "asked")
    assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=5e-6)


def test_what_fails_is_one_line_and_a_status(aws: AwsServer, command: list[str]) -> None:
    aws.tell(refusals=[Refusal("DescribeEndpoint", "AccessDeniedException", "No")])
    assert "may not sagemaker:DescribeEndpoint: attach the policy Deployer" in refusal(*command)
    aws.tell(refusals=[Refusal("DescribeEndpoint", "InternalFailure", "Busy", status=500, times=99)])
    assert "AWS cannot do it now" in failure(os.EX_TEMPFAIL, *command)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--image", "sentigrade:latest"), "is no pinned image in ECR"),
        (("--role", "me"), "is no role"),
        (("--name", "my_reviews"), "is no name for SageMaker"),
        (("--bucket", "bucket"), "is no place in S3"),
        (("--env", "SENTIGRADE_MODELS=toxicity"), "is what --model says"),
        (("--instance", "large"), "is no instance type"),
        (("--instance", "", "--serverless", "--memory", "1500"), "is between two sizes"),
        (("--region", "eu-west-1"), "the image is in us-east-1"),
        (("--model", "toxicity"), "toxicity"),
    ],
)
def test_what_cannot_be_deployed_is_said_before_anything_is_asked(
    options: tuple[str, ...], reason: str, aws: AwsServer, command: list[str]
) -> None:
    aws.tell(refusals=[Refusal("DescribeEndpoint", "ValidationException", "It was asked.")])
    assert reason in refusal(*command, *options)


@pytest.mark.parametrize("options", [("--instance", ""), ("--serverless",)])
def test_an_endpoint_is_serverless_or_of_instances(options: tuple[str, ...], command: list[str]) -> None:
    result = sentigrade(*command, *options)
    assert result.returncode == 2
    assert "give either --serverless or --instance" in result.stderr


def test_what_the_image_needs_beside_the_core_is_said(aws: AwsServer, command: list[str], tmp_path: Path) -> None:
    (tmp_path / "topics.bin").write_bytes(content_of(train()))
    made = ("--store", str(tmp_path / "store"))
    assert sentigrade("adopt", tmp_path / "topics.bin", *made).returncode == 0
    aws.tell(refusals=[Refusal("DescribeEndpoint", "ValidationException", "It was asked.")])
    result = sentigrade(*command, "--model", "topics@1", *made)
    assert result.stderr.splitlines()[0] == "topics@1 needs an image with --build-arg EXTRAS=fasttext"


def begun(arguments: list[str], sign: str, log: Path) -> "subprocess.Popen[bytes]":
    """Begin a command, and wait until it says this."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "sentigrade", *arguments], cwd=REPOSITORY, stdout=file, stderr=subprocess.STDOUT
        )
    wait_until(lambda: sign in log.read_text() or process.poll() is not None, sign)
    assert process.poll() is None, log.read_text()
    return process


@pytest.mark.parametrize("interruption", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_a_deployment_goes_on_and_the_same_command_waits_for_it(
    interruption: signal.Signals, aws: AwsServer, command: list[str], tmp_path: Path
) -> None:
    aws.tell(looks=4)
    process = begun(command, "Creating", tmp_path / "log")
    process.send_signal(interruption)
    assert process.wait(30) == INTERRUPTED
    said = (tmp_path / "log").read_text()
    assert "the same command goes on waiting, `sentigrade deploy remove reviews-" in said
    assert " is InService already: " in put(command)[0]


def test_killed_in_an_update_it_leaves_what_the_next_run_clears(
    aws: AwsServer, name: str, bucket: str, two_versions: Path, tmp_path: Path
) -> None:
    first, second = (deployment(name, bucket, two_versions, version) for version in (1, 2))
    put(first)
    aws.tell(looks=3)
    process = begun(second, "Updating", tmp_path / "log")
    process.kill()
    process.wait()
    assert put(second)[0].startswith(f"{name} is InService already: sentiment@2")
    assert len(list(open_store(bucket).list(""))) == 1


@pytest.fixture
def scoring(bucket: str, two_versions: Path) -> list[str]:
    """The command that scores a file."""
    open_store(bucket).write("in/day.csv", b"A superb film.\nA dull plot.\n", over=None)
    where = [f"{bucket}/in/", f"{bucket}/out", "--bucket", bucket, *INSTANCE, *RUNTIME]
    return ["deploy", "transform", *where, "--model", "sentiment@1", "--store", str(two_versions)]


def test_files_are_scored_by_a_job(scoring: list[str], bucket: str) -> None:
    result = sentigrade(*scoring)
    assert result.returncode == 0, result.stderr
    assert f"is Completed: the answers are in {bucket}/out" in result.stdout
    assert [stored.key for stored in open_store(bucket).list("")] == ["in/day.csv", "out/day.csv.out"]


def test_interrupted_the_job_is_stopped(aws: AwsServer, scoring: list[str], bucket: str, tmp_path: Path) -> None:
    aws.tell(looks=3)
    process = begun(scoring, "InProgress", tmp_path / "log")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == INTERRUPTED
    assert "the job is stopped, and what was made for it is deleted" in (tmp_path / "log").read_text()
    assert [stored.key for stored in open_store(bucket).list("")] == ["in/day.csv"]


@pytest.fixture
def learning(aws: AwsServer, bucket: str, tmp_path: Path) -> list[str]:
    """A command that has BlazingText learn, but for the names of model and store."""
    (tmp_path / "lines.txt").write_text(lines())
    small = ("epochs=20", "learning_rate=0.5", "vector_dim=4", "buckets=100", "min_count=1")
    told = [word for pair in small for word in ("--set", pair)]
    return ["deploy", "blazingtext", str(tmp_path / "lines.txt"), "--bucket", bucket, "--role", ROLE, *INSTANCE, *told]


def test_what_blazingtext_has_learned_is_a_model_of_the_store(learning: list[str], tmp_path: Path) -> None:
    made = tmp_path / "store"
    result = sentigrade(*learning, "--name", "topics", "--labels", "Bad,Good,Odd", "--store", made)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("topics@1#sha256:")
    answer = json.loads(printed("predict", "--model", "topics", "--store", made, "FINE, WARM<br>and bright!"))
    assert answer["label"] == "Good"


def test_a_job_that_was_not_waited_for_is_waited_for_by_its_name(
    aws: AwsServer, learning: list[str], tmp_path: Path
) -> None:
    names = ["--name", "topics", "--store", str(tmp_path / "store")]
    aws.tell(looks=2)
    process = begun([*learning, *names], "InProgress", tmp_path / "log")
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == INTERRUPTED
    log = (tmp_path / "log").read_text()
    job = log.partition(":")[0]
    assert f"the same command with --job {job} waits for it" in log
    result = sentigrade("deploy", "blazingtext", "--job", job, *names)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("topics@1#sha256:")


def test_without_what_opens_the_model_no_job_begins(learning: list[str], tmp_path: Path) -> None:
    without = path_without(tmp_path, "fasttext")
    said = refusal(*learning, "--name", "topics", "--store", tmp_path / "store", PYTHONPATH=without)
    assert 'family fasttext needs the extra "fasttext"' in said
    assert not (tmp_path / "store").exists()


def test_for_a_machine_that_there_is_not_nothing_travels(learning: list[str], bucket: str, tmp_path: Path) -> None:
    said = refusal(*learning, "--instance", "c5.large", "--name", "topics", "--store", tmp_path / "store")
    assert "'c5.large' is no instance type of SageMaker" in said
    assert list(open_store(bucket).list("")) == []


def test_interrupted_before_the_job_is_there_no_file_is_left(
    aws: AwsServer, learning: list[str], bucket: str, tmp_path: Path
) -> None:
    aws.tell(refusals=[Refusal("CreateTrainingJob", "ThrottlingException", "Rate exceeded", times=99)])
    process = begun([*learning, "--name", "topics", "--store", str(tmp_path / "store")], "", tmp_path / "log")
    wait_until(lambda: list(open_store(bucket).list("")) != [], "the upload")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == INTERRUPTED
    assert "what was uploaded is deleted" in (tmp_path / "log").read_text()
    assert list(open_store(bucket).list("")) == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_asks_as_the_page_says(aws: AwsServer, command: list[str], name: str) -> None:
    put(command)
    (line,) = re.findall(r"^curl .*?[^\\]$", PAGE, re.MULTILINE | re.DOTALL)
    here = line.replace("https://runtime.sagemaker.$region.amazonaws.com", f"http://127.0.0.1:{aws.port}")
    assert here != line
    answer = answer_to(here.replace("/reviews/", f"/{name}/"), region="us-east-1")
    assert (answer["model"], answer["version"]) == ("sentiment", 1)


def test_without_a_job_it_must_be_said_what_to_learn_from(aws: AwsServer, tmp_path: Path) -> None:
    result = sentigrade("deploy", "blazingtext", "--name", "topics", "--store", tmp_path)
    assert result.returncode == 2
    assert "give TRAIN, --bucket, --role and --instance, or the --job to wait for" in result.stderr
