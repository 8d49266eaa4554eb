"""A training job of BlazingText: from files of labelled lines to a model folder."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple

from sentigrade.aws.hosting.account import Account, explained
from sentigrade.aws.hosting.archives import require_in_s3
from sentigrade.aws.hosting.naming import MADE_FOR, new_name
from sentigrade.aws.hosting.waiting import Say, wait
from sentigrade.aws.hosting.wanted import Instances, require_role
from sentigrade.aws.jobs.ending import require_completed
from sentigrade.aws.jobs.hyperparameters import BlazingTextParameters
from sentigrade.aws.jobs.training_lines import require_lines
from sentigrade.manifest import Manifest
from sentigrade.store.adopting import adopt
from sentigrade.store.foreign import Adoption
from sentigrade.store.opening import open_store
from sentigrade.store.progress import Progress, silently
from sentigrade.text.profile import CleaningProfile

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import ChannelTypeDef

_UNDER_WAY = ("InProgress", "Stopping")
# A job that takes longer is ended by SageMaker: so much is the most that it costs.
_MOST_SECONDS = 24 * 3600
_VOLUME_GB = 30
_LOG = "/aws/sagemaker/TrainingJobs"


class Lesson(NamedTuple):
    """What a job learns from and how; files and artefact go below `bucket`, into a folder with the job's name."""

    name: str
    train: Path
    validation: Path | None
    parameters: BlazingTextParameters
    image: str
    role: str
    instances: Instances
    bucket: str


class Learned(NamedTuple):
    """A job that is done: the address of what it has made, and what it was told."""

    job: str
    artefact: str
    image: str
    parameters: Mapping[str, str]


def start_job(account: Account, lesson: Lesson, progress: Progress = silently) -> str:
    """Upload the files, begin the job and return its name.

    Raises DataError for files from which nothing can be learned, AwsError where the job is refused.
    """
    require_role(lesson.role)
    require_in_s3(lesson.bucket)
    labels = require_lines(lesson.train)
    if lesson.validation:
        require_lines(lesson.validation, labels)
    job = new_name(re.sub("[._]", "-", lesson.name), token_hex(4))
    try:
        _begin(account, lesson, job, _uploaded(lesson, job, progress))
    except BaseException:  # Ctrl-C too
        objects = open_store(lesson.bucket, patient=True)
        objects.delete([stored.key for stored in objects.list(f"{job}/")])
        raise
    return job


def _uploaded(lesson: Lesson, job: str, progress: Progress) -> "list[ChannelTypeDef]":
    """Upload the files; each is a channel of its own."""
    objects = open_store(lesson.bucket, patient=True)
    channels: list[ChannelTypeDef] = []
    for channel, path in (("train", lesson.train), ("validation", lesson.validation)):
        if path:
            with progress(path.name, path.stat().st_size) as advance:
                objects.upload(f"{job}/{channel}/{path.name}", path, advance)
            channels.append(_channel(channel, f"{objects.address}/{job}/{channel}/"))
    return channels


def _channel(name: str, prefix: str) -> "ChannelTypeDef":
    return {
        "ChannelName": name,
        "ContentType": "text/plain",
        "DataSource": {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": prefix, "S3DataDistributionType": "FullyReplicated"}
        },
    }


def _begin(account: Account, lesson: Lesson, job: str, channels: "list[ChannelTypeDef]") -> None:
    with explained(f"the training job {job}"):
        account.control.create_training_job(
            TrainingJobName=job,
            AlgorithmSpecification={"TrainingImage": lesson.image, "TrainingInputMode": "File"},
            HyperParameters=lesson.parameters.strings(),
            RoleArn=lesson.role,
            InputDataConfig=channels,
            OutputDataConfig={"S3OutputPath": lesson.bucket.rstrip("/")},
            ResourceConfig={
                "InstanceType": lesson.instances.type,
                "InstanceCount": lesson.instances.number,
                "VolumeSizeInGB": _VOLUME_GB,
            },
            StoppingCondition={"MaxRuntimeInSeconds": _MOST_SECONDS},
            Tags=[{"Key": MADE_FOR, "Value": f"job/{job}"}],
        )


def await_job(account: Account, job: str, say: Say) -> Learned:
    """Wait for a job and return what it has made; raises AwsError when it fails or is stopped."""
    what = f"the training job {job}"

    def look() -> str:
        with explained(what):
            return account.control.describe_training_job(TrainingJobName=job)["TrainingJobStatus"]

    again = f"`sentigrade deploy blazingtext --job {job}` goes on waiting"
    status = wait(look, what=job, while_=_UNDER_WAY, say=say, at_most=_MOST_SECONDS + 3600, again=again)
    with explained(what):
        done = account.control.describe_training_job(TrainingJobName=job)
    require_completed(what, status, done.get("FailureReason", ""), _LOG)
    return Learned(
        job,
        done["ModelArtifacts"]["S3ModelArtifacts"],
        done["AlgorithmSpecification"].get("TrainingImage", ""),
        done.get("HyperParameters", {}),
    )


def adopt_learned(learned: Learned, adoption: Adoption, folder: Path, progress: Progress = silently) -> Manifest:
    """Make a model folder of what a job has learned from files that `sentigrade sagemaker process` has written.

    Texts are cleaned for it as there, unlike for a model of whose training nothing is known.
    """
    told = {"job": learned.job, "image": learned.image, **learned.parameters}
    place, _, file = learned.artefact.rpartition("/")
    with tempfile.TemporaryDirectory(prefix="sentigrade-") as fetched, progress(file, 0) as advance:
        archive = Path(fetched, file)
        open_store(place, patient=True).download(file, archive, advance)
        return adopt(archive.read_bytes(), file, adoption._replace(cleaning=CleaningProfile(), parameters=told), folder)
