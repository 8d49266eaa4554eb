"""The Stanford Sentiment Treebank with its five levels (Socher et al., EMNLP 2013).

A folder holds either the official Penn trees (train.txt, dev.txt, test.txt) or the same as tables
(train_phrases.tsv.gz: sentence_id, phrase, label, is_sentence; dev.tsv.gz and test.tsv.gz: text, label). Training
rows are all phrases of the train trees; dev and test are whole sentences.
"""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentigrade.data.examples import Examples, group_repeats
from sentigrade.errors import DataError

# Opens a node with its level, is a word, or closes a node.
_NODE = re.compile(r"\(([0-4])(?= )|([^\s()]+)|(\))")
_DETACHED_CLITIC = re.compile(r"(?<=[A-Za-z]) (?='(?:ve|m)\b)")
_ESCAPES = {"-LRB-": "(", "-RRB-": ")", r"\/": "/", r"\*": "*"}


class Phrase(NamedTuple):
    """A node of a tree."""

    sentence: int
    text: str
    label: int
    is_sentence: bool


def is_sst5(folder: Path) -> bool:
    """Whether a folder holds the treebank in one of the two forms."""
    return _holds_trees(folder / "train.txt") or (folder / "train_phrases.tsv.gz").is_file()


def _holds_trees(path: Path) -> bool:
    """Whether a file, if there is one, begins like trees do: others call theirs train.txt too."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(1) == b"("


def read_train(folder: Path) -> Examples:
    """Return every phrase of the train trees, grouped by sentence; repeated sentences share a group."""
    trees = folder / "train.txt"
    phrases = list(_phrases_of_trees(trees) if trees.is_file() else _phrases_of_table(folder / "train_phrases.tsv.gz"))
    sentences = {phrase.sentence: phrase.text for phrase in phrases if phrase.is_sentence}
    group_of = dict(zip(sentences, group_repeats(list(sentences.values())).tolist(), strict=True))
    return Examples(
        name="sst5/train",
        texts=[phrase.text for phrase in phrases],
        labels=np.array([phrase.label for phrase in phrases], dtype=np.int64),
        groups=np.array([group_of[phrase.sentence] for phrase in phrases], dtype=np.int64),
        whole=np.array([phrase.is_sentence for phrase in phrases], dtype=np.bool_),
    )


def read_held_out(folder: Path, split: str) -> Examples | None:
    """Return the sentences of `dev` or `test`, None where the folder has no such file."""
    trees, table = folder / f"{split}.txt", folder / f"{split}.tsv.gz"
    if trees.is_file():
        rows = [(phrase.text, phrase.label) for phrase in _phrases_of_trees(trees) if phrase.is_sentence]
    elif table.is_file():
        rows = [
            (_join_clitics(text), _level(label, table, line)) for line, (text, label) in _table_rows(table, columns=2)
        ]
    else:
        return None
    return Examples.of_whole_texts(f"sst5/{split}", [text for text, _ in rows], [label for _, label in rows])


def parse_tree(line: str, sentence: int) -> Iterator[Phrase]:
    """Yield the phrases of one Penn tree such as `(3 (2 A) (4 gem))`, each different one once.

    Raises ValueError for a line that is not such a tree.
    """
    words: list[str] = []
    opened: list[tuple[int, int]] = []  # level, index of the first word
    seen: set[str] = set()
    complete = False
    for level, word, _ in _NODE.findall(line):
        if complete or not (opened or level):
            raise ValueError("words outside the tree")
        if level:
            opened.append((int(level), len(words)))
        elif word:
            words.append(_unescape(word))
        else:
            label, start = opened.pop()
            complete = not opened
            text = _join_clitics(" ".join(words[start:]))
            if text not in seen:
                seen.add(text)
                yield Phrase(sentence, text, label, is_sentence=complete)
    if not complete:
        raise ValueError("a bracket is not closed")


def _unescape(word: str) -> str:
    for escape, character in _ESCAPES.items():
        word = word.replace(escape, character)
    return word


def _join_clitics(text: str) -> str:
    """Undo a cut of the treebank: people write "I've", and spaCy parts that unlike a "'ve" that stands alone."""
    return _DETACHED_CLITIC.sub("", text)


def _phrases_of_trees(path: Path) -> Iterator[Phrase]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield from parse_tree(line, number)
                except ValueError:
                    raise DataError(f"{path}, line {number}: not a tree such as (3 (2 A) (4 gem))") from None


def _phrases_of_table(path: Path) -> Iterator[Phrase]:
    for line, (sentence, text, label, is_sentence) in _table_rows(path, columns=4):
        yield Phrase(int(sentence), _join_clitics(text), _level(label, path, line), is_sentence == "1")


def _table_rows(path: Path, *, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Yield line numbers and rows of a table without quoting, after its header."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        next(lines, None)
        for number, line in enumerate(lines, start=2):
            row = line.rstrip("\n").split("\t")
            if len(row) != columns:
                raise DataError(f"{path}, line {number}: {len(row)} columns where {columns} were expected")
            yield number, row


def _level(label: str, path: Path, line: int) -> int:
    if label not in ("0", "1", "2", "3", "4"):
        raise DataError(f"{path}, line {line}: the level must be 0, 1, 2, 3 or 4")
    return int(label)
