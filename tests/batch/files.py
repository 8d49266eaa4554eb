"""Files to score, and what a job leaves in a folder."""

import hashlib
from itertools import product
from pathlib import Path

SUBJECTS = ("film", "plot", "cast", "score", "ending", "script")
WORDS = ("dreadful", "dull", "plain", "likeable", "superb")


def write_reviews(folder: Path, *, files: int, rows: int) -> None:
    """Write CSV files of self-written sentences, with a column before the text and one after it."""
    folder.mkdir(parents=True, exist_ok=True)
    sentences = [f"The {subject} isn't what I'd call {word}." for subject, word in product(SUBJECTS, WORDS)]
    for number in range(files):
        lines = [f"{number}-{row},{sentences[(number + row) % len(sentences)]},{row % 5}\n" for row in range(rows)]
        (folder / f"reviews-{number:03}.csv").write_text("id,text,stars\n" + "".join(lines))


def outputs(sink: Path) -> dict[str, str]:
    """Return the sha256 of every file in a sink, by its name, but for what the job keeps for itself."""
    return {
        path.relative_to(sink).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(sink.rglob("*"))
        if path.is_file() and "_batch" not in path.parts
    }


def files_in(folder: Path) -> int:
    """Return how many there are in a folder that a job makes and deletes."""
    try:
        return len(list(folder.iterdir()))
    except FileNotFoundError:  # not there yet, or no more
        return 0
