import gzip
from pathlib import Path

import pytest

from sentigrade.data.sst5 import is_sst5, parse_tree, read_held_out, read_train
from sentigrade.errors import DataError

TREE = "(3 (2 (2 A) (3 (3 (2 -LRB-) (3 gem)) (2 -RRB-))) (2 .))"
TABLE = (
    "sentence_id\tphrase\tlabel\tis_sentence\n"
    '1\tA " gem\t3\t1\n1\tA\t2\t0\n1\tgem\t3\t0\n2\ta " GEM !\t3\t1\n3\tA bore\t1\t1\n'
)


def write_table(path: Path, content: str) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(content)


def test_a_tree_holds_its_sentence_and_every_phrase_inside() -> None:
    phrases = {phrase.text: (phrase.label, phrase.is_sentence) for phrase in parse_tree(TREE, 1)}
    assert phrases["A ( gem ) ."] == (3, True)
    assert phrases["A ( gem )"] == (2, False)
    assert phrases["("] == (2, False)
    assert len(phrases) == 9


def test_a_phrase_that_stands_twice_in_a_sentence_is_one() -> None:
    assert [phrase.text for phrase in parse_tree("(2 (3 good) (3 good))", 1)] == ["good", "good good"]


@pytest.mark.parametrize("line", ["(3 (2 A) (4 gem)", "3 A gem)", "(7 (2 A))", "(x A)", "A gem", "(", "(2 A) (2 B)"])
def test_a_line_that_is_no_tree_is_refused_with_its_number(line: str, tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text(f"{TREE}\n{line}\n")
    with pytest.raises(DataError, match=r"train.txt, line 2: not a tree"):
        read_train(tmp_path)


def test_what_the_treebank_cuts_off_is_joined_again(tmp_path: Path) -> None:
    assert [phrase.text for phrase in parse_tree("(2 (2 I) (2 (2 'm) (2 fine)))", 1)] == [
        "I",
        "'m",
        "fine",
        "'m fine",
        "I'm fine",
    ]
    write_table(tmp_path / "dev.tsv.gz", "text\tlabel\nI 've seen 've\t2\n")
    dev = read_held_out(tmp_path, "dev")
    assert dev is not None
    assert dev.texts == ["I've seen've"]


def test_trees_and_tables_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "trees").mkdir()
    (tmp_path / "trees" / "train.txt").write_text("(3 (2 A) (3 gem))\n(1 (2 A) (1 bore))\n")
    (tmp_path / "trees" / "dev.txt").write_text("(3 (2 A) (3 gem))\n")
    (tmp_path / "tables").mkdir()
    rows = "1\tA\t2\t0\n1\tgem\t3\t0\n1\tA gem\t3\t1\n2\tA\t2\t0\n2\tbore\t1\t0\n2\tA bore\t1\t1\n"
    write_table(tmp_path / "tables" / "train_phrases.tsv.gz", "sentence_id\tphrase\tlabel\tis_sentence\n" + rows)
    write_table(tmp_path / "tables" / "dev.tsv.gz", "text\tlabel\nA gem\t3\n")
    for part in (read_train, lambda folder: read_held_out(folder, "dev")):
        trees, tables = part(tmp_path / "trees"), part(tmp_path / "tables")
        assert trees is not None
        assert tables is not None
        assert trees.sha256() == tables.sha256()


def test_phrases_are_grouped_by_sentence_and_repeated_sentences_together(tmp_path: Path) -> None:
    write_table(tmp_path / "train_phrases.tsv.gz", TABLE)
    examples = read_train(tmp_path)
    assert examples.texts[0] == 'A " gem'
    assert examples.groups.tolist() == [0, 0, 0, 0, 1]
    assert examples.whole.tolist() == [True, False, False, True, True]


@pytest.mark.parametrize(("row", "reason"), [("1\tA gem\t3", "3 columns"), ("1\tA gem\t5\t1", "level must be 0")])
def test_a_bad_row_is_refused_with_its_number(row: str, reason: str, tmp_path: Path) -> None:
    write_table(tmp_path / "train_phrases.tsv.gz", TABLE + row + "\n")
    with pytest.raises(DataError, match=f"line 7: .*{reason}"):
        read_train(tmp_path)


def test_a_split_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_held_out(tmp_path, "test") is None


def test_another_train_txt_is_not_the_treebank(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("__label__good A fine film\n")
    assert not is_sst5(tmp_path)
    (tmp_path / "train.txt").write_text(f"{TREE}\n")
    assert is_sst5(tmp_path)
