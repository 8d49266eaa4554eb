import json
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from msgspec.structs import replace

from sentigrade.data.examples import Examples
from sentigrade.data.labelled_file import Columns
from sentigrade.data.sources import read_to_measure
from sentigrade.errors import DataError, StoreError
from sentigrade.evaluation.comparison import Compared, as_table, compare
from sentigrade.evaluation.report import write_comparison
from sentigrade.labels import Label, LabelSet
from sentigrade.manifest import Manifest
from sentigrade.model_folder import read_manifest, write_manifest
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.training.train import Recipe, train
from sentigrade.trust import Trust
from tests.conftest import SUBJECTS, WORDS_BY_LEVEL
from tests.evaluation.conftest import WORDS_BY_ASPECT, speaking_of_aspects


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
    assert msgspec.json.decode((tmp_path / "comparison.json").read_bytes()) == msgspec.json.decode(
        msgspec.json.encode(rows)
    )
    assert (tmp_path / "comparison.md").read_text().count("\n") == 4
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_models_of_other_labels_are_not_compared(
    file: Path, small_store: Path, examples: Examples, tmp_path: Path
) -> None:
    names = ("0", "1", "2", "3", "4")
    levels = LabelSet(kind="ordinal", items=tuple(Label(id=f"level_{n}", name=n, polarity=int(n) / 4) for n in names))
    train(Recipe(name="levels", labels=levels, license="self-written"), examples, [], tmp_path)
    with pytest.raises(
        DataError, match=r"levels@1 has other labels \(level_0, .*\) than the first model \(negative, .*\): "
    ):
        compared(file, small_store, "sentiment", str(tmp_path))


def test_a_model_that_is_not_there_is_an_error(file: Path, small_store: Path) -> None:
    with pytest.raises(StoreError, match="no sentiment@9"):
        compared(file, small_store, "sentiment@9")


class Several(NamedTuple):
    """A comparison of multi-label models, which ends with the refusal of a model that gives one label."""

    rows: list[Compared]
    refusal: str


@pytest.fixture(scope="module")
def several(aspects_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Several:
    folder = tmp_path_factory.mktemp("aspects")
    examples = speaking_of_aspects("asked", "He hears")
    names = list(WORDS_BY_ASPECT)
    lines = [
        json.dumps({"text": text, "label": [name for name, applies in zip(names, row, strict=True) if applies]})
        for text, row in zip(examples.texts, examples.labels, strict=True)
    ]
    (folder / "asked.jsonl").write_text("\n".join(lines))
    references = (str(aspects_folder), str(aspects_folder), str(one_label_of(aspects_folder, folder / "one")))
    read = partial(read_to_measure, folder / "asked.jsonl", Columns())
    models = compare(references, partial(open_model, settings=Settings()), read, max_characters=1000)
    rows = [next(models), next(models)]
    with pytest.raises(DataError) as refusal:
        next(models)
    return Several(rows, str(refusal.value))


def one_label_of(source: Path, folder: Path) -> Path:
    """Copy a multi-label model so that it gives the most probable label alone."""
    folder.mkdir()
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    manifest, _ = read_manifest(source, Trust())
    write_manifest(alternatives(manifest), folder)
    return folder


def alternatives(manifest: Manifest) -> Manifest:
    labels = LabelSet(kind="nominal", items=tuple(replace(label, threshold=None) for label in manifest.labels.items))
    return replace(manifest, name="one", labels=labels, calibration=replace(manifest.calibration, method="softmax"))


def test_multilabel_models_are_compared_by_their_mean_auc(several: Several, tmp_path: Path) -> None:
    header, _, first, second = as_table(several.rows)
    assert header.startswith("| model | mean AUC | more than the first | exact match | micro-F1 | log loss | ECE minus")
    assert first.startswith("| aspects@1 | 1.000 [1.000, 1.000] |  |")
    assert second.startswith("| aspects@1 | 1.000 [1.000, 1.000] | [+0.000, +0.000] |")
    write_comparison(several.rows, tmp_path)
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_a_model_that_gives_one_label_is_not_compared_with_one_that_gives_any_number(several: Several) -> None:
    assert several.refusal.startswith("only one of one@1 and the first model gives any number of labels")
