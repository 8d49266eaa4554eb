"""Numbers as people read them, and as SVG does."""

# Between a number and its sign, so that they stay on one line.
BLANK = "\u00a0"


def percent(share: float) -> str:
    """Return a share in percent; what is not nothing and not everything never looks like it."""
    text = f"{100 * share:.1f}"
    if text == "0.0" and share > 0:
        text = "<0.1"
    if text == "100.0" and share < 1:
        text = ">99.9"
    return f"{text}{BLANK}%"


def number(count: int) -> str:
    """Return a number with commas, such as 1,234."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """Return so many of a thing, such as 1 row or 1,234 rows."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def svg_length(share: float) -> str:
    """Return a share of a drawing as an attribute of its parts."""
    return f"{100 * share:.4f}%"


# By the names that the templates know them by.
FILTERS = {function.__name__: function for function in (percent, number, counted, svg_length)}
