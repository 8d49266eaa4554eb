"""Lines of an augmented manifest, as BlazingText learns from them too: a text, and its labels as numbers."""

from collections.abc import Sequence

import msgspec

SUFFIX = ".jsonl"


def format_line(numbers: Sequence[int], cleaned: str, *, several: bool) -> str:
    """Return the line of a cleaned text and the numbers of its labels, its end included.

    Where a text may have several labels they are always a list, so that all lines have one form.
    """
    row = {"source": cleaned, "label": list(numbers) if several else numbers[0]}
    return msgspec.json.encode(row).decode() + "\n"
