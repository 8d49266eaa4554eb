"""Measuring in rounds: what else the machine does comes and goes, so figures are compared within a round only."""

from collections.abc import Callable, Mapping, Sequence

# By the name of what was measured, a value for each round.
Rounds = Mapping[str, Sequence[float]]


def in_rounds(measures: Mapping[str, Callable[[], float]], rounds: int) -> Rounds:
    """Measure all of them in turn, in another order each round."""
    values: dict[str, list[float]] = {name: [] for name in measures}
    names = list(measures)
    for number in range(rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            values[name].append(measures[name]())
    return values


def ratios(rounds: Rounds, name: str, other: str) -> list[float]:
    """Return, for each round, what was measured of one compared with the other."""
    return [value / others for value, others in zip(rounds[name], rounds[other], strict=True)]
