"""The models of the embedded store: small, as good as they are said to be, and of use at once."""

from pathlib import Path

import pytest

from sentigrade.answer import Answer
from sentigrade.model import Model
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model

STORE = Path(__file__).parents[1] / "model_store"
NAMES = sorted(folder.name for folder in STORE.iterdir() if folder.is_dir())
MOST_BYTES = 8_000_000


@pytest.fixture(scope="module", params=NAMES)
def model(request: pytest.FixtureRequest) -> Model:
    return committed(request.param)


def committed(name: str) -> Model:
    return open_model(name, Settings(store=str(STORE)))


def answer(name: str, text: str, options: Options = Options()) -> Answer:
    (outcome,) = Scorer(committed(name), max_characters=1000).score([text], options)
    assert isinstance(outcome, Answer)
    return outcome


def test_the_store_holds_the_default_model_and_two_more() -> None:
    assert NAMES == ["polarity", "sentiment", "toxicity"]


def test_each_is_small_and_names_its_licence(model: Model) -> None:
    assert sum(entry.bytes for entry in model.manifest.files.values()) < MOST_BYTES
    assert model.manifest.license.startswith("Trained on")
    assert model.manifest.family == "linear"
    assert model.card


def test_polarity_tells_good_from_bad() -> None:
    assert answer("polarity", "An utter bore.").label == "Negative"
    assert answer("polarity", "A warm, funny and well-made film.").label == "Positive"


def test_toxicity_gives_any_number_of_labels_and_obeys_a_policy() -> None:
    threat = "I will find you and kill you, you idiot."
    assert {"Toxic", "Threat", "Insult"} <= set(answer("toxicity", threat).labels or ())
    assert answer("toxicity", "Thank you, this was a lovely article.").labels == ()
    only_threats = dict.fromkeys(("toxic", "severe_toxic", "obscene", "insult", "identity_hate"), 1.0)
    assert answer("toxicity", threat, Options(thresholds=only_threats)).labels == ("Threat",)
