"""Numbers as Grafana writes them, by the unit of a panel."""

from collections.abc import Callable

Format = Callable[[float], str]


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value / 1000:.3g} K"
    return f"{value:.3g}"


def _seconds(value: float) -> str:
    for size, unit in ((1, "s"), (1e-3, "ms")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e6:.3g} µs" if value else "0 s"


def _percent(value: float) -> str:
    return f"{value * 100:.3g} %"


_FORMATS: dict[str, Format] = {
    "percentunit": _percent,
    "reqps": lambda value: f"{_number(value)} req/s",
    "s": _seconds,
    "short": _number,
}


def format_of(unit: str) -> Format:
    """Return how a unit is written; KeyError for one that no panel has used so far."""
    return _FORMATS[unit]
