"""What the pages expect of AWS: a bucket with reviews, one with a store of models, an endpoint."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from sentigrade.store.opening import open_store
from sentigrade.store.publishing import publish
from tests.endpoint_server import endpoint_server
from tests.environment import set_variables
from tests.live import DEFAULT_MODEL, REPOSITORY
from tests.s3_server import S3Server

IN_S3 = ("README.md", "docs/model-store.md")
TOPICS = ["World", "Sports", "Business", "1"]


@contextmanager
def running_for(page: str, request: pytest.FixtureRequest) -> Iterator[Mapping[str, str]]:
    """Have what a page expects, and yield the environment variables that lead there."""
    if page in IN_S3:
        server: S3Server = request.getfixturevalue("s3_of_all")
        _fill(server)
        yield server.environ("owner")
    elif page == "docs/endpoint.md":
        with endpoint_server(_topics) as endpoint:
            yield endpoint.environ
    else:
        yield {}


def _fill(server: S3Server) -> None:
    with pytest.MonkeyPatch.context() as owner:
        set_variables(owner, server.environ("owner"))
        reviews = b"id,review\n1,A warm and funny film.\n2,An utter bore.\n"
        open_store("s3://my-reviews/2026").write("05.csv", reviews, over=None)
        # An owner's first object makes the bucket.
        open_store("s3://my-results").write("made", b"", over=None)
        store = open_store("s3://bucket/prefix")
        store.write("made", b"", over=None)
        publish(store, DEFAULT_MODEL)
        for _ in range(2):
            publish(store, REPOSITORY / "model_store/toxicity/1")


def _topics(body: bytes) -> bytes:
    """Answer every text as BlazingText would that finds the first topic likeliest."""
    answer = {"label": [f"__label__{topic}" for topic in TOPICS], "prob": [0.4, 0.3, 0.2, 0.1]}
    return json.dumps([answer for _ in json.loads(body)["instances"]]).encode()
