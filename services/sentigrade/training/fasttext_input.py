"""What fastText learns from: lines with labels, and word vectors."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from sentigrade.classifiers.fasttext_layout import NO_LABEL
from sentigrade.data.examples import group_repeats
from sentigrade.data.fasttext_file import format_line
from sentigrade.data.word_vectors import read_word_vectors
from sentigrade.errors import DataError
from sentigrade.labels import FASTTEXT_PREFIX
from sentigrade.training.holding_back import hold_back
from sentigrade.training.learning import TrainingTexts


def training_lines(texts: TrainingTexts, *, seed: int) -> list[str]:
    """Return a line for each text with its labels, in random order: fastText goes through them as they stand.

    Raises DataError for a label that no text has.
    """
    ids = texts.labels.ids
    lines, seen = [], set()
    for cleaned, positions in texts.applying():
        labels = [ids[position] for position in positions]
        seen.update(labels)
        lines.append(format_line(labels or [NO_LABEL], cleaned))
    if missing := [label for label in ids if label not in seen]:
        raise DataError(f"no training text has the label {missing[0]}: give it some, or leave it out")
    return [lines[position] for position in np.random.default_rng(seed).permutation(len(lines))]


def validation_parted(lines: Sequence[str], *, seed: int) -> tuple[list[str], list[str]]:
    """Part a tenth off the lines, as `hold_back` does by their texts."""
    learned, asked = hold_back(group_repeats([line.partition(" ")[2] for line in lines]), seed=seed)
    return [lines[position] for position in learned], [lines[position] for position in asked]


def vectors_for(lines: Iterable[str], path: Path, *, dimensions: int) -> bytes:
    """Return the content of a `.vec` file with those of the vectors at `path` whose words occur in the lines.

    Raises DataError for a file that cannot be read, has other dimensions or none of the words.
    """
    words = {word for line in lines for word in line.split() if not word.startswith(FASTTEXT_PREFIX)}
    vectors = read_word_vectors(path, words, dimensions=dimensions)
    # Nine digits are all that 32 bits hold.
    numbers = " ".join(["%.9g"] * dimensions)
    rows = (f"{word} {numbers % tuple(vector.tolist())}\n" for word, vector in vectors.items())
    return f"{len(vectors)} {dimensions}\n{''.join(rows)}".encode()
