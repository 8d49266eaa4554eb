"""Labelled texts as fastText and BlazingText have them: a text a line, its label a word such as `__label__positive`."""

from sentigrade.labels import FASTTEXT_PREFIX

# What such files are called: `reviews.txt`, `reviews.train`, or a part of a data set without a suffix.
SUFFIXES = (".txt", "", ".train", ".valid", ".validation", ".test")


def parse_line(line: str) -> tuple[str, str]:
    """Return the text of a line and its label, which may stand anywhere; a label alone has the empty text.

    Raises ValueError for a line without a label, and for one with several.
    """
    words = line.split()
    labels = {word.removeprefix(FASTTEXT_PREFIX) for word in words if word.startswith(FASTTEXT_PREFIX)}
    if not labels or "" in labels:
        raise ValueError(f"there is no word that begins with {FASTTEXT_PREFIX}, such as {FASTTEXT_PREFIX}positive")
    if len(labels) > 1:
        raise ValueError("there are several labels: give one a line, more at once cannot be learned yet")
    return " ".join(word for word in words if not word.startswith(FASTTEXT_PREFIX)), labels.pop()


def format_line(label: str, cleaned: str) -> str:
    """Return the line of a cleaned text and the id of its label, its end included.

    A token that would be read as a label loses the underscores that make it one.
    """
    tokens = (token.lstrip("_") if token.startswith(FASTTEXT_PREFIX) else token for token in cleaned.split())
    return " ".join([FASTTEXT_PREFIX + label, *tokens]) + "\n"
