"""BlazingText learns from lines of ours, as fastText does that stands for it, and its model becomes one of ours."""

from pathlib import Path
from uuid import uuid4

import pytest

from sentigrade.answer import Answer
from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.wanted import Instances
from sentigrade.aws.jobs.blazingtext import Learned, Lesson, adopt_learned, await_job, start_job
from sentigrade.aws.jobs.hyperparameters import BlazingTextParameters
from sentigrade.errors import AwsError, DataError, SettingError, StoreError
from sentigrade.model import load_model
from sentigrade.scorer import Scorer
from sentigrade.store.foreign import Adoption
from sentigrade.store.opening import open_store
from sentigrade.text.profile import CleaningProfile
from tests.aws.hosting.wanting import unsaid
from tests.aws.simulated.plan import Refusal
from tests.aws_server import ROLE, AwsServer
from tests.fasttext_models import lines

SMALL = BlazingTextParameters(epochs=20, learning_rate=0.5, vector_dim=4, buckets=100, min_count=1)
IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"


@pytest.fixture
def lesson(s3_address: str, tmp_path: Path) -> Lesson:
    for name, seed in (("lines.train", 1), ("lines.validation", 2)):
        (tmp_path / name).write_text(lines(seed=seed))
    train, validation = tmp_path / "lines.train", tmp_path / "lines.validation"
    return Lesson("my_topics", train, validation, SMALL, IMAGE, ROLE, Instances("ml.c5.large", 1), s3_address)


def learned(account: Account, lesson: Lesson) -> Learned:
    return await_job(account, start_job(account, lesson), unsaid)


def keys(address: str) -> list[str]:
    return sorted(stored.key for stored in open_store(address).list(""))


def test_what_is_learned_is_a_model_that_cleans_what_it_is_asked(
    account: Account, lesson: Lesson, tmp_path: Path
) -> None:
    done = learned(account, lesson)
    folder = tmp_path / "model"
    folder.mkdir()
    adopt_learned(done, Adoption("my_topics", license="self-written"), folder)
    model = load_model(folder)
    assert model.manifest.cleaning == CleaningProfile()
    assert model.manifest.labels.ids == ("bad", "good", "odd")
    assert model.manifest.training.parameters == {
        "job": done.job,
        "image": IMAGE,
        "mode": "supervised",
        "epochs": "20",
        "learning_rate": "0.5",
        "vector_dim": "4",
        "buckets": "100",
        "min_count": "1",
    }
    scorer = Scorer(model, max_characters=1000).prepare()
    for text, label in (("FINE, WARM<br>and bright!", "good"), ("Dull. AWFUL; flat", "bad")):
        (answer,) = scorer.score([text])
        assert isinstance(answer, Answer)
        assert answer.label == label


def test_the_job_is_told_where_its_files_are_and_bears_a_tag(account: Account, lesson: Lesson) -> None:
    job = start_job(account, lesson)
    assert job.startswith("my-topics-")
    told = account.control.describe_training_job(TrainingJobName=job)
    places = [channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in told["InputDataConfig"]]
    assert places == [f"{lesson.bucket}/{job}/train/", f"{lesson.bucket}/{job}/validation/"]
    assert keys(lesson.bucket) == [f"{job}/train/lines.train", f"{job}/validation/lines.validation"]
    assert told["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    assert (told["RoleArn"], told["ResourceConfig"]["InstanceType"]) == (ROLE, "ml.c5.large")
    assert account.control.list_tags(ResourceArn=told["TrainingJobArn"])["Tags"] == [
        {"Key": "sentigrade:for", "Value": f"job/{job}"}
    ]


def test_a_job_that_fails_says_why(aws: AwsServer, account: Account, lesson: Lesson) -> None:
    aws.tell(failures=["AlgorithmError: no space left"])
    with pytest.raises(AwsError, match="is Failed: AlgorithmError: no space left; see the log group .*/TrainingJobs"):
        learned(account, lesson)


def test_what_blazingtext_makes_of_nonsense_is_its_own_reason(account: Account, lesson: Lesson) -> None:
    with pytest.raises(AwsError, match="is Failed: AlgorithmError: Encountered NaN"):
        learned(
            account, lesson._replace(parameters=BlazingTextParameters(learning_rate=1e9, vector_dim=4, min_count=1))
        )


def test_of_a_job_that_is_refused_no_file_is_left(aws: AwsServer, account: Account, lesson: Lesson) -> None:
    aws.tell(refusals=[Refusal("CreateTrainingJob", "ResourceLimitExceeded", "The limit is 0.")])
    with pytest.raises(AwsError, match="The limit is 0; raise that quota"):
        start_job(account, lesson)
    assert keys(lesson.bucket) == []


def test_interrupted_while_files_travel_none_is_left(account: Account, lesson: Lesson) -> None:
    def interrupt(**_asked: object) -> None:
        raise KeyboardInterrupt

    account.control.meta.events.register("before-call.sagemaker.CreateTrainingJob", interrupt)
    with pytest.raises(KeyboardInterrupt):
        start_job(account, lesson)
    assert keys(lesson.bucket) == []


def test_what_cannot_be_used_is_refused_before_anything_travels(account: Account, lesson: Lesson) -> None:
    for wrong, reason in (
        (lesson._replace(role="sagemaker"), "is no role"),
        (lesson._replace(bucket="bucket"), "is no place in S3"),
    ):
        with pytest.raises(SettingError, match=reason):
            start_job(account, wrong)
    lesson.train.write_text("")
    with pytest.raises(DataError, match="has fewer than two labels"):
        start_job(account, lesson)
    assert keys(lesson.bucket) == []


def test_without_the_bucket_it_is_said(account: Account, lesson: Lesson) -> None:
    with pytest.raises(StoreError, match="store s3://no-such-bucket"):
        start_job(account, lesson._replace(bucket=f"s3://no-such-bucket-{uuid4().hex}"))


def test_a_job_that_there_is_not_is_not_waited_for(account: Account) -> None:
    with pytest.raises(AwsError, match="the training job none: DescribeTrainingJob was refused: Could not find"):
        await_job(account, "none", unsaid)
