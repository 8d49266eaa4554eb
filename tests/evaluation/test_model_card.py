from msgspec.structs import replace

from sentigrade.classifiers.base import Endpoint
from sentigrade.evaluation.evaluate import Evaluation
from sentigrade.evaluation.model_card import model_card
from sentigrade.manifest import LongText, Training


def card(evaluation: Evaluation, *, plots: tuple[str, ...] = ()) -> str:
    figures = {evaluation.examples.name: evaluation.figures()}
    return model_card(evaluation.manifest, figures, title="sentiment@1", warnings=evaluation.warnings(), plots=plots)


def test_a_card_says_what_people_should_know(evaluation: Evaluation) -> None:
    headings = [line for line in card(evaluation).splitlines() if line.startswith("#")]
    assert headings == [
        "# sentiment@1",
        "## Data",
        "## Protocol",
        "## Figures",
        "### scenes.csv",
        "## Limits",
        "## How it was made",
    ]


def test_a_card_names_data_licence_and_making(evaluation: Evaluation) -> None:
    text = card(evaluation)
    (rows,) = evaluation.manifest.training.data
    assert f"`written`: 90 labelled texts, sha256 of the rows `{rows.sha256}`" in text
    assert "Licence: self-written" in text
    assert "Seed 42; parameters longest_ngram 2" in text
    assert f"spacy {evaluation.manifest.requires.packages['spacy']}" in text


def test_a_card_says_how_long_texts_are_read(evaluation: Evaluation) -> None:
    assert "read by its sentences" not in card(evaluation)
    rule = LongText(aggregate="sentences", over_words=50, damping=0.4, evenness=0.5, tilt=3.0, fitted_on="letters")
    long = evaluation._replace(manifest=replace(evaluation.manifest, long_text=rule))
    said = "more than 50 words that the model knows is read by its sentences: damping 0.4, evenness 0.5, tilt 3.0"
    assert f"{said}, fitted on letters." in card(long)


def test_a_card_gives_figures_with_their_intervals(evaluation: Evaluation) -> None:
    low, high = evaluation.figures().intervals["accuracy"]
    assert f"| 0.933 [{low:.3f}, {high:.3f}] |" in card(evaluation)
    assert "15 texts, none of them among those that it has learned from." in card(evaluation)


def test_a_card_names_the_weakest_label(evaluation: Evaluation) -> None:
    weakness = "Negative is found least often, in 75% of its texts; 1 of 4 are called Positive."
    assert f"- On scenes.csv: {weakness}" in card(evaluation)


def test_a_card_shows_its_plots(evaluation: Evaluation) -> None:
    assert "![confusion matrix](confusion_matrix.png)" in card(evaluation, plots=("confusion_matrix.png",))


def test_a_card_of_several_labels_gives_their_thresholds_and_what_these_are_for(several: Evaluation) -> None:
    text = card(several)
    assert "Gives a text any number of 3 labels: Story, Cast, Sound. Family `linear`." in text
    assert "Thresholds were tuned on grouped folds of written for the best F1 of each label" in text
    assert "| label | AUC | precision | recall | F1 | threshold | texts |" in text
    assert "| Sound | 1.000 | 0.000 | 0.000 | 0.000 | 1.000 | 8 |" in text
    assert "| mean AUC | micro-F1 | macro-F1 | exact match | log loss | ECE | ECE if perfect |" in text
    assert "averaged over the labels" in text


def test_a_card_names_the_thresholds_that_were_wished_for(several: Evaluation) -> None:
    wishes = {"thresholds": {"cast": {"recall": 0.9, "precision": None}, "sound": 1.0}}
    wished = replace(several.manifest, training=replace(several.manifest.training, parameters=wishes))
    said = "for the best F1 of each label, but cast for recall 0.9; sound for a threshold of 1.0"
    assert said in card(several._replace(manifest=wished))


def test_a_card_of_a_trained_model_shows_the_figures_that_its_manifest_notes(several: Evaluation) -> None:
    auc = several.manifest.metrics["later"]["mean_auc"]
    assert "| data | texts | mean AUC | micro-F1 | exact match | log loss |" in card(several)
    assert f"| later | 16 | {auc:.3f} |" in card(several)


def test_a_label_without_an_auc_has_a_dash_and_a_warning(several: Evaluation) -> None:
    kept = several.predictions.truth[:, 1] == 0
    part = several._replace(predictions=several.predictions.only(kept), answered=kept, seen=several.seen)
    assert "| Cast | - |" in card(part)
    assert "> No text has the label Cast: there is no AUC of it" in card(part)


def test_a_card_of_an_endpoint_says_who_classifies_and_what_is_not_known(evaluation: Evaluation) -> None:
    endpoint = Endpoint(name="reviews", region="eu-west-1")
    training = Training(data=(), seed=None, parameters={})
    elsewhere = replace(evaluation.manifest, family="endpoint", endpoint=endpoint, training=training, metrics={})
    text = card(evaluation._replace(manifest=elsewhere))
    assert "The SageMaker endpoint `reviews` in eu-west-1 classifies" in text
    assert "whoever owns the endpoint may put another model behind it" in text
    assert "- Unknown: the model was adopted, not trained here." in text
    assert "how it was trained is not known here" in text
    assert "Again: `sentigrade train`" not in text
    assert "Noted when it was made" not in text


def test_a_card_says_what_each_family_cannot_see(evaluation: Evaluation) -> None:
    for family, limit in (("fasttext", "one strong word fades"), ("embedding", "in whatever order they stand")):
        assert limit in card(evaluation._replace(manifest=replace(evaluation.manifest, family=family)))
