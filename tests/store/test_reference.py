from pathlib import Path

import pytest

from sentigrade.errors import StoreError
from sentigrade.store.reference import (
    AnyReference,
    BareModelReference,
    FolderReference,
    Reference,
    parse_reference,
    pinned,
)

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("sentiment", Reference("sentiment")),
        ("topics.v2@12", Reference("topics.v2", 12)),
        (f"topics@3#sha256:{DIGEST}", Reference("topics", 3, DIGEST)),
        ("s3://bucket/sentiment", Reference("sentiment", store="s3://bucket")),
        (f"s3://bucket/a/b/topics@3#sha256:{DIGEST}", Reference("topics", 3, DIGEST, "s3://bucket/a/b")),
        (".", FolderReference(".")),
        ("./my model", FolderReference("./my model")),
        (f"/models/sentiment/1#sha256:{DIGEST}", FolderReference("/models/sentiment/1", DIGEST)),
        (f"s3://bucket/a/My_model.pkl#sha256:{DIGEST}", BareModelReference("s3://bucket/a", "My_model.pkl", DIGEST)),
        (f"s3://bucket/model.tar.gz#sha256:{DIGEST}", BareModelReference("s3://bucket", "model.tar.gz", DIGEST)),
        (f"s3://bucket/model.bin#sha256:{DIGEST}", BareModelReference("s3://bucket", "model.bin", DIGEST)),
        (f"s3://bucket/topics.ftz#sha256:{DIGEST}", BareModelReference("s3://bucket", "topics.ftz", DIGEST)),
    ],
)
def test_a_reference_is_what_it_says(text: str, meaning: AnyReference) -> None:
    assert parse_reference(text) == meaning


@pytest.mark.parametrize(
    "text",
    ["", "Sentiment", "a@", "a@0", "a@x", "a@-1", "@1", "a@1@2", "a b", "s3://sentiment", "s3://bucket/", "s3://b/A@1"],
)
def test_anything_else_is_no_reference(text: str) -> None:
    with pytest.raises(StoreError, match="is not a model: write a name"):
        parse_reference(text)


@pytest.mark.parametrize("digest", ["", "sha256:", f"sha256:{DIGEST}0", f"md5:{DIGEST}", f"sha256:{DIGEST.upper()}"])
def test_a_digest_is_a_whole_sha256(digest: str) -> None:
    with pytest.raises(StoreError, match="after # comes sha256"):
        parse_reference(f"sentiment@1#{digest}")


@pytest.mark.parametrize("file", ["m.joblib", "model.bin", "model.tar.gz"])
def test_a_bare_model_needs_its_sha256(file: str) -> None:
    with pytest.raises(StoreError, match=f"needs the sha256 of the file: write s3://bucket/{file}#sha256"):
        parse_reference(f"s3://bucket/{file}")


@pytest.mark.parametrize(
    ("file", "name"),
    [("My Model (2).pkl", "my-model-2"), ("lid.176.ftz", "lid.176"), ("model.v2.tar.gz", "model.v2"), (".bin", "bin")],
)
def test_a_file_s_name_becomes_the_model_s(file: str, name: str) -> None:
    assert parse_reference(f"s3://bucket/{file}#sha256:{DIGEST}").name == name


@pytest.mark.parametrize(
    ("text", "exactly"),
    [
        ("sentiment", f"sentiment@3#sha256:{DIGEST}"),
        ("sentiment@3", f"sentiment@3#sha256:{DIGEST}"),
        (f"sentiment@3#sha256:{DIGEST}", f"sentiment@3#sha256:{DIGEST}"),
        ("s3://bucket/a/b/topics", f"s3://bucket/a/b/topics@3#sha256:{DIGEST}"),
        ("s3://bucket/topics@3", f"s3://bucket/topics@3#sha256:{DIGEST}"),
        ("/models/sentiment/3", f"/models/sentiment/3#sha256:{DIGEST}"),
    ],
)
def test_a_pinned_reference_means_one_version_with_one_digest(text: str, exactly: str) -> None:
    assert pinned(text, 3, DIGEST) == exactly
    assert pinned(exactly, 3, DIGEST) == exactly


def test_a_pinned_folder_is_the_same_wherever_a_process_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert pinned("./my model", 1, DIGEST) == f"{tmp_path}/my model#sha256:{DIGEST}"
    assert parse_reference(pinned(".", 1, DIGEST)) == FolderReference(str(tmp_path), DIGEST)


def test_a_bare_model_is_pinned_already_by_the_digest_of_its_file() -> None:
    text = f"s3://bucket/model.pkl#sha256:{DIGEST}"
    assert pinned(text, 1, "f" * 64) == text
