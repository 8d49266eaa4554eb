"""The ways of classifying that the contract is held against: a family is an entry, or one for each of its kinds."""

import tarfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from sentigrade.classifiers.families import WITHOUT_FILE
from sentigrade.labels import LabelSet
from sentigrade.model import load_model
from sentigrade.scorer import Scorer
from sentigrade.store.adopting import adopt
from sentigrade.store.adopting_endpoint import EndpointAdoption, adopt_endpoint
from sentigrade.store.foreign import Adoption
from sentigrade.training.families import parameters_of
from sentigrade.training.learning import Parameters
from sentigrade.training.train import Recipe, train
from tests.contract import plain_encoder, plain_network
from tests.contract.written import GRADES, LONGEST_TEXT, TONES, TOPICS, Written
from tests.endpoint_server import REGION, as_blazingtext, endpoint_server


@dataclass(frozen=True)
class Case:
    """One way of classifying.

    made            makes its model in an empty folder, which answers while the block runs
    recipe          how it is trained, None for one that comes from elsewhere
    extra           the extra that brings what serving needs
    libraries       what serving it imports that not every model needs
    names_labels    whether its model file says which column of the scores is which label's
    """

    name: str
    family: str
    written: Written
    made: Callable[[Path], AbstractContextManager[object]]
    recipe: Callable[[], Recipe] | None = None
    extra: str | None = None
    libraries: tuple[str, ...] = ()
    names_labels: bool = False
    marks: tuple[pytest.MarkDecorator, ...] = ()

    @property
    def labels(self) -> LabelSet:
        return self.written.labels

    @property
    def has_file(self) -> bool:
        """Whether its numbers lie in a file of its folder."""
        return self.family not in WITHOUT_FILE


def trained(
    name: str,
    family: str,
    written: Written,
    parameters: Callable[[], Parameters] | None = None,
    *,
    extra: str | None = None,
    libraries: tuple[str, ...] = (),
    names_labels: bool = False,
    marks: tuple[pytest.MarkDecorator, ...] = (),
    **given: object,
) -> Case:
    """Return the case of a model that is trained here, with what is `given` of the parameters of its family.

    Parameters are made when they are used: a family's libraries are not everywhere.
    """

    def recipe() -> Recipe:
        chosen = parameters() if parameters else parameters_of(family, given)
        return Recipe("contract", written.labels, "self-written", family, parameters=chosen)

    @contextmanager
    def made(folder: Path) -> Iterator[None]:
        train(recipe(), written.examples, [], folder)
        yield

    return Case(name, family, written, made, recipe, extra, libraries, names_labels, marks)


def behind_endpoint(name: str, served: Case) -> Case:
    """Return the case of an endpoint that answers with the model of another case."""

    @contextmanager
    def made(folder: Path) -> Iterator[None]:
        adopt_endpoint(EndpointAdoption("contract", "behind", REGION, served.labels), folder)
        with TemporaryDirectory() as other, served.made(Path(other)), pytest.MonkeyPatch.context() as environ:
            scorer = Scorer(load_model(Path(other)), max_characters=10 * LONGEST_TEXT)  # of cleaned text
            with endpoint_server(as_blazingtext(scorer)) as server:
                for variable, value in server.environ.items():
                    environ.setenv(variable, value)
                yield

    return Case(name, "endpoint", served.written, made, libraries=("boto3", "botocore"), names_labels=True)


def from_blazingtext(name: str, other: Case) -> Case:
    """Return the case of the model of another case that comes back as a job of BlazingText would leave it."""

    @contextmanager
    def made(folder: Path) -> Iterator[None]:
        with TemporaryDirectory() as trained_in, other.made(Path(trained_in)):
            content = packed(Path(trained_in) / "model.bin")
        adopt(content, "model.tar.gz", Adoption("contract", other.labels.names), folder)
        yield

    return replace(other, name=name, made=made, recipe=None)


def packed(file: Path) -> bytes:
    archive = BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        tar.add(file, file.name)
    return archive.getvalue()


LINEAR = trained("linear", "linear", TOPICS)
LINEAR_TONES = trained("linear multi-label", "linear", TONES, names_labels=True)
# A model of fastText that is trained in no time.
_SMALL: dict[str, Any] = {
    "extra": "fasttext",
    "libraries": ("fasttext",),
    "names_labels": True,
    "dimensions": 8,
    "bucket": 500,
    "epochs": 20,
}
_ENCODER: dict[str, Any] = {
    "extra": "transformer",
    "libraries": ("onnxruntime", "tokenizers"),
    "names_labels": True,
}
FASTTEXT = trained("fasttext", "fasttext", TOPICS, **_SMALL)

CASES = (
    LINEAR,
    trained("linear ordinal", "linear", GRADES),
    trained("linear naive Bayes", "linear", TOPICS, naive_bayes=0.5),
    LINEAR_TONES,
    trained("embedding plain", "embedding", TOPICS, plain_network.PlainParameters),
    trained("embedding plain multi-label", "embedding", TONES, plain_network.PlainParameters),
    trained("embedding trained", "embedding", TOPICS, marks=(pytest.mark.torch,), dimensions=8),
    trained("embedding trained multi-label", "embedding", TONES, marks=(pytest.mark.torch,), dimensions=8),
    FASTTEXT,
    trained("fasttext one-vs-all", "fasttext", TONES, **_SMALL),
    trained("fasttext quantised", "fasttext", TOPICS, quantise=True, **_SMALL),
    from_blazingtext("fasttext from BlazingText", FASTTEXT),
    trained("transformer plain", "transformer", TOPICS, plain_encoder.PlainParameters, **_ENCODER),
    trained("transformer plain multi-label", "transformer", TONES, plain_encoder.PlainParameters, **_ENCODER),
    behind_endpoint("endpoint", LINEAR),
    behind_endpoint("endpoint multi-label", LINEAR_TONES),
)


def cases(wanted: Callable[[Case], bool] = lambda _case: True, *, each_family: bool = False) -> list[ParameterSet]:
    """Return the cases that are wanted, of `each_family` the first alone, as values of the fixture `case`."""
    found = [case for case in CASES if wanted(case)]
    if each_family:
        found = [*{case.family: case for case in reversed(found)}.values()]
    return [pytest.param(case, id=case.name, marks=case.marks) for case in found]
