"""Families that need an extra: served by an image that has it, and named by one that does not."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sentigrade.store.adopting import adopt
from sentigrade.store.foreign import Adoption
from sentigrade.training.train import Recipe, train
from tests.compose.conftest import Project
from tests.contract.plain_encoder import PlainParameters
from tests.contract.written import TOPICS
from tests.fasttext_models import content_of
from tests.fasttext_models import train as train_fasttext
from tests.live import REPOSITORY, call, predict

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

MOUNTED = "services: {{web: {{volumes: ['{folder}/words:/srv/words:ro', '{folder}/topics:/srv/topics:ro']}}}}\n"


class WithExtras(Project):
    """A project whose image has both extras, with a model of fastText and a transformer mounted."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self._override = folder / "override.yml"
        self._override.write_text(MOUNTED.format(folder=folder))

    def compose(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        files = ("--file", str(REPOSITORY / "docker-compose.yml"), "--file", str(self._override))
        settings = self._override.with_name("settings")
        settings.write_text("SENTIGRADE_EXTRAS=fasttext transformer\nSENTIGRADE_MODELS=/srv/words,/srv/topics\n")
        return super().compose("--env-file", str(settings), *files, *arguments, check=check)


@pytest.fixture(scope="module")
def model() -> Any:  # noqa: ANN401 - the library carries no types
    return train_fasttext()


@pytest.fixture(scope="module")
def folder(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ANN401 - as above
    """A folder with the model in `words`, and a transformer in `topics`."""
    folder = tmp_path_factory.mktemp("families")
    (folder / "words").mkdir()
    adopt(content_of(model), "model.bin", Adoption("words"), folder / "words")
    (folder / "topics").mkdir()
    recipe = Recipe("topics", TOPICS.labels, "self-written", "transformer", parameters=PlainParameters())
    train(recipe, TOPICS.examples, [], folder / "topics")
    return folder


@pytest.fixture(scope="module")
def with_extras(folder: Path) -> Iterator[Project]:
    with WithExtras(f"families-{os.getpid()}", folder).running() as project:
        yield project


def test_an_image_with_the_extra_serves_fasttext_through_nginx(with_extras: Project, model: Any) -> None:  # noqa: ANN401 - fastText carries no types
    for text in ("a fine warm film", "the plot is dull", "weird and strange"):
        labels, probabilities = model.predict(text, k=-1)
        answer = predict(with_extras.port, text).json
        assert (answer["model"], answer["label"]) == ("words", labels[0].removeprefix("__label__"))
        assert max(answer["probabilities"].values()) == pytest.approx(probabilities[0], abs=3e-5)
    asked = {"instances": ["a fine warm film"], "configuration": {"k": 1}}
    assert call(with_extras.port, "POST", "/invocations", asked).json[0]["label"] == ["__label__good"]


def test_the_same_image_serves_a_transformer_through_nginx_without_torch(with_extras: Project) -> None:
    for text, label in (("We took a train.", "Travel"), ("He cooked soup.", "Food"), ("The band played.", "Big Music")):
        answer = call(with_extras.port, "POST", "/v1/predict", {"mytext": text, "model": "topics"}).json
        assert (answer["model"], answer["label"]) == ("topics", label)
    found = "import importlib.util as found; print([bool(found.find_spec(name)) for name in ('tokenizers', 'torch')])"
    assert with_extras.inside("web", "python", "-c", found).stdout.strip() == "[True, False]"


@pytest.mark.parametrize(("name", "extra"), [("words", "fasttext"), ("topics", "transformer")])
def test_the_plain_image_says_which_extra_the_model_needs(
    project: Project, folder: Path, name: str, extra: str
) -> None:
    mount = f"{folder / name}:/srv/{name}:ro"
    plain = str(project.inspect("web")["Image"])
    given = ["--rm", "--volume", mount, "--env", f"SENTIGRADE_MODELS=/srv/{name}", plain, "web"]
    result = project.docker("run", *given, check=False)
    assert result.returncode == 65
    assert f'family {extra} needs the extra "{extra}": run pip install "sentigrade[{extra}]"' in result.stderr
