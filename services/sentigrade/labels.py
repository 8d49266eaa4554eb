"""Label sets: names, order, and what kind of question they answer."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

# What fastText and BlazingText write before the id of a label.
FASTTEXT_PREFIX = "__label__"
# A label with this threshold applies to no text, however probable: a policy may allow what the model finds.
NEVER = 1
_LONGEST_NAME = 100  # characters

LabelId = Annotated[str, Meta(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=64)]


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One label: a slug for machines, a name for people.

    `polarity` (-1..1) belongs to ordinal sets; `threshold` (0..1) to multi-label sets.
    """

    id: LabelId
    name: Annotated[str, Meta(min_length=1, max_length=_LONGEST_NAME)]
    polarity: Annotated[float, Meta(ge=-1, le=1)] | None = None
    threshold: Annotated[float, Meta(ge=0, le=1)] | None = None


class LabelSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The labels of a model, in the order of its score columns.

    Ordinal labels are levels 0, 1, 2, ... with a rising polarity; nominal labels are alternatives without order;
    of multi-label labels any number applies. Raises ValueError for a set that breaks these rules.
    """

    kind: Literal["ordinal", "nominal", "multilabel"]
    items: Annotated[tuple[Label, ...], Meta(min_length=2)]

    def __post_init__(self) -> None:
        if len({label.id for label in self.items}) < len(self.items):
            raise ValueError("two labels have the same id")
        if len({label.name for label in self.items}) < len(self.items):
            raise ValueError("two labels have the same name")
        if self.kind == "ordinal":
            self._require_rising_polarity()
        if self.kind == "multilabel" and any(label.threshold is None for label in self.items):
            raise ValueError("every label of a multi-label set needs a threshold")

    def _require_rising_polarity(self) -> None:
        polarities = [label.polarity for label in self.items if label.polarity is not None]
        if len(polarities) < len(self.items):
            raise ValueError("every label of an ordinal set needs a polarity")
        if any(low >= high for low, high in pairwise(polarities)):
            raise ValueError("the polarities of an ordinal set must rise with the level")

    def __len__(self) -> int:
        return len(self.items)

    @property
    def names(self) -> tuple[str, ...]:
        """Display names, in order."""
        return tuple(label.name for label in self.items)

    @property
    def ids(self) -> tuple[str, ...]:
        """Slugs, in order."""
        return tuple(label.id for label in self.items)


def make_labels(names: Sequence[str], *, ordered: bool, ids: Sequence[str] = ()) -> LabelSet:
    """Return the label set of display names: levels from worst to best when `ordered`, alternatives otherwise.

    The ids are made from the names unless they are given. Raises ValueError for names that are too long or cannot be
    told apart.
    """
    longest = max(names, key=len, default="")
    if len(longest) > _LONGEST_NAME:
        raise ValueError(f"a label has {len(longest)} characters: {_LONGEST_NAME} are the most, so shorten it")
    highest = max(len(names) - 1, 1)
    polarities = [round(2 * level / highest - 1, 6) if ordered else None for level in range(len(names))]
    labels = [
        Label(id=label_id, name=name, polarity=polarity)
        for label_id, name, polarity in zip(ids or map(slug_of, names), names, polarities, strict=True)
    ]
    return LabelSet(kind="ordinal" if ordered else "nominal", items=tuple(labels))


def make_multilabel(names: Sequence[str], *, ids: Sequence[str] = ()) -> LabelSet:
    """Return the set of display names of which any number applies, each from a probability of a half on.

    Ids and errors are as `make_labels` has them.
    """
    labels = make_labels(names, ordered=False, ids=ids)
    return LabelSet(kind="multilabel", items=tuple(replace(label, threshold=0.5) for label in labels.items))


def slug_of(name: str) -> str:
    """Return the id of a display name; raises ValueError for one without a letter or a digit."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not slug:
        raise ValueError(f"the label {name!r} needs a letter or a digit")
    return slug[:64].rstrip("_")


FIVE_LEVELS = LabelSet(
    kind="ordinal",
    items=(
        Label(id="negative", name="Negative", polarity=-1.0),
        Label(id="somewhat_negative", name="Somewhat Negative", polarity=-0.5),
        Label(id="neutral", name="Neutral", polarity=0.0),
        Label(id="somewhat_positive", name="Somewhat Positive", polarity=0.5),
        Label(id="positive", name="Positive", polarity=1.0),
    ),
)
