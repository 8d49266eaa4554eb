"""Whether the policy of batch jobs allows what a job asks of S3, found out by asking a real server."""

import json
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import msgspec
import pytest

from sentigrade.store.opening import open_store
from tests.deploy.test_templates import Document, statements
from tests.environment import set_variables
from tests.live import REPOSITORY
from tests.s3_permissions import ACTIONS
from tests.s3_server import BUCKET, S3Server

POLICY = REPOSITORY / "deploy" / "eks" / "batch" / "policy.json"

# Its output is so long that it is sent in parts.
REVIEWS = "text,note\n" + f"A superb film with a plot that holds.,{'n' * 1000}\n" * 9_000


class Request(NamedTuple):
    """A request to S3: what is done to an object, or to the names that begin with a prefix."""

    operation: str
    bucket: str
    key: str | None
    prefix: str | None


@pytest.fixture(scope="module")
def root() -> str:
    """Where in the bucket this module has its source and its sink."""
    return uuid4().hex


@pytest.fixture(scope="module")
def requests(
    root: str, s3_of_all: S3Server, small_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> set[Request]:
    """All that two runs of a job ask for: one that scores, and one that finds it done."""
    recorded = tmp_path_factory.mktemp("recorded") / "requests"
    with pytest.MonkeyPatch.context() as patch:
        set_variables(patch, s3_of_all.environ())
        open_store(f"s3://{BUCKET}/{root}/reviews").write("day.csv", REVIEWS.encode(), over=None)
    job = ["batch", f"s3://{BUCKET}/{root}/reviews/", f"s3://{BUCKET}/{root}/scored/", "--store", str(small_store)]
    for _ in range(2):
        command = [sys.executable, "-m", "tests.deploy.recording", str(recorded), *job]
        subprocess.run(command, cwd=REPOSITORY, env=s3_of_all.environ(), check=True, capture_output=True)
    return {msgspec.json.decode(line, type=Request) for line in recorded.read_text().splitlines()}


def policy(root: str) -> Document:
    """The policy, for the buckets and prefixes of this module."""
    written = POLICY.read_text().replace("SOURCE-BUCKET", BUCKET).replace("SINK-BUCKET", BUCKET)
    read: Document = json.loads(written.replace("reviews/", f"{root}/reviews/").replace("scored/", f"{root}/scored/"))
    return read


def granted(request: Request, policy: Document) -> bool:
    """Whether a statement allows a request."""
    for actions, statement in statements(policy):
        place = f"arn:aws:s3:::{request.bucket}" + (f"/{request.key}" if request.key else "")
        prefix = statement["Condition"].get("StringLikeIfExists", {}).get("s3:prefix", "*")
        is_named = fnmatchcase(place, statement["Resource"]) and fnmatchcase(request.prefix or "", prefix)
        if ACTIONS[request.operation] in actions and is_named:
            return True
    return False


def test_the_policy_allows_all_that_a_job_asks_for(requests: set[Request], root: str) -> None:
    assert [request for request in requests if not granted(request, policy(root))] == []


def test_a_job_asks_for_all_that_the_policy_allows(requests: set[Request], root: str) -> None:
    """But for giving up an upload, which only one that fails does."""
    allowed = set().union(*(actions for actions, _ in statements(policy(root))))
    assert {ACTIONS[request.operation] for request in requests} == allowed - {"s3:AbortMultipartUpload"}
    assert "CompleteMultipartUpload" in {request.operation for request in requests}


@pytest.mark.parametrize("key", ["reviews/day.csv", "scored/day.csv"])
def test_neither_the_source_may_be_written_to_nor_anything_beside_the_sink(key: str, root: str) -> None:
    assert granted(Request("GetObject", BUCKET, f"{root}/{key}", None), policy(root))
    assert granted(Request("PutObject", BUCKET, f"{root}/{key}", None), policy(root)) == key.startswith("scored/")
    assert not granted(Request("PutObject", BUCKET, f"elsewhere/{key}", None), policy(root))
