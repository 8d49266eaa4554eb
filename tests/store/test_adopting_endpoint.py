"""A manifest for an endpoint says what is known of it, and no more."""

from pathlib import Path

import pytest

from sentigrade.errors import ModelFolderError, SettingError
from sentigrade.labels import FIVE_LEVELS, LabelSet
from sentigrade.model import load_model
from sentigrade.store.adopting_endpoint import EndpointAdoption, adopt_endpoint, labels_of
from sentigrade.text.profile import CleaningProfile


def labels(*given: str, ordered: bool = False, several: bool = False) -> LabelSet:
    return labels_of(given, ordered=ordered, several=several)


def test_the_folder_is_a_manifest_that_loads_without_asking_anybody(tmp_path: Path) -> None:
    adopt_endpoint(EndpointAdoption("topics", "my-topics", "eu-west-1", labels("World", "Sports")), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
    manifest = load_model(tmp_path).manifest
    assert manifest.endpoint is not None
    assert (manifest.family, manifest.endpoint.name, manifest.endpoint.region) == ("endpoint", "my-topics", "eu-west-1")
    assert manifest.cleaning == CleaningProfile()
    assert (manifest.training.data, manifest.metrics, manifest.license) == ((), {}, "unknown")
    assert manifest.calibration.fitted_on == "nothing: the probabilities are the endpoint's"


def test_labels_have_the_ids_by_which_the_endpoint_knows_them() -> None:
    assert labels("1=World", " 2 = Science & Technology", "Mean of Transportation").ids == (
        "1",
        "2",
        "mean_of_transportation",
    )
    assert labels("1=World", "2=Sports").names == ("World", "Sports")


def test_ordered_labels_are_levels() -> None:
    assert labels(*FIVE_LEVELS.names, ordered=True) == FIVE_LEVELS


def test_of_several_labels_each_applies_from_a_half_on(tmp_path: Path) -> None:
    adopt_endpoint(EndpointAdoption("toxicity", "t", "eu-west-1", labels("A", "B", several=True)), tmp_path)
    manifest = load_model(tmp_path).manifest
    assert (manifest.labels.kind, manifest.calibration.method) == ("multilabel", "sigmoid")
    assert [label.threshold for label in manifest.labels.items] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("A", "a"), "two labels have the same id"),
        (("1=A", "2=A"), "two labels have the same name"),
        (("A", "!"), "needs a letter or a digit"),
        (("A", ""), "needs a letter or a digit"),
        (("A", "b" * 101), "shorten it"),
    ],
)
def test_labels_that_make_no_set_are_refused(given: tuple[str, ...], said: str) -> None:
    with pytest.raises(SettingError, match=f"--labels: .*{said}"):
        labels(*given)


def test_labels_are_levels_or_several_but_not_both() -> None:
    with pytest.raises(SettingError, match="give one of the two"):
        labels("A", "B", ordered=True, several=True)


@pytest.mark.parametrize(
    ("endpoint", "region", "given"),
    [
        ("my endpoint", "eu-west-1", ("A", "B")),
        ("../other", "eu-west-1", ("A", "B")),
        ("e", "Ireland", ("A", "B")),
        ("e", "eu-west-1", ("A",)),
        ("e", "eu-west-1", ("A", "1=")),
    ],
)
def test_what_no_endpoint_can_be_is_refused(tmp_path: Path, endpoint: str, region: str, given: tuple[str, ...]) -> None:
    with pytest.raises(ModelFolderError, match=r"manifest\.json is not valid"):
        adopt_endpoint(EndpointAdoption("m", endpoint, region, labels(*given)), tmp_path)
    assert list(tmp_path.iterdir()) == []
