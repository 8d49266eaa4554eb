import pytest

from sentigrade.labels import FIVE_LEVELS, Label, LabelSet


def labels(*polarities: float | None, ids: tuple[str, ...] = ("bad", "good")) -> tuple[Label, ...]:
    return tuple(Label(id=i, name=i.title(), polarity=p) for i, p in zip(ids, polarities, strict=True))


def test_the_five_levels_run_from_negative_to_positive() -> None:
    assert FIVE_LEVELS.names == ("Negative", "Somewhat Negative", "Neutral", "Somewhat Positive", "Positive")
    assert FIVE_LEVELS.ids[1] == "somewhat_negative"
    assert [label.polarity for label in FIVE_LEVELS.items] == [-1, -0.5, 0, 0.5, 1]


def test_ordinal_labels_need_a_polarity_each() -> None:
    with pytest.raises(ValueError, match="needs a polarity"):
        LabelSet(kind="ordinal", items=labels(-1, None))


def test_ordinal_polarities_must_rise() -> None:
    with pytest.raises(ValueError, match="must rise"):
        LabelSet(kind="ordinal", items=labels(1, -1))


def test_multilabel_labels_need_a_threshold_each() -> None:
    with pytest.raises(ValueError, match="threshold"):
        LabelSet(kind="multilabel", items=labels(None, None))


def test_two_labels_cannot_share_an_id() -> None:
    with pytest.raises(ValueError, match="same id"):
        LabelSet(kind="nominal", items=labels(None, None, ids=("bad", "bad")))
