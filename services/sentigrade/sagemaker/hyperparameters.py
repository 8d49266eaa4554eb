"""The hyperparameters of a training job."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from sentigrade.data.labelled_file import Columns
from sentigrade.errors import SettingError

# SageMaker's own libraries add theirs, and so does a tuning job.
_FOREIGN = ("sagemaker_", "_tuning_objective_metric")

_Filled = Annotated[str, Meta(min_length=1)]


class Hyperparameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a training job may be told; the options of `sentigrade train` say more.

    `ordered` are the labels from worst to best, comma-separated, if they are grades. Where any number of labels applies
    to a text, `flags` are columns of 0 and 1, one a label, `separator` parts labels in one field, and `several` says so
    of files that need neither.
    """

    name: _Filled = "sentiment"
    text_column: _Filled = "text"
    label_column: _Filled = "label"
    separator: str = ""
    flags: str = ""
    several: bool = False
    ordered: str = ""
    license: _Filled = "unknown"
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 42

    @property
    def columns(self) -> Columns:
        """How to read the channels."""
        flags = tuple(flag.strip() for flag in self.flags.split(",")) if self.flags else ()
        return Columns(self.text_column, self.label_column, self.separator, flags, self.several)

    @property
    def order(self) -> list[str]:
        """The labels from worst to best; none where they are no grades."""
        return [label.strip() for label in self.ordered.split(",")] if self.ordered else []


def read_hyperparameters(path: Path) -> Hyperparameters:
    """Read hyperparameters.json, whose values are strings; a file that is not there says nothing.

    Raises SettingError for a name that is not known and for a value that cannot be used.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Hyperparameters()
    except OSError as error:
        raise SettingError(f"{path} cannot be read ({error.strerror})") from None
    try:
        given = msgspec.json.decode(raw, type=dict[str, object])
        own = {name: value for name, value in given.items() if not name.startswith(_FOREIGN)}
        unknown = sorted(own.keys() - set(Hyperparameters.__struct_fields__))
        if unknown:
            known = ", ".join(Hyperparameters.__struct_fields__)
            raise SettingError(f"{unknown[0]} is not a hyperparameter; known are {known}")
        return msgspec.convert(own, Hyperparameters, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        name = str(error).partition(" - at `$.")[2].rstrip("`")
        raise SettingError(f"the hyperparameter {name}: {error}" if name else f"{path}: {error}") from None
