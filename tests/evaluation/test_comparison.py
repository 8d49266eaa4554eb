from functools import partial
from pathlib import Path

import msgspec
import pytest

from sentigrade.data.examples import Examples
from sentigrade.data.labelled_file import Columns
from sentigrade.data.sources import read_to_measure
from sentigrade.errors import DataError, StoreError
from sentigrade.evaluation.comparison import Compared, as_table, compare
from sentigrade.evaluation.report import write_comparison
from sentigrade.labels import Label, LabelSet
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.training.train import Recipe, train
from tests.conftest import SUBJECTS, WORDS_BY_LEVEL


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [
        f"One {word} {subject},{level}"
        for level, words in enumerate(WORDS_BY_LEVEL)
        for word in words
        for subject in SUBJECTS
    ]
    path = tmp_path_factory.mktemp("data") / "asked.csv"
    path.write_text("text,label\n" + "\n".join(rows) + "\n")
    return path


def compared(file: Path, store: Path, *references: str) -> list[Compared]:
    read = partial(read_to_measure, file, Columns())
    return list(
        compare(references, partial(open_model, settings=Settings(store=str(store))), read, max_characters=1000)
    )


@pytest.fixture(scope="module")
def rows(file: Path, small_store: Path) -> list[Compared]:
    return compared(file, small_store, "sentiment", str(small_store / "sentiment" / "1"))


def test_a_model_is_no_better_than_itself(rows: list[Compared]) -> None:
    first, second = rows
    assert first.gain is None
    assert second.gain == (0, 0)
    assert first.figures == second.figures
    assert first.figures.n == 90


def test_costs_are_measured_in_a_process_of_its_own(rows: list[Compared]) -> None:
    for row in rows:
        assert row.cost.one_text_us > 0
        assert row.cost.texts_per_second > 0
        assert 0 < row.cost.memory_mb < 200
        assert 0 < row.cost.file_mb < 0.1


def test_the_table_has_a_row_a_model(rows: list[Compared]) -> None:
    header, _, *lines = as_table(rows)
    assert len(lines) == 2
    assert all(line.startswith("| sentiment@1 | 1.000 [1.000, 1.000] |") for line in lines)
    assert {line.count("|") for line in lines} == {header.count("|")}


def test_a_comparison_is_written_as_json_table_and_plot(rows: list[Compared], tmp_path: Path) -> None:
    write_comparison(rows, tmp_path)
    assert msgspec.json.decode((tmp_path / "comparison.json").read_bytes(), type=list[Compared]) == rows
    assert (tmp_path / "comparison.md").read_text().count("\n") == 4
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_models_of_other_labels_are_not_compared(
    file: Path, small_store: Path, examples: Examples, tmp_path: Path
) -> None:
    names = ("0", "1", "2", "3", "4")
    levels = LabelSet(kind="ordinal", items=tuple(Label(id=f"level_{n}", name=n, polarity=int(n) / 4) for n in names))
    train(Recipe(name="levels", labels=levels, license="self-written"), examples, [], tmp_path)
    with pytest.raises(DataError, match="levels@1 has other labels than the first model"):
        compared(file, small_store, "sentiment", str(tmp_path))


def test_a_model_that_is_not_there_is_an_error(file: Path, small_store: Path) -> None:
    with pytest.raises(StoreError, match="no sentiment@9"):
        compared(file, small_store, "sentiment@9")
