"""From which probability on a label applies is for the manifest to say, and for each request."""

import json
from pathlib import Path

import pytest

from sentigrade.errors import InvalidRequest
from sentigrade.model import load_model
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from tests.contract.cases import Case, cases
from tests.contract.conftest import ready
from tests.contract.test_answers import answers
from tests.model_copies import manifest_of

SEVERAL = pytest.mark.parametrize("case", cases(lambda case: case.labels.kind == "multilabel"), indirect=True)


@SEVERAL
def test_the_labels_that_reach_the_threshold_of_the_manifest_apply(
    case: Case, scorer: Scorer, texts: list[str]
) -> None:
    thresholds = {label.name: label.threshold for label in scorer.model.manifest.labels.items}
    given = answers(scorer, texts)
    assert len({answer.labels for answer in given}) > 3
    for answer in given:
        assert answer.thresholds == thresholds
        assert set(answer.applying) == reaching(answer.probabilities, answer.thresholds)


@SEVERAL
def test_thresholds_that_are_changed_in_the_manifest_are_obeyed(case: Case, copy: Path, texts: list[str]) -> None:
    manifest = manifest_of(copy)
    for label, threshold in zip(manifest["labels"]["items"], [0, 1, 0], strict=True):
        label["threshold"] = threshold
    (copy / "manifest.json").write_text(json.dumps(manifest))
    first, _, last = case.labels.names
    assert {frozenset(answer.applying) for answer in answers(ready(load_model(copy)), texts)} == {
        frozenset((first, last))
    }


@SEVERAL
def test_the_thresholds_of_a_request_are_obeyed(case: Case, scorer: Scorer, texts: list[str]) -> None:
    first, second, _ = case.labels.names
    asked = Options(thresholds={case.labels.ids[0]: 0.0, second: 1.0})
    for answer, plain in zip(answers(scorer, texts, asked), answers(scorer, texts), strict=True):
        assert plain.thresholds
        assert answer.thresholds == {**plain.thresholds, first: 0.0, second: 1.0}
        assert answer.probabilities == plain.probabilities
        assert set(answer.applying) == reaching(answer.probabilities, answer.thresholds) - {second}


@pytest.mark.parametrize("case", cases(lambda case: case.labels.kind != "multilabel"), indirect=True)
def test_a_model_of_alternatives_takes_no_thresholds(case: Case, scorer: Scorer) -> None:
    with pytest.raises(InvalidRequest, match="thresholds are for multi-label models"):
        scorer.score(["A text."], Options(thresholds={case.labels.names[0]: 0.5}))


def reaching(probabilities: dict[str, float], thresholds: dict[str, float]) -> set[str]:
    return {name for name, probability in probabilities.items() if probability >= thresholds[name]}
