"""Whether the policy of whoever deploys allows what the commands ask for and no more, found out by running them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from uuid import uuid4

import pytest

from sentigrade.aws.hosting.account import open_account
from sentigrade.aws.hosting.deploying import deploy
from sentigrade.aws.hosting.packing import Packable
from sentigrade.aws.hosting.removing import find_removal, remove
from sentigrade.aws.hosting.wanted import Instances, Runtime
from sentigrade.aws.jobs.blazingtext import Lesson, adopt_learned, await_job, start_job
from sentigrade.aws.jobs.hyperparameters import BlazingTextParameters
from sentigrade.aws.jobs.transform import Transform, transform
from sentigrade.errors import AwsError
from sentigrade.store.foreign import Adoption
from sentigrade.store.opening import open_store
from tests.aws.hosting.asked import REGION, Asked, noted
from tests.aws.hosting.wanting import ALONE, interrupting, unsaid, wanted
from tests.aws_server import ACCOUNT, IMAGE, AwsServer
from tests.deploy.stack_values import Stack
from tests.deploy.test_templates import Document, document, statements
from tests.environment import set_variables
from tests.fasttext_models import lines
from tests.live import REPOSITORY
from tests.s3_server import BUCKET

TEMPLATE = REPOSITORY / "deploy" / "sagemaker" / "roles.yaml"
ROLES = {name: f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("ExecutionRole", "JobRole")}
PREFIX = f"{uuid4().hex}/sagemaker/"
# Only an upload that fails is given up.
NEVER_ASKED = {"s3:AbortMultipartUpload"}


@pytest.fixture(scope="module")
def resources() -> Mapping[str, Document]:
    """What an account would be given."""
    return Stack(TEMPLATE, Bucket=BUCKET, Prefix=PREFIX).resources


@pytest.fixture(scope="module")
def policy(resources: Mapping[str, Document]) -> Document:
    """The policy of whoever deploys, with the roles that the commands are told here."""
    written = json.dumps(resources["Deployer"]["PolicyDocument"])
    for name, arn in ROLES.items():
        written = written.replace(f"{name}.Arn", arn)
    return document(json.loads(written))


@pytest.fixture(scope="module")
def asked(aws_of_all: AwsServer, two_versions: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Asked]]:
    """All that the commands ask for, in whatever way they end."""
    with pytest.MonkeyPatch.context() as patch, noted() as asked:
        set_variables(patch, aws_of_all.environ)
        aws_of_all.tell()
        place = f"s3://{BUCKET}/{PREFIX.rstrip('/')}"
        deployed_and_removed(aws_of_all, two_versions, place)
        jobs_done(aws_of_all, wanted("files", two_versions).model, place, tmp_path_factory.mktemp("learned"))
        yield asked


def deployed_and_removed(aws: AwsServer, two_versions: Path, place: str) -> None:
    account, name = open_account(REGION), f"reviews-{uuid4().hex[:8]}"
    runtime = Runtime(IMAGE, ROLES["ExecutionRole"], ALONE)
    first, second = (wanted(name, two_versions, version)._replace(bucket=place, runtime=runtime) for version in (1, 2))
    aws.tell(failures=["no capacity"])
    with pytest.raises(AwsError):
        deploy(account, first, unsaid)
    aws.tell(failures=["no capacity"])
    with pytest.raises(KeyboardInterrupt):
        deploy(account, first, interrupting("Creating"))
    for deployment in (first, first, second):
        deploy(account, deployment, unsaid)
    aws.tell(failures=["no capacity"])
    with pytest.raises(AwsError):
        deploy(account, first, unsaid)
    aws.tell()
    remove(account, find_removal(account, name, unsaid), unsaid)


def jobs_done(aws: AwsServer, model: Packable, place: str, folder: Path) -> None:
    account = open_account(REGION)
    runtime, instances = Runtime(IMAGE, ROLES["JobRole"], ALONE), Instances("ml.c5.large", 1)
    open_store(place).write("in/a.csv", b"A superb film.\n", over=None)
    files = Transform(f"{place}/in/", f"{place}/out", model, runtime, instances, place)
    transform(account, files, unsaid)
    aws.tell(looks=3)
    with suppress(KeyboardInterrupt):
        transform(account, files, interrupting("InProgress"))
    aws.tell()
    (folder / "lines.txt").write_text(lines())
    parameters = BlazingTextParameters(vector_dim=4, buckets=10)
    train, role = folder / "lines.txt", ROLES["JobRole"]
    lesson = Lesson("t", train, None, parameters, "blazingtext:1", role, Instances("ml.c5.large", 1), place)
    learned = await_job(account, start_job(account, lesson), unsaid)
    (folder / "model").mkdir()
    adopt_learned(learned, Adoption("t"), folder / "model")


def granted(asked: Asked, policy: Document) -> bool:
    """Whether a statement allows what is asked for."""
    return any(
        asked.action in actions and is_about(statement, asked.resource) and meets(asked, statement.get("Condition", {}))
        for actions, statement in statements(policy)
    )


def is_about(statement: Document, resource: str) -> bool:
    named = statement["Resource"]
    return any(fnmatchcase(resource, pattern) for pattern in ([named] if isinstance(named, str) else named))


def meets(asked: Asked, condition: Document) -> bool:
    """Whether the context of a request is what a statement asks for; of operators IAM knows more than these."""
    for operator, keys in condition.items():
        for key, value in keys.items():
            there, allowed = asked.context.get(key), [value] if isinstance(value, str) else value
            met = {
                "Null": (there is None) == (value == "true"),
                "Bool": there == value,
                "StringEquals": there in allowed,
                "StringLikeIfExists": there is None or any(fnmatchcase(there, pattern) for pattern in allowed),
            }
            if not met[operator]:
                return False
    return True


def test_the_template_is_what_cloudformation_expects() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    result = subprocess.run([linter, TEMPLATE], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_whoever_deploys_may_do_all_that_the_commands_do(asked: list[Asked], policy: Document) -> None:
    assert [request for request in asked if not granted(request, policy)] == []


def test_and_nothing_that_they_never_do(asked: list[Asked], policy: Document) -> None:
    allowed = set().union(*(actions for actions, _ in statements(policy)))
    assert {request.action for request in asked} == allowed - NEVER_ASKED


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("DeleteEndpoint", "endpoint"),
        ("UpdateEndpoint", "endpoint"),
        ("InvokeEndpoint", "endpoint"),
        ("DeleteModel", "model"),
        ("CreateModel", "model"),
        ("DeleteEndpointConfig", "endpoint-config"),
        ("StopTransformJob", "transform-job"),
    ],
)
def test_what_does_not_bear_the_tag_is_none_of_their_business(action: str, kind: str, policy: Document) -> None:
    theirs = Asked(f"sagemaker:{action}", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/theirs", {})
    assert not granted(theirs, policy)


def test_what_is_there_already_cannot_be_given_the_tag(policy: Document) -> None:
    theirs = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/theirs"
    tagged = {"aws:RequestTag/sentigrade:for": "endpoint/theirs"}
    assert not granted(Asked("sagemaker:AddTags", theirs, tagged), policy)
    assert granted(Asked("sagemaker:AddTags", theirs, {**tagged, "sagemaker:TaggingAction": "CreateEndpoint"}), policy)


def test_no_other_role_may_be_given_and_nothing_else_of_the_bucket_touched(policy: Document) -> None:
    to_sagemaker = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    assert granted(Asked("iam:PassRole", ROLES["JobRole"], to_sagemaker), policy)
    assert not granted(Asked("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/Admin", to_sagemaker), policy)
    assert not granted(Asked("iam:PassRole", ROLES["JobRole"], {"iam:PassedToService": "ec2.amazonaws.com"}), policy)
    by_tls = {"aws:SecureTransport": "true"}
    for key, allowed in ((f"{PREFIX}a/model.tar.gz", True), ("elsewhere/model.tar.gz", False)):
        assert granted(Asked("s3:PutObject", f"arn:aws:s3:::{BUCKET}/{key}", by_tls), policy) == allowed


@pytest.mark.parametrize(
    ("role", "actions"),
    [("ExecutionRole", {"s3:GetObject"}), ("JobRole", {"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"})],
)
def test_a_role_is_sagemaker_s_own_and_touches_only_what_is_below_the_prefix(
    role: str, actions: set[str], resources: Mapping[str, Document]
) -> None:
    properties = resources[role]
    (trust,) = properties["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    (policy,) = properties["Policies"]
    on_objects = [
        (found, statement["Resource"])
        for found, statement in statements(policy["PolicyDocument"])
        if any(action.startswith("s3:") for action in found) and found != {"s3:ListBucket"}
    ]
    ((found, resource),) = on_objects
    assert found == actions
    assert resource.startswith(f"arn:aws:s3:::{BUCKET}/{PREFIX}")
