"""What the pages take for granted, written for the tests: a reader's own files, in the shape that a page names."""

import csv
import gzip
import shutil
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from io import StringIO
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from sentigrade.data.examples import Examples
from sentigrade.labels import FIVE_LEVELS
from sentigrade.store.local import LocalObjects
from sentigrade.store.publishing import Wish, publish
from sentigrade.training.learning import TrainingTexts
from tests import fasttext_models
from tests.conftest import SUBJECTS, WORDS_BY_LEVEL
from tests.contract.plain_encoder import PlainParameters
from tests.documentation.blocks import blocks
from tests.live import DEFAULT_MODEL, REPOSITORY
from tests.tiny_encoder import tiny_encoder

TOPICS = ("business", "entertainment", "politics", "sport", "tech")
FLAGS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
SENTENCES = [
    (f"The {subject} is {word}.", level)
    for level, words in enumerate(WORDS_BY_LEVEL)
    for word, subject in product(words, SUBJECTS)
]
TEXTS = [text for text, _ in SENTENCES]


def lay_out(page: str, tree: Path, small_model: Path) -> None:
    """Put into the tree what every page may speak of, and what this one does; `small_model` has the five levels."""
    (tree / "reviews.csv").write_text(graded("id", "review", "grade", names=FIVE_LEVELS.ids))
    (tree / "reviews.txt").write_text("A warm, funny film.\nAn utter bore.\n")
    (tree / "reviews").mkdir()
    shutil.copy(tree / "reviews.csv", tree / "reviews" / "2026-08.csv")
    if page in _OF_PAGE:
        _OF_PAGE[page](tree)
    if page == "docs/distilling.md":
        publish(LocalObjects(tree / "my_store"), small_model, Wish(name="sentiment-transformer"))


def graded(number: str, text: str, label: str, *, names: Sequence[str]) -> str:
    """Return a CSV of the sentences with columns of these names; the grades, from worst to best, have these `names`."""
    rows = [(row, said, names[level * len(names) // 5]) for row, (said, level) in enumerate(SENTENCES)]
    return _table((number, text, label), rows)


def _before_training(tree: Path) -> None:
    (tree / "reviews.csv").write_text(graded("id", "review", "grade", names=("bad", "so-so", "good")))
    marked = [
        (f"They call the {subject} {flag}.", *(int(flag == each) for each in FLAGS))
        for flag, subject in product((*FLAGS, "nothing"), SUBJECTS)
    ]
    _write_compressed(tree / "folder/jigsaw/train.csv.gz", _table(("comment_text", *FLAGS), marked))


def _before_evaluation(tree: Path) -> None:
    shutil.copytree(DEFAULT_MODEL, tree / "build/other_model")


def _before_distilling(tree: Path) -> None:
    trees = [
        f"({level} (2 The) ({level} (2 {subject}) ({level} {word})))"
        for level, words in enumerate(WORDS_BY_LEVEL)
        for word, subject in product(words, SUBJECTS)
    ]
    (tree / "folder/sst5").mkdir(parents=True)
    for part in ("train", "dev"):
        (tree / "folder/sst5" / f"{part}.txt").write_text("\n".join(trees) + "\n")
    _write_film_reviews(tree)


def _before_embedding(tree: Path) -> None:
    _write_film_reviews(tree)
    words = sorted({word for text in TEXTS for word in text.lower().strip(".").split()})
    vectors = np.random.default_rng(0).normal(size=(len(words), 50)).astype(np.float32)
    np.save(tree / "folder/glove.6B.50d.npy", vectors)
    (tree / "folder/glove.6B.50d.words.txt").write_text("\n".join(words) + "\n")


def _before_transformer(tree: Path) -> None:
    # A tenth is held back, in which every topic must have ten texts.
    rows = [(f"{text} Article {number}.", TOPICS[level]) for text, level in SENTENCES for number in range(12)]
    _write_compressed(tree / "folder/bbc/train.csv.gz", _table(("text", "label"), rows))
    if find_spec("torch"):
        tiny_encoder(tree / "folder/all-MiniLM-L6-v2", TEXTS, max_position_embeddings=512)
    examples = Examples.of_whole_texts("written", TEXTS, [level for _, level in SENTENCES])
    PlainParameters().fit(TrainingTexts.of(FIVE_LEVELS, TEXTS, examples), seed=0).save(tree)


def _before_fasttext(tree: Path) -> None:
    (recipe,) = (block for block in blocks(REPOSITORY / "docs/fasttext.md") if block.language == "toml")
    (tree / "topics.toml").write_text(recipe.text)
    (tree / "topics.csv").write_text(graded("id", "text", "label", names=TOPICS))
    model = fasttext_models.content_of(fasttext_models.train())
    (tree / "model.bin").write_bytes(model)
    (tree / "model.tar.gz").write_bytes(fasttext_models.packed({"model.bin": model}))


def _before_the_store(tree: Path) -> None:
    shutil.copytree(REPOSITORY / "model_store/polarity/1", tree / "my_model")


def _before_blazingtext(tree: Path) -> None:
    (tree / "my_reviews").mkdir()
    for part in ("train", "validation"):
        (tree / "my_reviews" / f"{part}.csv").write_text(graded("id", "text", "label", names=TOPICS))


def _write_film_reviews(tree: Path) -> None:
    """Write reviews of two sentences in the shape of IMDB's."""
    rows = [
        (f"{text} {other}", "neg" if level < 2 else "pos")
        for (text, level), (other, _) in pairwise(SENTENCES)
        if level != 2
    ]
    _write_compressed(tree / "folder/imdb/train.csv.gz", _table(("text", "label"), rows))


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *rows])
    return written.getvalue()


def _write_compressed(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))


_OF_PAGE: dict[str, Callable[[Path], None]] = {
    "deploy/sagemaker/README.md": _before_blazingtext,
    "docs/distilling.md": _before_distilling,
    "docs/embedding.md": _before_embedding,
    "docs/evaluation.md": _before_evaluation,
    "docs/fasttext.md": _before_fasttext,
    "docs/model-store.md": _before_the_store,
    "docs/training.md": _before_training,
    "docs/transformer.md": _before_transformer,
}
