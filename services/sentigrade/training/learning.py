"""What a family has to offer to be trained."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.labels import LabelSet


@dataclass(frozen=True)
class TrainingTexts:
    """n cleaned texts to fit: each different one once a label, and the whole texts among them.

    targets    (n,) position of each text's label; of a multi-label set (n, labels), 1 where one applies
    whole      those of the texts that are no phrases
    groups     (n,) texts of one group are not parted when some are held back
    """

    labels: LabelSet
    cleaned: list[str]
    targets: NDArray[np.int64]
    whole: list[str]
    groups: NDArray[np.int64]

    @classmethod
    def of(cls, labels: LabelSet, cleaned: list[str], examples: Examples) -> Self:
        """Take the examples with their texts cleaned."""
        targets = examples.labels
        pairs = zip(cleaned, targets, strict=True)
        positions = list({(text, target.tobytes()): position for position, (text, target) in enumerate(pairs)}.values())
        return cls(
            labels=labels,
            cleaned=[cleaned[position] for position in positions],
            targets=targets[positions],
            whole=[cleaned[position] for position in np.flatnonzero(examples.whole)],
            groups=examples.groups[positions],
        )

    def require_different_labels(self) -> None:
        """Raise DataError when each text has the same one label."""
        if self.targets.ndim == 1 and len(np.unique(self.targets)) < 2:
            raise DataError("all training texts have the same label; a classifier needs at least two")

    def applying(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Give each text with the positions of its labels, one or, of a multi-label set, any number."""
        for text, target in zip(self.cleaned, self.targets, strict=True):
            yield text, np.flatnonzero(target) if target.ndim else np.array([target])


class Fitted(Protocol):
    """What came of fitting; it can be kept as a model file."""

    def score(self, cleaned: list[str]) -> NDArray[np.float64]:
        """Return the scores that the classifier will give, texts x labels."""
        ...

    def save(self, folder: Path) -> str:
        """Write the model file into a folder and return its name."""
        ...


# Where the texts come from that a model has not seen, for calibration and figures: five further fits leave out a fold
# each, or, where a fit takes long, the only one leaves out a tenth. A model that learned from a teacher, who left out
# the same tenth, has in its folds met what the teacher learned from the rest: the tenth then corrects the calibration.
Unseen = Literal["folds", "a tenth", "folds, then a tenth"]


class Parameters(Protocol):
    """What may be chosen about a family's training: a msgspec.Struct, the table `parameters` of a recipe.

    extra       the extra that serving needs, None where the core is enough
    packages    the packages whose versions the manifest notes
    """

    extra: ClassVar[str | None]
    packages: ClassVar[tuple[str, ...]]

    @property
    def unseen(self) -> Unseen:
        """How it comes by texts that it has not seen."""
        ...

    def chosen(self, texts: TrainingTexts, seed: int, /) -> Self:
        """Return the parameters with which everything is fitted, after what is to be tried out was tried."""
        ...

    def noted(self) -> dict[str, Any]:
        """Return what the manifest says of them; of a file its name and sha256, never where it lay."""
        ...

    def fit(self, texts: TrainingTexts, *, seed: int) -> Fitted:
        """Fit; the same for the same input and seed. Raises DataError when nothing can be learned."""
        ...
