"""What a caller may choose about an answer: one object, decoded by every door and obeyed by the scorer."""

from typing import Annotated

import msgspec
from msgspec import Meta


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The choices that a request can make."""

    model: Annotated[str | None, Meta(description="Name of a served model; the first one answers otherwise.")] = None
    scores: Annotated[bool, Meta(description="Add the decision values from which the probabilities are made.")] = False
    explain: Annotated[
        bool, Meta(description="Add which words moved the answer; for families of models that can say so.")
    ] = False
    sentences: Annotated[bool, Meta(description="Add the answer to each sentence of the text.")] = False
    top_k: Annotated[
        Annotated[int, Meta(ge=1, le=1000)] | None,
        Meta(description="Give only the so many most probable labels, the most probable first."),
    ] = None
    thresholds: Annotated[
        dict[str, Annotated[float, Meta(ge=0, le=1)]] | None,
        Meta(
            description="Of a multi-label model: from which probability on a label applies, by its name or id; 1 means "
            "never."
        ),
    ] = None

    @property
    def is_detailed(self) -> bool:
        """Whether the answer grows with every word of the text."""
        return self.explain or self.sentences
