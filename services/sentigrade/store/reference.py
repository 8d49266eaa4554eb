"""References: how people name a model, `name` or `name@version`."""

import re
from typing import NamedTuple

from sentigrade.errors import StoreError
from sentigrade.model_folder import MODEL_NAME


class Reference(NamedTuple):
    """A name, and a version unless the promoted one is meant."""

    name: str
    version: int | None = None


def parse_reference(text: str) -> Reference:
    """Parse `name` or `name@version`; raises StoreError for anything else."""
    name, at, version = text.partition("@")
    if not re.fullmatch(MODEL_NAME, name) or (at and not re.fullmatch(r"[1-9][0-9]{0,8}", version)):
        raise StoreError(f"{text!r} is not a model: write a name such as sentiment, or name@version")
    return Reference(name, int(version) if at else None)
