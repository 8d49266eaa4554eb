"""Labelled files as lines of cleaned text."""

import gzip
from pathlib import Path
from typing import Literal

import pytest

from sentigrade.data.labelled_file import Columns, read_labelled_files
from sentigrade.errors import DataError, SettingError
from sentigrade.model import Model
from sentigrade.sagemaker.jobs import Processing
from sentigrade.sagemaker.processing import clean_files
from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import CleaningProfile

ONE_LABEL = Columns()


class Folders:
    """A job's input, a folder for what is unfinished, and its output."""

    def __init__(self, root: Path) -> None:
        self.source, self.unfinished, self.target = root / "in", root / "unfinished", root / "out"
        for folder in (self.source, self.unfinished, self.target):
            folder.mkdir()

    def put(self, name: str, content: str) -> None:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())

    def clean(
        self,
        columns: Columns = ONE_LABEL,
        *,
        model: str | None = None,
        ordered: tuple[str, ...] = (),
        form: Literal["fasttext", "manifest"] = "fasttext",
    ) -> dict[str, list[str]]:
        """Do the job and return the lines of each file."""
        clean_files(Processing(self.source, self.target, model, columns, ordered, form), self.unfinished)
        return self.written()

    def written(self) -> dict[str, list[str]]:
        files = sorted(path for path in self.target.rglob("*") if path.is_file())
        return {str(path.relative_to(self.target)): path.read_text().splitlines() for path in files}


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_each_row_becomes_a_line_in_its_place(folders: Folders) -> None:
    rows = [("A <b>gorgeous</b>, witty movie!", "So-so"), ("It\u2019s\u2028BAD", "bad"), ("<br>", "bad")]
    folders.put("a.csv", "text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows))
    cleaned = Cleaner(CleaningProfile()).clean([text for text, _ in rows])
    assert cleaned[2] == ""
    assert folders.clean() == {"a.txt": [f"__label__so_so {cleaned[0]}", f"__label__bad {cleaned[1]}", "__label__bad"]}


def test_files_keep_their_names_and_folders(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    folders.put("a.csv.gz", "text,label\nA film,bad\n")
    folders.put("later/b.jsonl", '{"source": "A film", "label": 1}\n' * 2)
    folders.put("c.train", "__label__bad A film\n")
    assert folders.clean() == {
        "a.txt": ["__label__bad a film"],
        "c.train": ["__label__bad a film"],
        "later/b.txt": ["__label__1 a film"] * 2,
    }
    assert capsys.readouterr().out == "a.csv.gz: 1 rows\nc.train: 1 rows\nlater/b.jsonl: 2 rows\n"


def test_a_model_cleans_as_it_was_trained(folders: Folders, model: Model) -> None:
    text = "The film isn't what I'd call not dull."
    folders.put("a.csv", f"text,label\n{text},bad\n")
    (cleaned,) = model.cleaner.clean([text])
    assert folders.clean(model=str(model.folder)) == {"a.txt": [f"__label__bad {cleaned}"]}


def test_ordered_labels_are_known_by_name_and_id(folders: Folders) -> None:
    folders.put("a.csv", "text,label\nA film,So-so\nA film,so_so\n")
    assert folders.clean(ordered=("Bad", "So-so")) == {"a.txt": ["__label__so_so a film"] * 2}


@pytest.mark.parametrize(
    ("rows", "ordered", "reason"),
    [
        ("A film,good\nA film\n", (), "line 3: column 'label' is empty"),
        ("A film,good\nA film,bad\n", ("good", "better"), "line 3: the label 'bad' is not among those that were named"),
        ("A film,good\nA film,Good\n", (), "line 3: the label 'Good' and an earlier one have the same id, good"),
        ("A film,!\n", (), "line 2: the label '!' needs a letter or a digit"),
        ("A film,good\n", ("good", "Good"), "these labels cannot be used: two labels have the same id"),
    ],
)
def test_what_cannot_be_used_is_an_error_and_nothing_is_written(
    rows: str, ordered: tuple[str, ...], reason: str, folders: Folders
) -> None:
    folders.put("a.csv", "text,label\nA film,good\n")
    folders.put("b.csv", f"text,label\n{rows}")
    with pytest.raises(DataError, match=reason):
        folders.clean(ordered=ordered)
    assert folders.written() == {}


def test_all_labels_of_a_row_are_written(folders: Folders) -> None:
    folders.put("a.csv", "text,label\nA film,Funny|so-so\nA <i>bore</i>,\n")
    assert folders.clean(Columns(separator="|")) == {"a.txt": ["__label__funny __label__so_so a film", "a bore"]}


def test_labels_of_a_manifest_are_numbered_by_their_names_over_all_files(
    folders: Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    folders.put("a.csv", "text,label\nA FILM,bad\n<br>,Good\n")
    folders.put("c.train", "__label__awful A film\n")
    assert folders.clean(form="manifest") == {
        "a.jsonl": ['{"source":"a film","label":2}', '{"source":"","label":0}'],
        "c.train.jsonl": ['{"source":"a film","label":1}'],
    }
    assert capsys.readouterr().out == "0 = good\n1 = awful\n2 = bad\na.csv: 2 rows\nc.train: 1 rows\n"


def test_ordered_labels_of_a_manifest_are_numbered_from_worst_to_best(folders: Folders) -> None:
    folders.put("a.csv", "text,label\nA film,So-so\nA film,so_so\nA film,Bad\n")
    lines = folders.clean(ordered=("Bad", "So-so"), form="manifest")["a.jsonl"]
    assert [line[-2] for line in lines] == ["1", "1", "0"]


def test_a_manifest_of_flags_lists_their_numbers_and_is_read_again(folders: Folders) -> None:
    folders.put("a.csv", "text,sad,long,funny\nA film,1,0,1\nA bore,0,0,0\n")
    lines = folders.clean(Columns(flags=("sad", "long", "funny")), form="manifest")
    assert lines == {"a.jsonl": ['{"source":"a film","label":[0,2]}', '{"source":"a bore","label":[]}']}
    rows = read_labelled_files([folders.target / "a.jsonl"], Columns(several=True))
    assert rows == (["a film", "a bore"], [("0", "2"), ()])


def test_a_row_with_several_labels_is_refused_unless_any_number_may_apply(folders: Folders) -> None:
    folders.put("a.jsonl", '{"text": "A film", "label": ["funny", "sad"]}\n')
    with pytest.raises(DataError, match=r"a.jsonl, line 1: there are several labels .*--several"):
        folders.clean()
    with pytest.raises(DataError, match="labels of which several may apply have no order"):
        folders.clean(Columns(several=True), ordered=("funny", "sad"))
    assert folders.written() == {}


@pytest.mark.parametrize("place", ["b.txt", "b.txt/c.txt"])
def test_nothing_that_is_there_is_replaced(place: str, folders: Folders) -> None:
    for name in ("a.csv", "b.csv"):
        folders.put(name, "text,label\nA film,good\n")
    (folders.target / place).parent.mkdir(exist_ok=True)
    (folders.target / place).write_text("Mine.\n")
    with pytest.raises(SettingError, match="b.txt is there already"):
        folders.clean()
    assert folders.written() == {place: ["Mine."]}


def test_where_a_folder_cannot_be_made_no_file_is_moved(folders: Folders) -> None:
    folders.put("a.csv", "text,label\nA film,good\n")
    folders.put("later/b.csv", "text,label\nA film,good\n")
    (folders.target / "later").write_text("Mine.\n")
    with pytest.raises(FileExistsError):
        folders.clean()
    assert folders.written() == {"later": ["Mine."]}


def test_two_files_that_would_become_one_are_refused(folders: Folders) -> None:
    for name in ("a.csv", "a.tsv"):
        folders.put(name, "text,label\nA film,good\n")
    with pytest.raises(DataError, match=r"a.tsv: another file becomes a.txt as well"):
        folders.clean()
