"""Each case's model, made once for all tests; only one is there at a time."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentigrade.model import Model, load_model
from sentigrade.scorer import Scorer
from tests.contract.cases import CASES, Case, cases
from tests.contract.written import LONGEST_TEXT


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests of this folder by their case: pytest itself does so only among tests of the same list of cases."""
    places = [place for place, item in enumerate(items) if _case_of(item)]
    for place, item in zip(places, sorted((items[place] for place in places), key=_case_of), strict=True):
        items[place] = item


def _case_of(item: pytest.Item) -> int:
    """Return the number of the case that a test is for, 0 for none."""
    case = item.callspec.params.get("case") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    return CASES.index(case) + 1 if isinstance(case, Case) else 0


@pytest.fixture(scope="package", params=cases())
def case(request: pytest.FixtureRequest) -> Case:
    case: Case = request.param
    return case


@pytest.fixture(scope="package")
def folder(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The model folder of the case; treat it as read-only."""
    folder = tmp_path_factory.mktemp("contract")
    with case.made(folder):
        yield folder


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A copy of the model folder, which a test may change."""
    return shutil.copytree(folder, tmp_path / "copy")


@pytest.fixture(scope="package")
def model(folder: Path) -> Model:
    return load_model(folder)


@pytest.fixture(scope="package")
def scorer(model: Model) -> Scorer:
    return ready(model)


@pytest.fixture(scope="package")
def texts(case: Case) -> list[str]:
    """More texts than are scored at once, no two of them the same."""
    own = case.written.examples.texts
    return [f"{text} {number}" for number, text in enumerate(own * (300 // len(own) + 1))]


def ready(model: Model) -> Scorer:
    scorer = Scorer(model, max_characters=LONGEST_TEXT).prepare()
    scorer.start()
    return scorer
