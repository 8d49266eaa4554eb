"""The model card: what people should know of a model before they use it (Mitchell et al., "Model Cards", 2019)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sentigrade.evaluation.figures import AnyFigures
from sentigrade.evaluation.naming import as_cell, name_of
from sentigrade.labels import LabelSet
from sentigrade.manifest import Manifest

# What a family cannot see, whatever it is trained on.
_BLIND_SPOTS = {
    "linear": "It adds up words and short sequences of words: irony, comparisons and what a text implies are out of "
    "its sight, and a word that it has never met counts for nothing.",
    "fasttext": "It averages vectors of words, and of short sequences of words or parts of them if it was trained so: "
    "irony, comparisons and what a text implies are out of its sight, and one strong word fades in a long text.",
    "embedding": "It averages vectors of words, in whatever order they stand: 'not good, but bad' and 'not bad, but "
    "good' are the same to it, one strong word fades in a long text, and a word without a vector counts for nothing.",
    "endpoint": "Another machine classifies, and this version does not hold it fast: whoever owns the endpoint may put "
    "another model behind it, of which these figures say nothing.",
}
_TASKS = {
    "ordinal": "Grades a text by {count} levels: {names}.",
    "nominal": "Gives a text one of {count} labels: {names}.",
    "multilabel": "Gives a text any number of {count} labels: {names}.",
}
_ONE_LABEL = "of the most probable label in 15 bins"
_CALIBRATED = {"ordinal": _ONE_LABEL, "nominal": _ONE_LABEL, "multilabel": "in 15 bins, averaged over the labels"}


def model_card(
    manifest: Manifest,
    details: Mapping[str, AnyFigures],
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
    labels = manifest.labels
    task = _TASKS[labels.kind].format(count=len(labels), names=", ".join(labels.names))
    yield f"{task} Family `{manifest.family}`."
    if manifest.endpoint:
        yield (
            f"\nThe SageMaker endpoint `{manifest.endpoint.name}` in {manifest.endpoint.region} classifies: texts "
            "leave this machine, cleaned."
        )
    long = manifest.long_text
    if long.aggregate == "sentences":
        yield (
            f"\nA text of more than {long.over_words} words that the model knows is read by its sentences: damping "
            f"{long.damping}, evenness {long.evenness}, tilt {long.tilt}, fitted on {long.fitted_on}."
        )


def _data(manifest: Manifest) -> Iterator[str]:
    yield "\n## Data\n"
    for rows in manifest.training.data:
        what = f"texts that `{rows.labelled_by}` has labelled" if rows.labelled_by else "labelled texts"
        yield f"- `{rows.name}`: {rows.rows:,} {what}, sha256 of the rows `{rows.sha256}`"
    if not manifest.training.data:
        yield "- Unknown: the model was adopted, not trained here."
    yield f"- Licence: {manifest.license}"


def _protocol(manifest: Manifest) -> Iterator[str]:
    yield "\n## Protocol\n"
    yield (
        "Cross-validated figures are of whole texts, each answered by a model that has seen neither the text, nor a "
        f"part of it, nor a repeat. The calibration was fitted on {manifest.calibration.fitted_on}. Other data sets "
        "were only measured. Brackets hold 95 % intervals, from resampled texts. ECE is the expected calibration error "
        f"{_CALIBRATED[manifest.labels.kind]}; a perfectly calibrated model would show `ECE if perfect` on so many "
        "texts."
    )
    if any(rows.labelled_by for rows in manifest.training.data):
        yield (
            "\nIt is distilled: a larger model, the teacher, has labelled texts, and they are learned from in every "
            "fold. Where the teacher has learned from the cross-validated texts itself, their labels show through in "
            "its own, and cross-validated figures are a little too good. Figures on a tenth that was held back from "
            "the teacher too, and on data sets that neither of the two has learned from, are honest."
        )
    if manifest.labels.kind == "multilabel":
        yield (
            f"\nA label is given from its threshold on; one of 1 means never. {_tuning(manifest)} Exact match is the "
            "share of the texts with all labels right. AUC is the area under the ROC curve: how often a text with the "
            "label gets a higher probability of it than one without; a label that no text of a data set has, or each, "
            "has none there and is left out of the mean."
        )


def _tuning(manifest: Manifest) -> str:
    if not manifest.training.data:
        return "Nothing is known of how thresholds were chosen."
    wishes = manifest.training.parameters.get("thresholds") or {}
    exceptions = "; ".join(f"{label} for {_wish(wish)}" for label, wish in wishes.items())
    return (
        f"Thresholds were tuned on {manifest.calibration.fitted_on} for the best F1 of each label"
        f"{f', but {exceptions}' if exceptions else ''}: precision, recall, F1 and exact match on these very texts are "
        "therefore a little too good."
    )


def _wish(wish: object) -> str:
    if isinstance(wish, Mapping):
        return _pairs({aim: share for aim, share in wish.items() if share is not None})
    return f"a threshold of {wish}"


def _headline(manifest: Manifest) -> Iterator[str]:
    """Show what the manifest says; its figures are of the kind of its labels."""
    yield "\n## Figures\n"
    if not manifest.metrics:
        return
    yield "Noted when it was made:\n"
    names = list(dict.fromkeys(name for row in manifest.metrics.values() for name in row))
    rows = ([data, *(as_cell(name, row.get(name)) for name in names)] for data, row in manifest.metrics.items())
    yield from _table(["data", *map(name_of, names)], rows)


def _detail(name: str, figures: AnyFigures, labels: LabelSet) -> Iterator[str]:
    yield f"\n### {name}\n"
    yield f"{figures.n:,} texts{_seen(figures)}.\n"
    cells = [as_cell(main, getattr(figures, main), figures.intervals.get(main)) for main in figures.IN_CARD]
    calibration = [f"{figures.ece:.3f}", f"{figures.ece_expected:.3f}"]
    yield from _table([*map(name_of, figures.IN_CARD), "ECE", "ECE if perfect"], [[*cells, *calibration]], named=False)
    yield ""
    by_label = [msgspec.structs.asdict(row) for row in figures.by_label.values()]
    rows = (
        [label, *(as_cell(*cell) for cell in row.items())] for label, row in zip(labels.names, by_label, strict=True)
    )
    yield from _table(["label", *map(name_of, by_label[0])], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, named: bool = True) -> Iterator[str]:
    """Yield the lines of a table of numbers, of which the first column may hold names."""
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join(['---' if named else '---:'] + ['---:'] * (len(heads) - 1))} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _seen(figures: AnyFigures) -> str:
    if figures.seen_in_training is None:
        return ""
    return f", {figures.seen_in_training or 'none'} of them among those that it has learned from"


def _limits(manifest: Manifest, details: Mapping[str, AnyFigures]) -> Iterator[str]:
    labelled = (f"`{rows.name}`" for rows in manifest.training.data if not rows.labelled_by)
    sources = ", ".join(labelled) or "the data sets above"
    yield "\n## Limits\n"
    yield f"- The figures hold for texts like those of {sources}. On others evaluate it first."
    if manifest.family in _BLIND_SPOTS:
        yield f"- {_BLIND_SPOTS[manifest.family]}"
    yield f"- Words are cut by `{manifest.cleaning.pipeline}`; a text in another language is answered all the same."
    for name, figures in details.items():
        yield f"- On {name}: {figures.weakness(manifest.labels)}"


def _making(manifest: Manifest) -> Iterator[str]:
    yield "\n## How it was made\n"
    if manifest.training.data:
        yield f"- Seed {manifest.training.seed}; parameters {_pairs(manifest.training.parameters)}"
    else:
        yield "- Elsewhere: it was adopted, and how it was trained is not known here."
    yield f"- Cleaning: {_pairs(msgspec.structs.asdict(manifest.cleaning))}"
    if manifest.requires.packages:
        yield f"- With {_pairs(manifest.requires.packages)}"
    if manifest.training.data:
        yield f"- Again: {_again(manifest)} with the same rows, seed and packages gives the same model."


def _again(manifest: Manifest) -> str:
    if manifest.training.parent:
        return f"`sentigrade distill` with the teacher `{manifest.training.parent}`"
    return "`sentigrade train`"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
