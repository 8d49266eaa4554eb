"""Files are scored by a job whose containers are real; what was made for it is there no longer than it takes."""

import json
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.packing import find_packable
from sentigrade.aws.hosting.wanted import Instances, Runtime
from sentigrade.aws.jobs.transform import Transform, content_type_of, transform
from sentigrade.errors import AwsError, AwsUnreachable, DataError, SettingError
from sentigrade.settings import Settings
from sentigrade.store.opening import open_store
from tests.aws.hosting.wanting import unsaid
from tests.aws.simulated.plan import Refusal
from tests.aws_server import IMAGE, ROLE, AwsServer

TEXTS = ["A superb film.", "A dull plot, really.", "An ordinary score."]
NO_CAPACITY = "There is no capacity of ml.c5.large at this time"


@pytest.fixture
def wanted(s3_address: str, small_store: Path) -> Transform:
    """Two files of lines, and where to."""
    objects = open_store(s3_address)
    body = "".join(f"{json.dumps({'mytext': text})}\n" for text in TEXTS).encode()
    for name in ("a.jsonl", "b.jsonl"):
        objects.write(f"reviews/{name}", body, over=None)
    model = find_packable("sentiment", Settings(store=str(small_store)))
    runtime = Runtime(IMAGE, ROLE, {"SENTIGRADE_WORKERS": "1"})
    instances = Instances("ml.c5.large", 1)
    return Transform(f"{s3_address}/reviews/", f"{s3_address}/scored", model, runtime, instances, f"{s3_address}/own")


def left(account: Account, wanted: Transform) -> tuple[list[str], list[str]]:
    """Return the models of SageMaker's that jobs have made, and the files below the bucket."""
    models = [model["ModelName"] for model in account.control.list_models()["Models"]]
    files = [stored.key for stored in open_store(wanted.bucket).list("")]
    return [name for name in models if name.startswith("sentigrade-")], files


def answers(wanted: Transform, name: str) -> list[str]:
    content = open_store(wanted.sink).read(name, at_most=1_000_000)
    assert content
    return content.raw.decode().splitlines()


def test_each_file_has_an_answer_to_each_line(account: Account, wanted: Transform) -> None:
    lines: list[str] = []
    job = transform(account, wanted, lines.append)
    assert lines[0] == f"{job}: InProgress"
    for name in ("a.jsonl.out", "b.jsonl.out"):
        found = [json.loads(line) for line in answers(wanted, name)]
        assert len(found) == len(TEXTS)
        assert {(answer["model"], answer["version"]) for answer in found} == {("sentiment", 1)}
        assert found[0]["label"] != found[1]["label"]
    assert left(account, wanted) == ([], [])


def test_a_csv_of_one_column_is_answered_in_cells(account: Account, wanted: Transform, s3_address: str) -> None:
    table = "".join(f'"{text}"\n' for text in TEXTS).encode()
    open_store(s3_address).write("tables/a.csv", table, over=None)
    transform(account, wanted._replace(source=f"{s3_address}/tables/"), unsaid)
    assert [line.split(",")[-4:-2] for line in answers(wanted, "a.csv.out")] == [["sentiment", "1"]] * len(TEXTS)


def test_the_container_says_itself_how_much_it_takes_at_once(
    aws: AwsServer, account: Account, wanted: Transform
) -> None:
    job = transform(account, wanted, unsaid)
    told = account.control.describe_transform_job(TransformJobName=job)
    assert told["TransformInput"]["SplitType"] == "Line"
    assert told["TransformInput"]["ContentType"] == "application/jsonlines"
    assert not {"BatchStrategy", "MaxPayloadInMB", "MaxConcurrentTransforms"} & told.keys()


def test_a_job_that_fails_says_why_and_leaves_nothing(aws: AwsServer, account: Account, wanted: Transform) -> None:
    aws.tell(failures=[NO_CAPACITY])
    with pytest.raises(AwsError, match=f"is Failed: {NO_CAPACITY}; see the log group /aws/sagemaker/TransformJobs"):
        transform(account, wanted, unsaid)
    assert left(account, wanted) == ([], [])


def test_a_job_that_is_refused_leaves_nothing(aws: AwsServer, account: Account, wanted: Transform) -> None:
    aws.tell(refusals=[Refusal("CreateTransformJob", "ResourceLimitExceeded", "The limit is 0.")])
    with pytest.raises(AwsError, match="The limit is 0; raise that quota"):
        transform(account, wanted, unsaid)
    assert left(account, wanted) == ([], [])


@pytest.mark.parametrize("operation", ["CreateModel", "CreateTransformJob"])
def test_where_the_answer_is_lost_nothing_is_left(
    operation: str, aws: AwsServer, account: Account, wanted: Transform
) -> None:
    """Asked once more, AWS says that it is there already; a job that has begun is stopped."""
    aws.tell(looks=3, refusals=[Refusal(operation, "InternalFailure", "Lost.", status=500, done=True)])
    with pytest.raises(AwsError, match="was refused: .*already"):
        transform(account, wanted, unsaid)
    jobs = account.control.list_transform_jobs()["TransformJobSummaries"]
    assert "InProgress" not in {job["TransformJobStatus"] for job in jobs}
    assert left(account, wanted) == ([], [])


@pytest.mark.parametrize("operation", ["CreateModel", "CreateTransformJob"])
def test_interrupted_before_the_job_is_there_it_leaves_nothing(
    operation: str, account: Account, wanted: Transform
) -> None:
    def interrupt(**_asked: object) -> None:
        raise KeyboardInterrupt

    account.control.meta.events.register(f"before-call.sagemaker.{operation}", interrupt)
    with pytest.raises(KeyboardInterrupt):
        transform(account, wanted, unsaid)
    assert left(account, wanted) == ([], [])


def test_while_aws_has_too_much_to_do_no_job_begins_and_nothing_is_left(
    aws: AwsServer, account: Account, wanted: Transform
) -> None:
    aws.tell(refusals=[Refusal("CreateModel", "InternalFailure", "Busy.", status=500)])
    at_once = boto3.client("sagemaker", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(
        AwsUnreachable, match=r"^the model sentigrade-.*: AWS cannot do it now \(InternalFailure: Busy\)$"
    ):
        transform(account._replace(control=at_once), wanted, unsaid)
    assert left(account, wanted) == ([], [])


def test_interrupted_it_stops_the_job_and_leaves_nothing(aws: AwsServer, account: Account, wanted: Transform) -> None:
    names: list[str] = []

    def say(line: str) -> None:
        if "InProgress" in line:
            names.append(line.partition(":")[0])
            raise KeyboardInterrupt

    aws.tell(looks=5)
    with pytest.raises(KeyboardInterrupt):
        transform(account, wanted, say)
    job = account.control.describe_transform_job(TransformJobName=names[0])
    assert job["TransformJobStatus"] == "Stopped"
    assert left(account, wanted) == ([], [])


def test_a_job_that_may_go_on_keeps_its_model_and_says_how_to_delete_it(
    aws: AwsServer, account: Account, wanted: Transform
) -> None:
    aws.tell(refusals=[Refusal("DescribeTransformJob", "InternalFailure", "Busy.", status=500, times=99)])
    with pytest.raises(AwsUnreachable, match="once the job sentigrade-.* has ended, delete its model:") as error:
        transform(account, wanted, unsaid)
    model, archive = left(account, wanted)
    assert [line.split()[-1] for line in str(error.value).splitlines()[1:]] == [
        *model,
        *(f"{wanted.bucket}/{key}" for key in archive),
    ]
    account.control.delete_model(ModelName=model[0])


def test_files_of_several_kinds_cannot_be_scored_together(s3_address: str) -> None:
    objects = open_store(s3_address)
    with pytest.raises(DataError, match="there is no file at"):
        content_type_of(f"{s3_address}/mixed/")
    for name in ("a.csv", "b.jsonl", "c.parquet"):
        objects.write(f"mixed/{name}", b"...", over=None)
    assert content_type_of(f"{s3_address}/mixed/a.csv") == "text/csv"
    assert content_type_of(f"{s3_address}/mixed/b") == "application/jsonlines"
    for prefix in ("mixed/", "mixed/c"):
        with pytest.raises(DataError, match=r"or others than .csv or .jsonl: name those of one kind"):
            content_type_of(f"{s3_address}/{prefix}")


def test_source_sink_and_bucket_are_in_s3(account: Account, wanted: Transform) -> None:
    for wrong in (
        wanted._replace(source="reviews/"),
        wanted._replace(sink="scored"),
        wanted._replace(bucket="bucket"),
    ):
        with pytest.raises(SettingError, match="is no place in S3"):
            transform(account, wrong, unsaid)
