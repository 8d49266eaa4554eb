"""Ask a running Sentigrade: `from sentigrade.client import Client`. Light to import, and needs no model."""

from sentigrade.answer import Answer, Explanation, Rejection, Sentence, Word
from sentigrade.client.asking import Limits
from sentigrade.client.client import Client
from sentigrade.client.patience import Patience
from sentigrade.labels import Label, LabelSet
from sentigrade.model_state import ModelDetails, ModelState
from sentigrade.options import Options

__all__ = [
    "Answer",
    "Client",
    "Explanation",
    "Label",
    "LabelSet",
    "Limits",
    "ModelDetails",
    "ModelState",
    "Options",
    "Patience",
    "Rejection",
    "Sentence",
    "Word",
]
