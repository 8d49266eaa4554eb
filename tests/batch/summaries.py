"""What came out of jobs that never were, small enough to be reckoned up by hand."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sentigrade.batch.tally import CONFIDENCES, FileSummary, Sample, Summary

MODEL = "sentiment@3#sha256:" + "1a8c" * 16
MARKUP = '<script>document.title = "taken"</script><img src="x" onerror="alert(1)">'


def file_of(name: str, labels: Mapping[str, int], *, out: int | None = None, aside: int = 0) -> FileSummary:
    """Return a file in which these labels were given, one a row unless `out` says how many rows there were."""
    answered = sum(labels.values()) if out is None else out
    return FileSummary(name=name, rows=answered + aside, out=answered, labels=dict(labels))


def summary_of(
    files: Sequence[FileSummary],
    *,
    confidence: Mapping[int, int] | None = None,
    reasons: Mapping[str, int] | None = None,
    least_sure: Sequence[Sample] = (),
    words: Mapping[str, Mapping[str, float]] | None = None,
) -> Summary:
    """Return the sums over files; `confidence` has the steps that are not empty, by default all answers in the last."""
    rows, out = sum(file.rows for file in files), sum(file.out for file in files)
    steps = {CONFIDENCES - 1: out} if confidence is None else confidence
    return Summary(
        model=MODEL,
        rows=rows,
        out=out,
        aside=rows - out,
        reasons=dict(reasons or {}),
        labels=dict(sum((Counter(file.labels) for file in files), Counter())),
        confidence=tuple(steps.get(step, 0) for step in range(CONFIDENCES)),
        files=tuple(files),
        least_sure=tuple(least_sure),
        words={label: dict(told) for label, told in (words or {}).items()},
    )


FIVE = summary_of(
    [
        file_of("2024/january.csv", {"Negative": 600, "Neutral": 150, "Positive": 250}, aside=2),
        file_of("2024/february.csv", {"Somewhat Positive": 300, "Positive": 200}),
    ],
    confidence={7: 600, 12: 500, 18: 300, 19: 100},
    reasons={"text_too_long": 2},
    least_sure=[
        Sample(0.2437, "2024/january.csv", 1938, "Even in its dull scenes it is mesmerizing.", "Neutral"),
        Sample(0.2512, "2024/february.csv", 3, MARKUP, "Positive"),
    ],
    words={"Negative": {".": 12.0, "bad": 10.294, "dull": 4.8}, "Positive": {"great": 5.622, "👏": 0.0712}},
)
