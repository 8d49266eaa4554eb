"""Labelled texts as fastText and BlazingText have them: a text a line, its labels words such as `__label__positive`."""

from collections.abc import Iterable

from sentigrade.labels import FASTTEXT_PREFIX

# What such files are called: `reviews.txt`, `reviews.train`, or a part of a data set without a suffix.
SUFFIXES = (".txt", "", ".train", ".valid", ".validation", ".test")


def parse_line(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a line and its labels, which may stand anywhere, each once; labels alone have the empty text.

    Raises ValueError for a label without a name.
    """
    words = _words(line)
    labels = [word.removeprefix(FASTTEXT_PREFIX) for word in words if word.startswith(FASTTEXT_PREFIX)]
    if "" in labels:
        raise ValueError(f"there is a label without a name: write one such as {FASTTEXT_PREFIX}positive")
    return " ".join(word for word in words if not word.startswith(FASTTEXT_PREFIX)), tuple(dict.fromkeys(labels))


def format_line(labels: Iterable[str], cleaned: str) -> str:
    """Return the line of a cleaned text and the ids of its labels, its end included.

    A token that would be read as a label loses the underscores that make it one.
    """
    tokens = (token.lstrip("_") if token.startswith(FASTTEXT_PREFIX) else token for token in _words(cleaned))
    return " ".join([*(FASTTEXT_PREFIX + label for label in labels), *tokens]) + "\n"


def _words(line: str) -> list[str]:
    """Part a line at all that fastText takes for blanks; to Python, a NUL is none."""
    return line.replace("\0", " ").split()
