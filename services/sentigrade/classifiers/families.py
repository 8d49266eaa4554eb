"""The families of classifiers, each a module of this package, imported when a model asks for it.

A module `NAME.py` has a `load` that makes a classifier of family NAME from its parts. Serving one family so never pays
for the libraries of another.
"""

from importlib import import_module

from sentigrade.classifiers.base import Classifier, Parts
from sentigrade.errors import ModelFolderError

FAMILIES = ("linear", "fasttext", "embedding", "transformer", "endpoint")
# Their classifiers lie elsewhere: no file of their folders has the role `model`.
WITHOUT_FILE = ("endpoint",)
# A request may hold more texts than they score in the time that it has; they look at the deadline (deadline.py).
SLOW = ("transformer",)


def load_classifier(family: str, parts: Parts) -> Classifier:
    """Make the classifier of a family; raises ModelFolderError for parts that are not of it and for other families.

    Raises MissingExtra where the libraries of the family are not installed.
    """
    if family not in FAMILIES:
        raise ModelFolderError(f"family {family} is not one of {', '.join(sorted(FAMILIES))}")
    classifier: Classifier = import_module(f"sentigrade.classifiers.{family}").load(parts)
    return classifier
