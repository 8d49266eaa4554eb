from msgspec.structs import replace

from sentigrade.evaluation.evaluate import Evaluation
from sentigrade.evaluation.model_card import model_card
from sentigrade.manifest import LongText


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
