"""Fixtures that many tests share: a small model, really trained on sentences written for it, and servers like AWS's."""

import os
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from uuid import uuid4

import botocore.session
import hypothesis
import pytest

from sentigrade.data.examples import Examples
from sentigrade.labels import FIVE_LEVELS
from sentigrade.model import Model, load_model
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.store.local import LocalObjects
from sentigrade.store.publishing import publish
from sentigrade.training.train import Recipe, train
from tests.aws_server import AwsServer, aws_server
from tests.environment import set_variables
from tests.s3_server import S3Server, s3_server

# Folds of a few sentences are fitted one after the other: starting processes would take longer than all of the work.
os.environ["LOKY_MAX_CPU_COUNT"] = "1"

# botocore reads megabytes of descriptions of services for each client, which takes longer than most tests: here once.
botocore.session.create_loader = cache(botocore.session.create_loader)

# Time is measured by the bench, not by tests on machines that others use too.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

WORDS_BY_LEVEL = (
    ("dreadful", "horrid", "unbearable"),
    ("weak", "dull", "clumsy"),
    ("ordinary", "plain", "usual"),
    ("pleasant", "decent", "likeable"),
    ("wonderful", "brilliant", "superb"),
)
SUBJECTS = ("film", "plot", "cast", "score", "ending", "script")


@pytest.fixture(scope="session")
def examples() -> Examples:
    """Ninety self-written sentences of five levels."""
    rows = [
        (f"The {subject} isn't what I'd call not {word}.", level)
        for level, words in enumerate(WORDS_BY_LEVEL)
        for word, subject in product(words, SUBJECTS)
    ]
    return Examples.of_whole_texts("written", [text for text, _ in rows], [level for _, level in rows])


@pytest.fixture(scope="session")
def small_store(examples: Examples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one promoted model, sentiment@1. Treat it as read-only."""
    folder, store = tmp_path_factory.mktemp("trained"), tmp_path_factory.mktemp("store")
    train(Recipe(name="sentiment", labels=FIVE_LEVELS, license="self-written"), examples, [], folder)
    publish(LocalObjects(store), folder)
    return store


@pytest.fixture(scope="session")
def two_versions(small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two versions of the small model. Treat it as read-only."""
    store = tmp_path_factory.mktemp("versions")
    for _ in range(2):
        publish(LocalObjects(store), small_store / "sentiment" / "1")
    return store


@pytest.fixture(scope="session")
def model(small_store: Path) -> Model:
    return open_model("sentiment", Settings(store=str(small_store)))


@pytest.fixture
def model_folder(small_store: Path, tmp_path: Path) -> Path:
    """A copy of the small model that a test may damage."""
    source = small_store / "sentiment" / "1"
    folder = tmp_path / "sentiment" / "1"
    folder.mkdir(parents=True)
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    assert load_model(folder)
    return folder


@pytest.fixture(scope="session")
def scorer(model: Model) -> Scorer:
    scorer = Scorer(model, max_characters=1000).prepare()
    scorer.start()
    return scorer


@pytest.fixture(scope="session")
def s3_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The server that all tests share; ask for `s3`."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(s3_of_all: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The S3 server, with its publisher's credentials in the environment. Do not stop it; start your own for that."""
    set_variables(monkeypatch, s3_of_all.environ())
    return s3_of_all


@pytest.fixture
def s3_address(s3: S3Server) -> str:
    """The address of an empty store of this test's own."""
    return f"{s3.store}/{uuid4().hex}"


@pytest.fixture(scope="session")
def aws_of_all(s3_of_all: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsServer]:
    """What answers as AWS does to all tests; ask for `aws`."""
    with aws_server(tmp_path_factory.mktemp("aws"), s3_of_all) as server:
        yield server


@pytest.fixture
def aws(aws_of_all: AwsServer, monkeypatch: pytest.MonkeyPatch) -> AwsServer:
    """AWS, with credentials for it in the environment; it does what it should until it is told otherwise."""
    set_variables(monkeypatch, aws_of_all.environ)
    aws_of_all.tell()
    return aws_of_all
