from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace

from sentigrade.answer import Answer
from sentigrade.data.examples import Examples
from sentigrade.errors import DataError
from sentigrade.evaluation.evaluate import evaluate
from sentigrade.scorer import Scorer

TEXTS = ("A superb score.", "A dull script.", "An unbearable, horrid plot.")
LEVELS = (4, 1, 0)


def labelled(texts: Sequence[str] = TEXTS, levels: Sequence[int] = LEVELS) -> Examples:
    return Examples.of_whole_texts("asked.csv", texts, levels)


def test_the_figures_are_those_of_the_answers(scorer: Scorer) -> None:
    answers = [answer for answer in scorer.score(TEXTS) if isinstance(answer, Answer)]
    evaluation = evaluate(scorer, labelled())
    assert evaluation.predictions.best.tolist() == [answer.level for answer in answers]
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
