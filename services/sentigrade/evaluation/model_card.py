"""The model card: what people should know of a model before they use it (Mitchell et al., "Model Cards", 2019)."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from sentigrade.evaluation.figures import Figures
from sentigrade.labels import LabelSet
from sentigrade.manifest import Manifest

# What a family cannot see, whatever it is trained on.
_BLIND_SPOTS = {
    "linear": "It adds up words and short sequences of words: irony, comparisons and what a text implies are out of "
    "its sight, and a word that it has never met counts for nothing."
}


def model_card(
    manifest: Manifest,
    details: Mapping[str, Figures],
    *,
    title: str,
    warnings: Sequence[str] = (),
    plots: Sequence[str] = (),
) -> str:
    """Return a card in Markdown, with `details` by the name of the data set; `plots` are files next to the card."""
    sections = (_purpose(title, manifest), _data(manifest), _protocol(manifest), _headline(manifest))
    lines = [line for section in sections for line in section]
    for name, figures in details.items():
        lines += _detail(name, figures, manifest.labels)
    lines += [f"\n> {warning}" for warning in warnings]
    lines += [f"\n![{plot.partition('.')[0].replace('_', ' ')}]({plot})" for plot in plots]
    lines += [*_limits(manifest, details), *_making(manifest)]
    return "\n".join(lines) + "\n"


def _purpose(title: str, manifest: Manifest) -> Iterator[str]:
    yield f"# {title}\n"
    names = ", ".join(manifest.labels.names)
    task = {
        "ordinal": f"Grades a text by {len(manifest.labels)} levels: {names}.",
        "nominal": f"Gives a text one of {len(manifest.labels)} labels: {names}.",
        "multilabel": f"Gives a text any of {len(manifest.labels)} labels: {names}.",
    }
    yield f"{task[manifest.labels.kind]} Family `{manifest.family}`."
    long = manifest.long_text
    if long.aggregate == "sentences":
        yield (
            f"\nA text of more than {long.over_words} words that the model knows is read by its sentences: damping "
            f"{long.damping}, evenness {long.evenness}, tilt {long.tilt}, fitted on {long.fitted_on}."
        )


def _data(manifest: Manifest) -> Iterator[str]:
    yield "\n## Data\n"
    for rows in manifest.training.data:
        yield f"- `{rows.name}`: {rows.rows:,} labelled texts, sha256 of the rows `{rows.sha256}`"
    yield f"- Licence: {manifest.license}"


def _protocol(manifest: Manifest) -> Iterator[str]:
    yield "\n## Protocol\n"
    yield (
        "Cross-validated figures are of whole texts, each answered by a model that has seen neither the text, nor a "
        f"part of it, nor a repeat. The calibration was fitted on {manifest.calibration.fitted_on}. Other data sets "
        "were only measured. Brackets hold 95 % intervals, from resampled texts. ECE is the expected calibration error "
        "of the most probable label in 15 bins; a perfectly calibrated model would show `ECE if perfect` on so many "
        "texts."
    )


def _headline(manifest: Manifest) -> Iterator[str]:
    yield "\n## Figures\n"
    yield "Noted when it was made:\n"
    yield "| data | texts | accuracy | macro-F1 | log loss |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, row in manifest.metrics.items():
        yield f"| {name} | {row['n']:,.0f} | {row['accuracy']:.3f} | {row['macro_f1']:.3f} | {row['log_loss']:.3f} |"


def _detail(name: str, figures: Figures, labels: LabelSet) -> Iterator[str]:
    yield f"\n### {name}\n"
    yield f"{figures.n:,} texts{_seen(figures)}.\n"
    yield "| accuracy | macro-F1 | log loss | mean level error | ECE | ECE if perfect |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
    names = ("accuracy", "macro_f1", "log_loss", "mean_level_error")
    cells = [_with_interval(figures, measure) for measure in names]
    yield f"| {' | '.join(cells)} | {figures.ece:.3f} | {figures.ece_expected:.3f} |"
    yield "\n| label | precision | recall | F1 | texts |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for label, row in zip(labels.names, figures.by_label.values(), strict=True):
        yield f"| {label} | {row.precision:.3f} | {row.recall:.3f} | {row.f1:.3f} | {row.n:,} |"


def _with_interval(figures: Figures, measure: str) -> str:
    if measure not in figures.intervals:
        return "-"
    low, high = figures.intervals[measure]
    return f"{getattr(figures, measure):.3f} [{low:.3f}, {high:.3f}]"


def _seen(figures: Figures) -> str:
    if figures.seen_in_training is None:
        return ""
    return f", {figures.seen_in_training or 'none'} of them among those that it has learned from"


def _limits(manifest: Manifest, details: Mapping[str, Figures]) -> Iterator[str]:
    sources = ", ".join(f"`{rows.name}`" for rows in manifest.training.data)
    yield "\n## Limits\n"
    yield f"- The figures hold for texts like those of {sources}. On others evaluate it first."
    if manifest.family in _BLIND_SPOTS:
        yield f"- {_BLIND_SPOTS[manifest.family]}"
    yield f"- Words are cut by `{manifest.cleaning.pipeline}`; a text in another language is answered all the same."
    for name, figures in details.items():
        yield f"- On {name}: {_weakness(figures, manifest.labels)}"


def _weakness(figures: Figures, labels: LabelSet) -> str:
    recalls = [row.recall for row in figures.by_label.values()]
    true = recalls.index(min(recalls))
    wrong = {column: count for column, count in enumerate(figures.confusion[true]) if column != true}
    given = max(wrong, key=wrong.__getitem__)
    return (
        f"{labels.names[true]} is found least often, in {recalls[true]:.0%} of its texts; {wrong[given]:,} of "
        f"{sum(figures.confusion[true]):,} are called {labels.names[given]}."
    )


def _making(manifest: Manifest) -> Iterator[str]:
    yield "\n## How it was made\n"
    yield f"- Seed {manifest.training.seed}; parameters {_pairs(manifest.training.parameters)}"
    yield f"- Cleaning: {_pairs(msgspec.structs.asdict(manifest.cleaning))}"
    yield f"- With {_pairs(manifest.requires.packages)}"
    yield "- Again: `sentigrade train` with the same rows, seed and packages gives the same model."


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
