"""Files that BlazingText learns from, looked through before they travel: it would find their faults minutes later."""

from pathlib import Path

from sentigrade.data.fasttext_file import SUFFIXES, parse_line
from sentigrade.errors import DataError

_ADVICE = "make lines of it with `sentigrade sagemaker process`"


def require_lines(path: Path, labels: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the labels of a file of lines such as `__label__good a fine film`.

    Raises DataError, naming the line, for a file from which nothing can be learned; with `labels`, also for a label
    that is not among them, which a model that learned those cannot give.
    """
    if path.suffix not in SUFFIXES:
        raise DataError(f"{path} is not a file of labelled lines: {_ADVICE}")
    found: set[str] = set()
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                found.update(_labels(path, number, line, labels))
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8: {_ADVICE}") from None
    if not labels and len(found) < 2:
        raise DataError(f"{path} has fewer than two labels, so there is nothing to tell apart: {_ADVICE}")
    return frozenset(found)


def _labels(path: Path, number: int, line: str, known: frozenset[str]) -> tuple[str, ...]:
    try:
        _, labels = parse_line(line)
    except ValueError as error:
        raise DataError(f"{path}, line {number}: {error}") from None
    strange = [label for label in labels if known and label not in known]
    if strange:
        raise DataError(f"{path}, line {number}: no text to learn from has the label {strange[0]!r}")
    return labels
