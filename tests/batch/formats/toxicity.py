"""The answer of a model that gives any number of labels."""

from sentigrade.answer import Answer
from sentigrade.labels import make_multilabel

KINDS = make_multilabel(["Toxic", "Insult", "Threat"])
COMMENT = Answer(
    labels=("Toxic", "Insult"),
    probabilities={"Toxic": 0.9, "Insult": 0.6, "Threat": 0.1},
    thresholds=dict.fromkeys(KINDS.names, 0.5),
    model="toxicity",
    version=2,
)
