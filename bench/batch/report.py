"""The figures of `sentigrade batch`: as a table in Markdown for people, as JSON for programs."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from statistics import median
from typing import NamedTuple

from bench.report import environment
from bench.sentences import Description


class Figure(NamedTuple):
    """What was measured, a value for each round: its key in JSON, and how the table names and rounds it."""

    key: str
    what: str
    values: Sequence[float]
    digits: int = 0


class Texts(NamedTuple):
    """The sentences, and the shares of their words that are not remembered the first time and the second."""

    described: Description
    unmet: Sequence[float]


def table(figures: Sequence[Figure], texts: Texts) -> Iterator[str]:
    """Give the lines of a table, and what the rows were."""
    yield "| what | median | lowest | highest | rounds |"
    yield "|---|---:|---:|---:|---:|"
    for figure in figures:
        shown = (f"{value:,.{figure.digits}f}" for value in _spread(figure))
        yield f"| {figure.what} | {' | '.join(shown)} | {len(figure.values)} |"
    first, again = texts.unmet
    yield ""
    yield (
        f"CSV to CSV: {texts.described.distinct:,} distinct sentences of {texts.described.words:.0f} words, again and "
        f"again. The cleaner does not remember {first:.2%} of their words when they come for the first time, and "
        f"{again:.2%} when they come again: so that they do hardly flatters us."
    )


def summary(figures: Sequence[Figure], texts: Texts) -> dict[str, object]:
    """Return the medians, the rounds behind them, and where they were measured."""
    return {
        **{figure.key: round(median(figure.values), figure.digits) for figure in figures},
        "rounds": {figure.key: [round(value, figure.digits) for value in figure.values] for figure in figures},
        "unmet_shares": [round(share, 4) for share in texts.unmet],
        "environment": {**environment(), "ray": version("ray")},
    }


def _spread(figure: Figure) -> tuple[float, float, float]:
    return median(figure.values), min(figure.values), max(figure.values)
