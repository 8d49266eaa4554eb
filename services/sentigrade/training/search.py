"""Compares settings by grouped cross-validation on the training texts, so that dev and test stay unseen."""

from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from sentigrade.data.sources import Source
from sentigrade.evaluation.measures import Measures, measure
from sentigrade.evaluation.predictions import Predictions
from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.calibrating import cross_validate
from sentigrade.training.linear import LinearParameters


class Candidate(NamedTuple):
    """Settings to compare."""

    name: str
    profile: CleaningProfile = CleaningProfile()
    parameters: LinearParameters = LinearParameters()


class Result(NamedTuple):
    """What a candidate reached; `microseconds` is the time to clean one whole text whose words are known."""

    candidate: Candidate
    measures: Measures
    microseconds: float


def cleaning_candidates() -> list[Candidate]:
    """Return the default profile and others that differ from it in one choice each."""
    base = CleaningProfile()
    variants = {
        "default": base,
        "HTML kept": replace(base, html="keep"),
        "Unicode as it comes": replace(base, unicode="keep"),
        "typography kept": replace(base, typography="keep"),
        "case kept": replace(base, case="keep"),
        "numbers masked": replace(base, numbers="mask"),
        "numbers dropped": replace(base, numbers="drop"),
        "punctuation dropped": replace(base, punctuation="drop"),
        "stop words dropped": replace(base, stop_words="drop"),
        "stop words dropped but negations": replace(base, stop_words="drop_but_negations"),
    }
    return [Candidate(name, profile=profile) for name, profile in variants.items()]


def pipeline_candidates(pipeline: str) -> list[Candidate]:
    """Return an installed spaCy pipeline in place of the tokenizer, with words as they are and as lemmas."""
    words = CleaningProfile(pipeline=pipeline)
    return [Candidate(pipeline, profile=words), Candidate(f"{pipeline}, lemmas", profile=replace(words, lemmas=True))]


def parameter_candidates() -> list[Candidate]:
    """Return the default parameters and others that differ from them in one choice each."""
    base = LinearParameters()
    variants = {
        "default": base,
        "single words": replace(base, longest_ngram=1),
        "up to three words": replace(base, longest_ngram=3),
        "counted, not binary": replace(base, binary=False),
        "C = 0.01": replace(base, c=0.01),
        "C = 0.1": replace(base, c=0.1),
        "rare terms weigh the same": replace(base, rarity=0.0),
        "rare terms weigh more": replace(base, rarity=0.5),
        "longer terms weigh the same": replace(base, decay=1.0),
    }
    return [Candidate(name, parameters=parameters) for name, parameters in variants.items()]


def compare(source: Source, candidates: list[Candidate], *, seed: int) -> Iterator[Result]:
    """Yield the figures of each candidate, each text being answered by a model that has not seen its group."""
    labels, examples = source.labels, source.examples
    whole = examples.only_whole()
    for candidate in candidates:
        cleaner = Cleaner(candidate.profile)
        cleaned = _clean_each_once(cleaner, examples.texts)
        unseen = cross_validate(labels, examples, cleaned, candidate.parameters, seed=seed)
        measures = measure(Predictions(labels, unseen.probabilities, whole.labels))
        yield Result(candidate, measures, _microseconds(cleaner, whole.texts))


def as_table(results: Iterator[Result]) -> Iterator[str]:
    """Yield the lines of a Markdown table, each as soon as it is known."""
    yield "| settings | accuracy | macro-F1 | log loss | ECE minus expected | cleaning, us a text |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for (name, _, _), measures, microseconds in results:
        yield (
            f"| {name} | {measures.accuracy:.4f} | {measures.macro_f1:.4f} | {measures.log_loss:.4f} "
            f"| {measures.ece_excess:.4f} | {microseconds:.1f} |"
        )


def _clean_each_once(cleaner: Cleaner, texts: list[str]) -> list[str]:
    """Clean texts of which many are the same, for the sake of the slow pipelines."""
    different = list(dict.fromkeys(texts))
    cleaned = dict(zip(different, cleaner.clean(different), strict=True))
    return [cleaned[text] for text in texts]


def _microseconds(cleaner: Cleaner, texts: list[str]) -> float:
    sample = texts[:1000]
    times = []
    for _ in range(3):
        started = perf_counter()
        cleaner.clean(sample)
        times.append(perf_counter() - started)
    return float(np.median(times)) / len(sample) * 1e6
