import pytest

from sentigrade.data.labelled_file import Columns, LabelledRows
from sentigrade.data.labelling import absent_labels, examples_of, label_set_of, renamed
from sentigrade.errors import DataError
from sentigrade.labels import FIVE_LEVELS, make_labels

SEVERAL = Columns(several=True)


def rows_of(*labels: str | tuple[str, ...]) -> LabelledRows:
    """Rows with a text of no interest each."""
    return LabelledRows(
        [f"text {number}" for number in range(len(labels))],
        [(label,) if isinstance(label, str) else label for label in labels],
    )


def test_labels_without_an_order_are_nominal() -> None:
    labels = label_set_of(rows_of("Sci/Tech", "Business"), Columns())
    assert labels.kind == "nominal"
    assert labels.ids == ("business", "sci_tech")


def test_labels_with_an_order_are_levels() -> None:
    rows = rows_of("bad", "good")
    labels = label_set_of(rows, Columns(), ordered=["bad", "so-so", "good"])
    assert labels.kind == "ordinal"
    assert [label.polarity for label in labels.items] == [-1, 0, 1]
    assert examples_of(rows, labels, name="x").labels.tolist() == [0, 2]
    assert absent_labels(examples_of(rows, labels, name="x"), labels) == ["so-so"]


@pytest.mark.parametrize("labels", [FIVE_LEVELS.names, FIVE_LEVELS.ids])
def test_labels_of_the_five_levels_are_these_levels(labels: tuple[str, ...]) -> None:
    assert label_set_of(rows_of(*labels), Columns()) is FIVE_LEVELS
    assert label_set_of(rows_of(*labels[:4]), Columns()).kind == "nominal"
    assert label_set_of(rows_of(*labels), SEVERAL).kind == "multilabel"


def test_ordered_labels_may_be_spelled_by_their_ids() -> None:
    rows = rows_of("so_so", "good")
    labels = label_set_of(rows, Columns(), ordered=["bad", "so-so", "good"])
    assert labels.names == ("bad", "so-so", "good")
    assert examples_of(rows, labels, name="x").labels.tolist() == [1, 2]


def test_labels_of_which_any_number_applies_are_a_multilabel_set() -> None:
    rows = rows_of(("sad", "funny"), (), "long")
    labels = label_set_of(rows, SEVERAL)
    assert (labels.kind, labels.ids) == ("multilabel", ("funny", "long", "sad"))
    assert examples_of(rows, labels, name="x").labels.tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]


def test_flags_are_the_labels_in_their_order_also_where_one_never_applies() -> None:
    rows = rows_of(("sad",), ("sad", "funny"))
    labels = label_set_of(rows, Columns(flags=("sad", "long", "funny")), names={"long": "Drawn Out"})
    assert (labels.ids, labels.names) == (("sad", "long", "funny"), ("sad", "Drawn Out", "funny"))
    assert absent_labels(examples_of(rows, labels, name="x"), labels) == ["Drawn Out"]


def test_names_may_be_of_the_five_levels() -> None:
    names = dict(zip("01234", FIVE_LEVELS.names, strict=True))
    rows = rows_of(*"02413")
    assert label_set_of(rows, Columns(), names=names) is FIVE_LEVELS
    assert examples_of(renamed(rows, names), FIVE_LEVELS, name="x").labels.tolist() == [0, 2, 4, 1, 3]


def test_a_text_without_its_one_label_is_an_error() -> None:
    with pytest.raises(DataError, match="x: each text needs one label of a, b; a text has none or several"):
        examples_of(rows_of("a", ()), make_labels(["a", "b"], ordered=False), name="x")


@pytest.mark.parametrize(
    ("labels", "columns", "ordered", "names", "reason"),
    [
        (["bad", "bad"], Columns(), [], {}, "one label only"),
        (["bad", ()], SEVERAL, [], {}, "one label only"),
        (["bad", "good"], Columns(), ["bad"], {}, "'good' is in the file but not among the ordered ones"),
        (["a b", "a-b"], Columns(), [], {}, "cannot be used: two labels have the same id"),
        (["a", "b" * 101], Columns(), [], {}, "a label has 101 characters: 100 are the most"),
        (["a", "!"], Columns(), [], {}, "needs a letter or a digit"),
        (["a", "b"], Columns(), [], {"c": "C"}, "names has the label 'c', but no row has it"),
        (["a", "b"], Columns(), [], {"a": "b"}, "two labels have the same name"),
        (["a", "b"], Columns(), ["a", "b"], {"a": "A", "b": "B"}, "'A' is in the file but not among the ordered ones"),
        (["a", "b"], SEVERAL, ["a", "b"], {}, "labels of which several may apply have no order"),
        (["a", "b"], Columns(flags=("a", "c")), [], {}, "'b' is in the file but not among the flags"),
        (["a"], Columns(flags=("a", "a")), [], {}, "two labels have the same name"),
    ],
)
def test_labels_that_cannot_be_learned_are_an_error(
    labels: list[str], columns: Columns, ordered: list[str], names: dict[str, str], reason: str
) -> None:
    with pytest.raises(DataError, match=reason):
        label_set_of(rows_of(*labels), columns, ordered=ordered, names=names)
