"""A model from S3 in the containers: fetched when the image is built, or when the service starts."""

import json
import os
import pickle
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from sentigrade.manifest import digest_of
from sentigrade.store.opening import open_store
from sentigrade.store.publishing import Publication, Wish, publish
from tests.compose.conftest import Project
from tests.live import DEFAULT_MODEL, REPOSITORY, call, predict
from tests.pipelines import fit
from tests.s3_server import S3Server, s3_server, secret_of

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

# The S3 server listens on this host's loopback; the service itself listens on a socket in a volume.
ON_LOOPBACK = "services: {web: {build: {network: host}, network_mode: host}}\n"
TEXT = "A gorgeous, witty, seductive movie."


class FetchingProject(Project):
    """A project that takes its model from an S3 server, with a reader's credentials in a secrets file."""

    def __init__(self, name: str, folder: Path, s3: S3Server) -> None:
        super().__init__(name)
        self._override = folder / "override.yml"
        self._override.write_text(ON_LOOPBACK)
        self._env_file = folder / "settings"
        self._s3 = s3
        self.set()

    def set(self, **settings: str) -> None:
        """Write the settings, as somebody writes `.env`."""
        fixed = {
            "SENTIGRADE_AWS_CREDENTIALS": str(self._s3.credentials_file("reader")),
            "AWS_ENDPOINT_URL_S3": self._s3.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        self._env_file.write_text("".join(f"{name}={value}\n" for name, value in {**fixed, **settings}.items()))

    def compose(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        files = ("--file", str(REPOSITORY / "docker-compose.yml"), "--file", str(self._override))
        return super().compose("--env-file", str(self._env_file), *files, *arguments, check=check)

    def build(self, model: str) -> "subprocess.CompletedProcess[str]":
        """Build the image of `web` with a model; the result says whether that went well."""
        self.set(SENTIGRADE_BUILD_MODEL=model)
        return self.compose("build", "--progress", "plain", "web", check=False)

    def image_answers(self, model: str) -> dict[str, object]:
        """Return what a container of the image says of a text, without a network."""
        command = ["predict", "--model", model, TEXT]
        result = self.docker("run", "--rm", "--network=none", f"{self.name}-web", *command)
        answer = json.loads(result.stdout)
        assert isinstance(answer, dict)
        return answer


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environ().items():
            patch.setenv(name, value)
        yield server


@pytest.fixture(scope="module")
def published(s3: S3Server) -> list[Publication]:
    """reviews@1 and reviews@2 in the bucket."""
    return [publish(open_store(f"{s3.store}/team"), DEFAULT_MODEL, Wish(name="reviews")) for _ in range(2)]


@pytest.fixture(scope="module")
def fetching(tmp_path_factory: pytest.TempPathFactory, s3: S3Server) -> Iterator[FetchingProject]:
    project = FetchingProject(f"fetching-{os.getpid()}", tmp_path_factory.mktemp("fetching"), s3)
    try:
        yield project
    finally:
        project.compose("down", "--volumes", "--rmi", "local", "--timeout", "1", check=False)


def test_a_build_fetches_the_model_that_its_digest_names(
    fetching: FetchingProject, s3: S3Server, published: list[Publication]
) -> None:
    for publication in (*published, published[0]):  # the digest is part of the key of the build cache
        result = fetching.build(f"{s3.store}/team/{publication.identity}")
        assert result.returncode == 0, result.stderr
        answer = fetching.image_answers("reviews")
        assert (answer["model"], answer["version"]) == ("reviews", publication.version)


def test_the_credentials_are_in_no_layer(
    fetching: FetchingProject, s3: S3Server, published: list[Publication], tmp_path: Path
) -> None:
    fetching.build(f"{s3.store}/team/{published[0].identity}")
    fetching.docker("save", "--output", str(tmp_path / "image.tar"), f"{fetching.name}-web")
    found = set[bytes]()
    with tarfile.open(tmp_path / "image.tar") as image:
        for member in image:
            file = image.extractfile(member)
            found |= sought_in(file, [b'"name": "reviews"', secret_of("reader").encode()]) if file else set()
    assert found == {b'"name": "reviews"'}  # the model's manifest is there to be found


def sought_in(file: IO[bytes], sought: list[bytes]) -> set[bytes]:
    """Return which of the sought bytes are in a file."""
    found, rest = set[bytes](), b""
    while chunk := file.read(16 * 1024 * 1024):
        found |= {some for some in sought if some in rest + chunk}
        rest = chunk[-100:]
    return found


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("{store}/team/reviews@1", "names no digest: set SENTIGRADE_BUILD_MODEL to NAME@VERSION#sha256:DIGEST"),
        ("{store}/team/reviews@1#sha256:" + "0" * 64, "as pinned: not opened"),
        ("{store}/team/reviews@9#sha256:" + "0" * 64, "has no reviews@9; it has reviews@1, reviews@2"),
    ],
)
def test_a_build_without_the_right_digest_fails_and_says_why(
    fetching: FetchingProject, s3: S3Server, published: list[Publication], reference: str, reason: str
) -> None:
    result = fetching.build(reference.format(store=s3.store))
    assert result.returncode != 0
    assert reason in result.stderr + result.stdout


def test_a_build_adopts_a_bare_pickle(fetching: FetchingProject, s3: S3Server, tmp_path: Path) -> None:
    (tmp_path / "spam.pkl").write_bytes(pickle.dumps(fit(["buy now", "see you"], ["spam", "ham"])))
    open_store(s3.store).upload("spam.pkl", tmp_path / "spam.pkl", lambda _: None)
    digest = digest_of((tmp_path / "spam.pkl").read_bytes())
    result = fetching.build(f"{s3.store}/spam.pkl#sha256:{digest}")
    assert result.returncode == 0, result.stderr
    answer = fetching.image_answers("spam")
    assert answer["model"] == "spam"
    assert answer["label"] in ("ham", "spam")


def test_a_service_fetches_its_model_at_the_start_and_keeps_it_for_when_s3_is_away(
    fetching: FetchingProject, s3: S3Server, published: list[Publication]
) -> None:
    fetching.set(SENTIGRADE_STORE=f"{s3.store}/team", SENTIGRADE_MODELS="reviews")
    fetching.compose("build")
    fetching.start()
    assert predict(fetching.port, TEXT).json["model"] == "reviews"
    s3.kill()
    fetching.compose("restart", "web")
    fetching.start()
    assert predict(fetching.port, TEXT).json["model"] == "reviews"
    (model,) = call(fetching.port, "GET", "/v1/models").json["models"]
    assert "the copy that was fetched earlier" in model["notice"]
    assert "cannot be reached" in fetching.compose("logs", "web").stdout
