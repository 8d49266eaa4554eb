"""A batch transform: SageMaker scores files in S3 with a model that is there for as long as that takes."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from sentigrade.aws.hosting.account import Account, explained
from sentigrade.aws.hosting.archives import Archives, require_in_s3
from sentigrade.aws.hosting.deletions import archive_deletion, model_deletion
from sentigrade.aws.hosting.missing import missing_ignored, once_found
from sentigrade.aws.hosting.models import HostedModel
from sentigrade.aws.hosting.naming import new_name, tags
from sentigrade.aws.hosting.packing import Packable
from sentigrade.aws.hosting.undoing import Step, undo
from sentigrade.aws.hosting.waiting import Say, wait
from sentigrade.aws.hosting.wanted import Instances, Runtime
from sentigrade.aws.jobs.ending import require_completed
from sentigrade.errors import AwsUnreachable, DataError
from sentigrade.store.opening import open_store
from sentigrade.store.progress import Progress, silently

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import TransformInputTypeDef

# What our container answers line by line.
_CONTENT_TYPES = {".csv": "text/csv", ".jsonl": "application/jsonlines"}
_UNDER_WAY = ("InProgress", "Stopping")
# SageMaker ends a job after five days.
_AT_MOST_SECONDS = 5 * 24 * 3600
_STOP_SECONDS = 600
_STEM = "sentigrade"
_LOG = "/aws/sagemaker/TransformJobs"
# What is left to be done is said besides.
_AGAIN = "it may go on"


class Transform(NamedTuple):
    """Which files, by which model, in which runtime and on what; the archive lies below `bucket` meanwhile."""

    source: str
    sink: str
    model: Packable
    runtime: Runtime
    instances: Instances
    bucket: str


def content_type_of(source: str) -> str:
    """Return the content type of all files whose addresses begin with `source`.

    Raises DataError where there are none, or files that cannot be scored together.
    """
    bucket, _, prefix = source.removeprefix("s3://").partition("/")
    files = open_store(f"s3://{bucket}", patient=True).list(prefix)
    found = sorted({_CONTENT_TYPES.get(PurePosixPath(stored.key).suffix, "") for stored in files})
    if not found:
        raise DataError(f"there is no file at {source}")
    if len(found) > 1 or not found[0]:
        known = " or ".join(_CONTENT_TYPES)
        raise DataError(f"{source} holds files of several kinds, or others than {known}: name those of one kind")
    return found[0]


def transform(account: Account, wanted: Transform, say: Say, progress: Progress = silently) -> str:
    """Score files and return the job's name; each becomes one of the same name and `.out` in the sink.

    Interrupted, it stops the job. What was made for it is deleted in the end. Raises DataError for a source that cannot
    be scored, AwsError when the job fails.
    """
    for place in (wanted.source, wanted.sink, wanted.bucket):
        require_in_s3(place)
    job = _Job(account, wanted, say)
    job.run(content_type_of(wanted.source), progress)
    return job.name


class _Job:
    def __init__(self, account: Account, wanted: Transform, say: Say) -> None:
        self.name = new_name(_STEM, wanted.model.digest)
        self._what = f"the transform job {self.name}"
        self._account, self._wanted, self._say = account, wanted, say
        self._tags = tags(f"job/{self.name}", wanted.model.manifest.reference, wanted.model.digest)
        self._made: list[Step] = []
        self._has_begun = False

    def run(self, content_type: str, progress: Progress) -> None:
        try:
            self._prepare(progress)
            self._score(content_type)
        except AwsUnreachable as error:
            if not self._has_begun:
                self._clear()
                raise
            # The job may go on, and need its model.
            later = "\n  ".join(["", *(step.command for step in reversed(self._made))])
            raise AwsUnreachable(f"{error}; once the job {self.name} has ended, delete its model:{later}") from error
        except BaseException:
            self._clear()
            raise
        self._clear()

    def _score(self, content_type: str) -> None:
        """Begin the job and wait for it; one that is not waited for any more is stopped."""
        self._has_begun = True  # noted before it is asked for: the answer may be lost
        try:
            self._begin(content_type)
            self._require_completed()
        except AwsUnreachable:
            raise
        except BaseException:
            self._stop()
            raise

    def _prepare(self, progress: Progress) -> None:
        """Make a model of SageMaker's that has the job's name; what is to go is noted before it is there."""
        model = self._wanted.model
        archives = Archives(self._wanted.bucket, self.name)
        hosted = HostedModel(self._wanted.runtime, archives.address(model.digest), model.digest, self._wanted.instances)
        self._made.append(archive_deletion(hosted.archive))
        archives.upload(model, progress)
        self._made.append(model_deletion(self._account, self.name))
        hosted.create(self._account, self.name, self._tags)

    def _begin(self, content_type: str) -> None:
        """Begin the job. How much is sent at once, the container says itself."""
        instances = self._wanted.instances
        data: TransformInputTypeDef = {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": self._wanted.source}},
            "ContentType": content_type,
            "SplitType": "Line",
        }
        with explained(self._what):
            once_found(
                lambda: self._account.control.create_transform_job(
                    TransformJobName=self.name,
                    ModelName=self.name,
                    TransformInput=data,
                    # Each part of an answer ends with a line's end already.
                    TransformOutput={"S3OutputPath": self._wanted.sink, "AssembleWith": "None"},
                    TransformResources={"InstanceType": instances.type, "InstanceCount": instances.number},
                    Tags=self._tags,
                )
            )

    def _require_completed(self) -> None:
        """Wait; raises AwsError unless the job completes."""
        status = self._settled(_AT_MOST_SECONDS)
        with explained(self._what):
            done = self._account.control.describe_transform_job(TransformJobName=self.name)
        require_completed(self._what, status, done.get("FailureReason", ""), _LOG)

    def _stop(self) -> None:
        """Stop the job, if it is under way, and wait until it has stopped: until then it needs its model."""
        with explained(self._what), missing_ignored():
            there = self._account.control.describe_transform_job(TransformJobName=self.name)
            if there["TransformJobStatus"] == "InProgress":
                self._account.control.stop_transform_job(TransformJobName=self.name)
            self._settled(_STOP_SECONDS)

    def _settled(self, at_most: float) -> str | None:
        return wait(self._status, what=self.name, while_=_UNDER_WAY, say=self._say, at_most=at_most, again=_AGAIN)

    def _status(self) -> str:
        with explained(self._what):
            return self._account.control.describe_transform_job(TransformJobName=self.name)["TransformJobStatus"]

    def _clear(self) -> None:
        if left := undo(self._made):
            self._say(str(left))
