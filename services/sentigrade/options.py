"""What a caller may choose about an answer: one object, decoded by every door and obeyed by the scorer."""

from typing import Annotated

import msgspec
from msgspec import Meta


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The choices that a request can make.

    model        name of a served model; None is the default one
    scores       add the family's decision values
    explain      add which words moved the answer, for families that can say so
    sentences    add the answer to each sentence of the text
    top_k        give only the so many most probable labels, the most probable first
    thresholds   of a multi-label model: from which probability on a label applies, by its name or id
    """

    model: str | None = None
    scores: bool = False
    explain: bool = False
    sentences: bool = False
    top_k: Annotated[int, Meta(ge=1)] | None = None
    thresholds: dict[str, Annotated[float, Meta(ge=0, le=1)]] | None = None

    @property
    def is_detailed(self) -> bool:
        """Whether the answer grows with every word of the text."""
        return self.explain or self.sentences
