"""A url leads to a model folder inside the one that callers may load from, or nowhere."""

import os
from pathlib import Path

import pytest

from sentigrade.errors import InvalidRequest
from sentigrade.web.multi_model.finding import find_model_folder

OUTSIDE = "url is not the path of a folder inside the one that SENTIGRADE_MULTI_MODEL names."


def make_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that callers may load from; beside it lies a model that they may not load."""
    make_model(tmp_path / "models-evil" / "model")
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def refusal(url: object, root: Path) -> str:
    with pytest.raises(InvalidRequest) as refused:
        find_model_folder(str(url), str(root))
    assert refused.value.pointer == "/url"
    return refused.value.detail


def test_the_folder_at_url(root: Path) -> None:
    folder = make_model(root / "reviews" / "model")
    assert find_model_folder(str(folder), str(root)) == folder
    assert find_model_folder(f"{root}//reviews/./model/", f"{root}/") == folder


def test_the_only_model_folder_one_below(root: Path) -> None:
    folder = make_model(root / "reviews" / "model" / "sentiment")
    (root / "reviews" / "model" / "notes").mkdir()
    assert find_model_folder(str(folder.parent), str(root)) == folder


def test_not_two_below(root: Path) -> None:
    make_model(root / "reviews" / "model" / "sentiment")
    assert "no model folder at url" in refusal(root / "reviews", root)


def test_not_one_of_several(root: Path) -> None:
    make_model(root / "reviews" / "1")
    make_model(root / "reviews" / "2")
    assert "more than one model folder at url" in refusal(root / "reviews", root)
    make_model(root / "topics")
    make_model(root / "topics" / "1")
    assert "more than one model folder at url" in refusal(root / "topics", root)


def test_a_root_that_is_a_link_is_followed(root: Path, tmp_path: Path) -> None:
    folder = make_model(root / "reviews")
    (tmp_path / "mounted").symlink_to(root)
    assert find_model_folder(str(tmp_path / "mounted" / "reviews"), str(tmp_path / "mounted")) == folder


def test_a_link_within_the_root_is_followed(root: Path) -> None:
    folder = make_model(root / "reviews")
    (root / "newest").symlink_to(folder)
    assert find_model_folder(str(root / "newest"), str(root)) == folder


@pytest.mark.parametrize(
    "url",
    [
        "models/reviews",
        "models-evil/model",
        "",
        "/",
        "/etc",
        "/nowhere/at/all",
        "{root}",
        "{root}/",
        "{root}/.",
        "{root}/..",
        "{root}/../models-evil/model",
        "{root}/nowhere/../../models-evil/model",
        "{root}-evil/model",
        "{root}-evil",
        "{root}/evil",
        "{root}/evil/model",
        "{root}/reviews/up/models-evil/model",
        "{root}/reviews\0/../../models-evil/model",
        "{root}/reviews\0",
        "file://{root}/reviews",
        "s3://bucket/reviews",
        "~/reviews",
    ],
)
def test_a_url_that_leads_elsewhere(root: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    make_model(root / "reviews")
    (root / "evil").symlink_to(root.parent / "models-evil")
    (root / "reviews" / "up").symlink_to("../..")
    assert refusal(url.format(root=root), root) == OUTSIDE


@pytest.mark.parametrize(
    "url", ["{root}/nowhere", "{root}/empty", "{root}/a-file", "{root}/{long}", "{root}/loop", "{root}/inner-link"]
)
def test_a_url_without_a_model(root: Path, url: str) -> None:
    (root / "empty").mkdir()
    (root / "a-file").write_text("")
    (root / "loop").symlink_to(root / "loop")
    (root / "inner-link").mkdir()
    (root / "inner-link" / "out").symlink_to(root.parent / "models-evil" / "model")
    assert "no model folder at url" in refusal(url.format(root=root, long="a" * 5000), root)


def test_a_link_to_nothing_outside_is_told_from_nothing_else(root: Path) -> None:
    (root / "out").symlink_to("/nowhere/at/all")
    assert refusal(root / "out", root) == OUTSIDE


def test_a_folder_that_may_not_be_read(root: Path) -> None:
    folder = make_model(root / "reviews")
    folder.chmod(0)
    if os.access(folder, os.R_OK):  # root reads everything
        assert find_model_folder(str(folder), str(root)) == folder
    else:
        assert "no model folder at url" in refusal(folder, root)
