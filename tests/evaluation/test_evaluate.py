from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace

from sentigrade.answer import Answer
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.evaluation.evaluate import Evaluation, evaluate
from sentigrade.evaluation.multilabel.figures import MultilabelFigures
from sentigrade.scorer import Scorer
from tests.evaluation.conftest import speaking_of_aspects

TEXTS = ("A superb score.", "A dull script.", "An unbearable, horrid plot.")
LEVELS = (4, 1, 0)


def labelled(texts: Sequence[str] = TEXTS, levels: Sequence[int] = LEVELS) -> Examples:
    return Examples.of_whole_texts("asked.csv", texts, levels)


def test_the_figures_are_those_of_the_answers(scorer: Scorer) -> None:
    answers = [answer for answer in scorer.score(TEXTS) if isinstance(answer, Answer)]
    evaluation = evaluate(scorer, labelled())
    assert evaluation.predictions.given.tolist() == [answer.level for answer in answers]
    chances = [list(answer.probabilities.values())[level] for answer, level in zip(answers, LEVELS, strict=True)]
    assert evaluation.figures().log_loss == pytest.approx(-np.log(chances).mean(), abs=1e-4)
    assert evaluation.figures().n == 3


def test_progress_is_shown(scorer: Scorer, capsys: pytest.CaptureFixture[str]) -> None:
    evaluate(scorer, labelled(TEXTS * 200, LEVELS * 200))
    assert "600/600" in capsys.readouterr().err


def test_texts_of_the_training_are_counted_and_warned_of(scorer: Scorer, examples: Examples) -> None:
    seen = examples.texts[0].upper()
    evaluation = evaluate(scorer, labelled((*TEXTS, seen), (*LEVELS, 1)))
    assert evaluation.figures().seen_in_training == 1
    (warning,) = (warning for warning in evaluation.warnings() if "learned from" in warning)
    assert warning.startswith("The model has learned from 1 of these 4 texts")
    assert "accuracy over the others is 1.0000" in warning


def test_new_texts_are_not_warned_of(scorer: Scorer) -> None:
    texts = [f"A {word} scene." for word in ("horrid", "dull", "plain", "decent", "superb")]
    assert evaluate(scorer, labelled(texts, range(5))).warnings() == []


def test_a_model_that_does_not_say_what_it_learned_from_is_warned_of(scorer: Scorer) -> None:
    files = {name: entry for name, entry in scorer.model.manifest.files.items() if entry.role == "model"}
    manifest = replace(scorer.model.manifest, files=files)
    silent = Scorer(scorer.model._replace(manifest=manifest), max_characters=1000)
    evaluation = evaluate(silent, labelled())
    assert evaluation.figures().seen_in_training is None
    assert "does not say which texts it has learned from" in evaluation.warnings()[0]


def test_rejected_texts_are_counted_and_in_no_figure(scorer: Scorer) -> None:
    evaluation = evaluate(scorer, labelled((*TEXTS, "long " * 1000), (*LEVELS, 4)))
    assert (evaluation.figures().n, evaluation.figures().rejected) == (3, 1)
    assert any("1 texts were rejected" in warning for warning in evaluation.warnings())


def test_labels_that_no_text_has_are_warned_of(scorer: Scorer) -> None:
    assert evaluate(scorer, labelled()).warnings() == [
        "No text has the label Neutral, Somewhat Positive: it counts as 0 in macro-F1."
    ]


def test_one_label_only_cannot_be_measured(scorer: Scorer) -> None:
    with pytest.raises(DataError, match=r"asked.csv has rows of one label only \(Positive\): give rows of two"):
        evaluate(scorer, labelled(levels=(4, 4, 4)))


def test_a_file_of_rejected_texts_cannot_be_measured(scorer: Scorer) -> None:
    with pytest.raises(DataError, match=r"asked.csv: the service would reject each of its texts"):
        evaluate(scorer, labelled([text * 1000 for text in TEXTS]))


def test_labels_that_apply_are_those_of_the_answers(aspects: Scorer, several: Evaluation) -> None:
    answers = aspects.score(several.examples.texts)
    names = np.array(several.predictions.labels.names)
    given = [set(names[row == 1]) for row in several.predictions.given]
    assert given == [set(answer.applying) for answer in answers if isinstance(answer, Answer)]
    assert any(given)
    assert not any("Sound" in labels for labels in given)


def test_probabilities_of_several_labels_are_measured_as_they_are(aspects: Scorer, several: Evaluation) -> None:
    answers = [answer for answer in aspects.score(several.examples.texts) if isinstance(answer, Answer)]
    said = [list(answer.probabilities.values()) for answer in answers]
    assert several.predictions.probabilities.tolist() == said
    chances = np.where(several.examples.labels == 1, said, 1 - np.array(said))
    assert several.figures().log_loss == pytest.approx(-np.log(chances).mean(), abs=1e-4)


def test_a_multilabel_model_ranks_what_it_was_trained_on(several: Evaluation) -> None:
    figures = several.figures()
    assert isinstance(figures, MultilabelFigures)
    assert figures.mean_auc == 1
    assert figures.by_label["sound"].recall == 0
    assert figures.seen_in_training == 0
    assert several.warnings() == []


def test_texts_that_a_multilabel_model_has_learned_from_are_warned_of(aspects: Scorer) -> None:
    (warning,) = evaluate(aspects, speaking_of_aspects("asked.csv", "He hears", "We saw")).warnings()
    assert "learned from 16 of these 32 texts, which flatters it; mean AUC over the others is 1.0000" in warning
    (warning,) = evaluate(aspects, speaking_of_aspects("asked.csv", "We saw")).warnings()
    assert warning.endswith("learned from 16 of these 16 texts, which flatters it.")


def test_rows_that_all_have_the_same_labels_cannot_be_measured(aspects: Scorer) -> None:
    for labels in ([0, 0, 0], [1, 0, 1]):
        with pytest.raises(DataError, match=r"asked.csv: all rows have the same labels, or none: give rows with and"):
            evaluate(aspects, Examples.of_whole_texts("asked.csv", TEXTS, [labels] * 3))
