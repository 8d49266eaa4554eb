"""Answers of a multi-label model: any number of labels, each with a probability and a threshold of its own."""

import csv
import io

import msgspec
import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from sentigrade.answer import Answer
from sentigrade.answering import applying
from sentigrade.calibration import Calibration
from sentigrade.errors import InvalidRequest
from sentigrade.labels import Label, LabelSet
from sentigrade.model import Model
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app

NAMES = ("Bleak", "Weak", "Plain", "Nice", "Bright")
LABELS = LabelSet(
    kind="multilabel", items=tuple(Label(id=f"is_{name.lower()}", name=name, threshold=0.5) for name in NAMES)
)
# The scores as they are: a sigmoid over each.
EACH_ALONE = Calibration(
    method="sigmoid",
    weights=tuple(tuple(float(row == column) for column in range(5)) for row in range(5)),
    length_weights=((0.0,) * 5,) * 5,
    bias=(0.0,) * 5,
    fitted_on="nothing",
)


@pytest.fixture(scope="module")
def moods(model: Model) -> Scorer:
    """The small model, whose labels no longer exclude each other."""
    manifest = replace(model.manifest, name="moods", labels=LABELS, calibration=EACH_ALONE)
    scorer = Scorer(model._replace(manifest=manifest), max_characters=1000).prepare()
    scorer.start()
    return scorer


@pytest.fixture
def client(moods: Scorer) -> FlaskClient:
    app = create_app([moods], Settings())
    app.extensions["sentigrade"].start()
    return app.test_client()


def answer(scorer: Scorer, text: str, options: Options = Options()) -> Answer:
    (outcome,) = scorer.score([text], options)
    assert isinstance(outcome, Answer)
    return outcome


def test_every_label_that_reaches_its_threshold_is_given_the_most_probable_first(moods: Scorer) -> None:
    got = answer(moods, "The plot is brilliant.", Options(thresholds={"is_weak": 0.0, "Bleak": 0.0, "Nice": 1.0}))
    assert got.label is None
    assert got.level is None
    assert got.polarity is None
    assert got.labels is not None
    assert got.labels[0] == "Bright"
    assert {"Weak", "Bleak"} < set(got.labels)
    assert "Nice" not in got.labels
    assert list(got.labels) == sorted(got.labels, key=got.probabilities.__getitem__, reverse=True)
    assert got.thresholds == {"Bleak": 0.0, "Weak": 0.0, "Plain": 0.5, "Nice": 1.0, "Bright": 0.5}


def test_probabilities_are_those_of_each_label_alone(moods: Scorer) -> None:
    got = answer(moods, "The plot is brilliant.", Options(scores=True))
    assert got.scores is not None
    assert sum(got.probabilities.values()) != pytest.approx(1, abs=0.01)
    for name, probability in got.probabilities.items():
        assert (probability > 0.5) == (got.scores[name] > 0)


def test_no_label_at_all_is_an_answer_too(moods: Scorer) -> None:
    got = answer(moods, "", Options(thresholds=dict.fromkeys(NAMES, 1.0)))
    assert got.labels == ()
    assert msgspec.json.decode(msgspec.json.encode(got))["labels"] == []


def test_a_label_whose_threshold_is_one_never_applies_however_sure_the_model_is() -> None:
    assert applying({"obscene": 1.0, "threat": 0.2}, {"obscene": 1.0, "threat": 0.1})["labels"] == ("threat",)


def test_of_the_labels_the_most_probable_alone_are_given(moods: Scorer) -> None:
    got = answer(moods, "The plot is brilliant.", Options(top_k=2, thresholds=dict.fromkeys(NAMES, 0.0)))
    assert got.labels == tuple(got.probabilities)
    assert len(got.labels) == 2


@pytest.mark.parametrize("thresholds", [{"is_sad": 0.5}, {"is_weak": 0.5, "Weak": 0.6}])
def test_a_threshold_for_no_label_or_twice_for_one_is_refused(moods: Scorer, thresholds: dict[str, float]) -> None:
    with pytest.raises(InvalidRequest, match="does not have, or one twice; it has Bleak, Weak") as caught:
        moods.score(["A plot."], Options(thresholds=thresholds))
    assert caught.value.pointer == "/thresholds"


def test_an_explanation_is_of_the_most_probable_label(moods: Scorer) -> None:
    got = answer(moods, "The plot is brilliant.", Options(explain=True, scores=True))
    assert got.explanation is not None
    assert got.scores is not None
    assert got.explanation.label == "Bright"
    assert got.explanation.score == got.scores["Bright"]


def test_labels_alone_are_parted_by_bars(client: FlaskClient) -> None:
    body = {
        "mytext": "The plot is brilliant.",
        "thresholds": {"Bright": 0.1, "Nice": 0.0, "Bleak": 1, "Weak": 1, "Plain": 1},
    }
    assert client.post("/", json=body, headers={"Accept": "text/plain"}).text == "Bright|Nice"


def test_a_csv_has_a_column_of_labels_and_each_is_counted(client: FlaskClient) -> None:
    thresholds = '{"Bright":0.1,"Nice":0.0,"Bleak":1,"Weak":1,"Plain":1}'
    response = client.post(
        "/",
        query_string={"thresholds": thresholds},
        data="text\nThe plot is brilliant.\n",
        content_type="text/csv",
        buffered=True,
    )
    (row,) = csv.DictReader(io.StringIO(response.text))
    assert row["labels"] == "Bright|Nice"
    assert "level" not in row
    counts = client.get("/metrics").text
    assert 'sentigrade_texts_total{model="moods",version="1"} 1.0' in counts
    for label in ("is_bright", "is_nice"):
        assert f'sentigrade_labels_total{{label="{label}",model="moods",version="1"}} 1.0' in counts


def test_a_calibration_for_alternatives_does_not_go_with_labels_that_are_none(model: Model) -> None:
    with pytest.raises(ValueError, match="multilabel labels do not go with a softmax calibration"):
        replace(model.manifest, labels=LABELS).__post_init__()
