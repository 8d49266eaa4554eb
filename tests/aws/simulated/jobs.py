"""What moto's jobs lack: they take their time, may fail or be stopped, and really score and learn."""

import io
import tarfile
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import boto3
import fasttext
from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import ResourceInUseException
from moto.sagemaker.models import FakeTrainingJob, FakeTransformJob
from moto.sagemaker.responses import SageMakerResponse

from tests.aws.simulated.containers import CONTAINERS, Container, UnhealthyError
from tests.aws.simulated.plan import CONTROL

_MOST_BYTES = 6 * 1024 * 1024
# How BlazingText's hyperparameters are called by fastText.
_FASTTEXT = {
    "epochs": ("epoch", int),
    "learning_rate": ("lr", float),
    "vector_dim": ("dim", int),
    "word_ngrams": ("wordNgrams", int),
    "buckets": ("bucket", int),
    "min_count": ("minCount", int),
}
_BLAZINGTEXT = {"epoch": 5, "lr": 0.05, "dim": 100, "wordNgrams": 2, "bucket": 2_000_000, "minCount": 5}

# How often a job must still be looked at, and why it will fail.
_UNDER_WAY: dict[str, tuple[int, str]] = {}


def _is_done(job: str) -> bool:
    """Whether a job that is looked at has come to its end."""
    if job not in _UNDER_WAY:
        return False
    looks, failure = _UNDER_WAY[job]
    _UNDER_WAY[job] = (looks - 1, failure)
    return looks == 0


class JobResponses(SageMakerResponse):
    """Answers about jobs."""

    def create_transform_job(self) -> ActionResult:
        self.sagemaker_backend.describe_model(self._get_param("ModelName"))
        name = self._get_param("TransformJobName")
        _require_new(name, self.sagemaker_backend.transform_jobs)
        answer = super().create_transform_job()
        self.sagemaker_backend.transform_jobs[name].transform_job_status = "InProgress"
        _UNDER_WAY[name] = (CONTROL.plan.looks, CONTROL.plan.take_failure())
        return answer

    def stop_transform_job(self) -> ActionResult:
        name = self._get_param("TransformJobName")
        self.sagemaker_backend.describe_transform_job(name)
        self.sagemaker_backend.transform_jobs[name].transform_job_status = "Stopping"
        _UNDER_WAY[name] = (CONTROL.plan.looks, "")
        return EmptyResult()

    def describe_transform_job(self) -> ActionResult:
        name = self._get_param("TransformJobName")
        job: Any = self.sagemaker_backend.transform_jobs.get(name)
        if _is_done(name):
            stopped = job.transform_job_status == "Stopping"
            job.failure_reason = None if stopped else _UNDER_WAY[name][1] or self._score(job)
            job.transform_job_status = "Stopped" if stopped else "Failed" if job.failure_reason else "Completed"
            del _UNDER_WAY[name]
        return super().describe_transform_job()

    def _score(self, job: FakeTransformJob) -> str | None:
        """Do what a job is for; return why that cannot be, or nothing."""
        data: Any = job.transform_input
        try:
            container = CONTAINERS.start(self.sagemaker_backend.describe_model(job.model_name).primary_container)
        except UnhealthyError as error:
            return str(error)
        bucket, _, prefix = data["DataSource"]["S3DataSource"]["S3Uri"].removeprefix("s3://").partition("/")
        target, _, folder = job.transform_output["S3OutputPath"].removeprefix("s3://").partition("/")
        s3 = boto3.client("s3")
        for found in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]:
            content = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
            answer = b"".join(_answers(container, content, data["ContentType"]))
            key = f"{folder.rstrip('/')}/{found['Key'].rpartition('/')[2]}.out"
            s3.put_object(Bucket=target, Key=key, Body=answer)
        return None

    def create_training_job(self) -> ActionResult:
        name = self._get_param("TrainingJobName")
        _require_new(name, self.sagemaker_backend.training_jobs)
        answer = super().create_training_job()
        job = self.sagemaker_backend.training_jobs[name]
        job.training_job_status, job.secondary_status = "InProgress", "Starting"
        _UNDER_WAY[name] = (CONTROL.plan.looks, CONTROL.plan.take_failure())
        return answer

    def describe_training_job(self) -> ActionResult:
        name = self._get_param("TrainingJobName")
        if _is_done(name):
            job: Any = self.sagemaker_backend.training_jobs[name]
            job.failure_reason = _UNDER_WAY.pop(name)[1] or _learn(job)
            job.training_job_status = job.secondary_status = "Failed" if job.failure_reason else "Completed"
        return super().describe_training_job()


def _require_new(name: str, jobs: Collection[str]) -> None:
    if name in jobs:
        raise ResourceInUseException(f"There is already a job named {name}.")


def _answers(container: Container, content: bytes, kind: str) -> Iterator[bytes]:
    """Give the answers to a file, which is sent line by line in parts that are not too long."""
    part = b""
    for line in content.splitlines(keepends=True):
        if len(part) + len(line) > _MOST_BYTES:
            yield container.invoke(part, {"Content-Type": kind}).body
            part = b""
        part += line
    yield container.invoke(part, {"Content-Type": kind}).body


def _learn(job: FakeTrainingJob) -> str | None:
    """Learn as BlazingText does, which is fastText; return why that cannot be, or nothing."""
    told = {_FASTTEXT[name][0]: _FASTTEXT[name][1](value) for name, value in _known(job.hyper_parameters)}
    s3 = boto3.client("s3")
    (train,) = (channel for channel in job.input_data_config if channel["ChannelName"] == "train")
    bucket, _, prefix = train["DataSource"]["S3DataSource"]["S3Uri"].removeprefix("s3://").partition("/")
    with tempfile.TemporaryDirectory() as folder:
        lines, model = Path(folder, "lines"), Path(folder, "model.bin")
        for found in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]:
            lines.write_bytes(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
        try:
            fasttext.train_supervised(input=str(lines), **_BLAZINGTEXT | told, seed=1, thread=1, verbose=0).save_model(
                str(model)
            )
        except (RuntimeError, ValueError) as error:
            return f"AlgorithmError: {error}"
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            archive.add(model, "model.bin")
    target, _, key = job.model_artifacts["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    s3.put_object(Bucket=target, Key=key, Body=packed.getvalue())
    return None


def _known(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    assert given["mode"] == "supervised"
    return ((name, value) for name, value in given.items() if name in _FASTTEXT)
