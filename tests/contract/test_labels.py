"""A score is never taken for another label's."""

from pathlib import Path

import pytest

from sentigrade.errors import EndpointError, ModelFolderError
from sentigrade.model import load_model
from sentigrade.scorer import Scorer
from tests.contract.cases import cases
from tests.contract.conftest import ready
from tests.contract.test_answers import answers
from tests.model_copies import manifest_of, put_labels


@pytest.mark.parametrize("case", cases(lambda case: case.has_file), indirect=True)
@pytest.mark.parametrize("columns", [[0, 2], [0, 1, 2, 2]], ids=["fewer", "more"])
def test_a_file_that_was_made_for_another_number_of_labels_is_refused(copy: Path, columns: list[int]) -> None:
    labels = [manifest_of(copy)["labels"]["items"][column] for column in columns]
    if len(labels) > 3:
        labels[2] = {**labels[2], "id": "between", "name": "Between"}
        if "polarity" in labels[2]:
            labels[2]["polarity"] = 0.5
    put_labels(copy, labels, columns)
    with pytest.raises(ModelFolderError, match="labels"):
        load_model(copy)


@pytest.mark.parametrize("case", cases(lambda case: case.names_labels), indirect=True)
def test_labels_in_another_order_are_refused_or_answered_by_their_names(
    copy: Path, scorer: Scorer, texts: list[str]
) -> None:
    put_labels(copy, manifest_of(copy)["labels"]["items"][::-1], [2, 1, 0])
    try:
        turned = ready(load_model(copy))
    except ModelFolderError:
        return
    for there, here in zip(answers(turned, texts), answers(scorer, texts), strict=True):
        assert there.probabilities == pytest.approx(here.probabilities, abs=2e-6)
        assert set(there.applying) == set(here.applying)


@pytest.mark.parametrize("case", cases(lambda case: case.names_labels), indirect=True)
def test_labels_of_other_ids_are_refused(copy: Path) -> None:
    labels = manifest_of(copy)["labels"]["items"]
    put_labels(copy, [{**labels[0], "id": "other"}, *labels[1:]], [0, 1, 2])
    with pytest.raises((ModelFolderError, EndpointError), match="label"):
        ready(load_model(copy))
