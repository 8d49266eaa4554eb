"""How each family is trained: a module of this package for each, imported when a recipe asks for it."""

from collections.abc import Mapping
from importlib import import_module

import msgspec

from sentigrade.errors import SettingError
from sentigrade.training.learning import Parameters

TRAINED = ("linear", "fasttext", "embedding", "transformer")


def parameters_of(family: str, given: Mapping[str, object]) -> Parameters:
    """Return the parameters of a family, those that are not given as the family has them.

    A module `NAME.py` calls those of family NAME `Parameters`. Raises SettingError for another family, an unknown
    parameter or a wrong value, and MissingExtra where the libraries of the family are not installed.
    """
    if family not in TRAINED:
        raise SettingError(f"family {family} cannot be trained: choose one of {', '.join(TRAINED)}")
    kind: type[Parameters] = import_module(f"sentigrade.training.{family}").Parameters
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        hint = ": write it into a recipe, under [parameters]" if "missing required" in str(error) else ""
        raise SettingError(f"the parameters of family {family}: {error}{hint}") from None
