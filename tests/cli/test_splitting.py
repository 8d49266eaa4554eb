"""Labelled files parted on the command line."""

import json
from pathlib import Path

from tests.cli.running import printed, refusal

HEADER = "comment,toxic,threat\n"
ROWS = [f"Comment {number},{number % 2},{int(number % 4 == 1)}\n" for number in range(20)]


def test_flags_are_parted_into_two_files_that_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "comments.csv").write_text(HEADER + "".join([*ROWS, "COMMENT 1!,1,1\n"]))
    flags = ("--text-column", "comment", "--flags", "toxic,threat")
    said = printed("split", tmp_path / "comments.csv", "--output", tmp_path / "parts", *flags)
    assert said.startswith("comments.csv: 21 rows, 1 of them repeats\n")
    train, test = (tmp_path / "parts" / f"comments.{part}.jsonl" for part in ("train", "test"))
    rows = [json.loads(line) for file in (train, test) for line in file.read_text().splitlines()]
    assert said.endswith(f"{test}: {len(test.read_text().splitlines())} rows\n")
    assert sorted(map(str, (row["label"] for row in rows))) == sorted(
        ["[]"] * 10 + ["['toxic']"] * 5 + ["['toxic', 'threat']"] * 6
    )
    again = printed("split", train, "--output", tmp_path / "again", "--several", "--share", "0.5")
    assert f"comments.train.jsonl: {len(train.read_text().splitlines())} rows" in again


def test_a_label_that_occurs_once_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\nA,good\nB,good\nC,bad\n")
    said = refusal("split", tmp_path / "a.csv", "--output", tmp_path / "out")
    assert "the label 'bad' has too few different texts for two parts (1): add some" in said
