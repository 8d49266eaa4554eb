"""What people call the figures, and how tables show them."""

from sentigrade.evaluation.bootstrap import Interval

_NAMES = {
    "macro_f1": "macro-F1",
    "micro_f1": "micro-F1",
    "mean_auc": "mean AUC",
    "ece_excess": "ECE minus expected",
    "auc": "AUC",
    "f1": "F1",
    "n": "texts",
}


def name_of(figure: str) -> str:
    """Return the name of a figure in prose and in headings."""
    return _NAMES.get(figure, figure.replace("_", " "))


def as_cell(figure: str, value: float | None, interval: Interval | None = None) -> str:
    """Return a figure for a table, with its interval in brackets; a dash for one that there is not."""
    if value is None:
        return "-"
    cell = f"{value:,.0f}" if figure == "n" else f"{value:.3f}"
    return cell if interval is None else f"{cell} {ends_of(interval)}"


def ends_of(interval: Interval, *, sign: str = "") -> str:
    """Return an interval in brackets; `sign` is "+" to write it also before what is positive."""
    return f"[{interval.low:{sign}.3f}, {interval.high:{sign}.3f}]"
