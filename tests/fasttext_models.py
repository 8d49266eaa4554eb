"""Models from elsewhere: trained by fastText alone, as BlazingText's are, without a Cleaner."""

import io
import random
import tarfile
from pathlib import Path
from typing import Any

import fasttext

from sentigrade.classifiers.fasttext import file_in_memory

WORDS = {
    "bad": ["dull", "awful", "tired", "flat"],
    "good": ["fine", "warm", "funny", "bright"],
    "odd": ["strange", "weird", "quaint", "queer"],
}
FILLING = ["the", "film", "is", "a", "plot", "it", "and"]
TEXTS = [
    "a fine warm film",
    "the plot is dull",
    "weird and funny",
    "it is",
    "unheard-of words",
    "",
    "a\nfilm\tand more",
]


def lines(labels: dict[str, list[str]] = WORDS, *, count: int = 180, seed: int = 1) -> str:
    """Return lines to train with: a word of the label among words that say nothing."""
    draw = random.Random(seed)  # noqa: S311 - nothing is kept secret by it
    names = list(labels)
    rows = []
    for number in range(count):
        # Each label is rarer than the one before, since fastText sorts its labels so.
        name = names[0] if number % 2 else names[1 + number // 2 % (len(names) - 1)]
        words = [*draw.choices(FILLING, k=4), *draw.choices(labels[name], k=2)]
        draw.shuffle(words)
        rows.append(f"__label__{name} {' '.join(words)}\n")
    return "".join(rows)


def train(text: str | None = None, **options: Any) -> Any:  # noqa: ANN401 - the library carries no types
    """Train a small model; `options` as fastText calls them."""
    small = {"dim": 4, "epoch": 20, "lr": 0.5, "seed": 1, "thread": 1, "verbose": 0}
    with file_in_memory((text or lines()).encode()) as path:
        return fasttext.train_supervised(input=path, **small | options)


def content_of(model: Any) -> bytes:  # noqa: ANN401 - fastText carries no types
    """Return the bytes of a model's file."""
    with file_in_memory() as path:
        model.save_model(path)
        return Path(path).read_bytes()


def quantised(**options: Any) -> Any:  # noqa: ANN401 - as above
    """Train a model and compress it; there must be 256 rows at least."""
    model = train(wordNgrams=2, bucket=600)
    with file_in_memory(lines().encode()) as path:
        model.quantize(path, thread=1, verbose=0, **options)
    return model


def packed(members: dict[str, bytes]) -> bytes:
    """Return a `.tar.gz` of these files."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()
