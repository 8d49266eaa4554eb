"""Families that need an extra: served by an image that has it, and named by one that does not."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sentigrade.store.adopting import adopt
from sentigrade.store.foreign import Adoption
from tests.compose.conftest import Project
from tests.fasttext_models import content_of, train
from tests.live import REPOSITORY, call, predict

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

MOUNTED = "services: {{web: {{volumes: ['{folder}:/srv/words:ro']}}}}\n"


class FastTextProject(Project):
    """A project whose image has the extra, with a model of fastText mounted."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self._override = folder / "override.yml"
        self._override.write_text(MOUNTED.format(folder=folder / "words"))

    def compose(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        files = ("--file", str(REPOSITORY / "docker-compose.yml"), "--file", str(self._override))
        settings = self._override.with_name("settings")
        settings.write_text("SENTIGRADE_EXTRAS=fasttext\nSENTIGRADE_MODELS=/srv/words\n")
        return super().compose("--env-file", str(settings), *files, *arguments, check=check)


@pytest.fixture(scope="module")
def model() -> Any:  # noqa: ANN401 - the library carries no types
    return train()


@pytest.fixture(scope="module")
def folder(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ANN401 - as above
    """A folder with the model in `words`."""
    folder = tmp_path_factory.mktemp("families")
    (folder / "words").mkdir()
    adopt(content_of(model), "model.bin", Adoption("words"), folder / "words")
    return folder


@pytest.fixture(scope="module")
def with_extra(folder: Path) -> Iterator[Project]:
    with FastTextProject(f"families-{os.getpid()}", folder).running() as project:
        yield project


def test_an_image_with_the_extra_serves_fasttext_through_nginx(with_extra: Project, model: Any) -> None:  # noqa: ANN401 - fastText carries no types
    for text in ("a fine warm film", "the plot is dull", "weird and strange"):
        labels, probabilities = model.predict(text, k=-1)
        answer = predict(with_extra.port, text).json
        assert (answer["model"], answer["label"]) == ("words", labels[0].removeprefix("__label__"))
        assert max(answer["probabilities"].values()) == pytest.approx(probabilities[0], abs=3e-5)
    asked = {"instances": ["a fine warm film"], "configuration": {"k": 1}}
    assert call(with_extra.port, "POST", "/invocations", asked).json[0]["label"] == ["__label__good"]


def test_the_plain_image_says_which_extra_the_model_needs(project: Project, folder: Path) -> None:
    mount = f"{folder / 'words'}:/srv/words:ro"
    plain = str(project.inspect("web")["Image"])
    given = ["--rm", "--volume", mount, "--env", "SENTIGRADE_MODELS=/srv/words", plain, "web"]
    result = project.docker("run", *given, check=False)
    assert result.returncode == 65
    assert 'family fasttext needs the extra "fasttext": run pip install "sentigrade[fasttext]"' in result.stderr
