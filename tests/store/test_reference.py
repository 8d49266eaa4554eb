import pytest

from sentigrade.errors import StoreError
from sentigrade.store.reference import AnyReference, FolderReference, PickleReference, Reference, parse_reference

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
        (f"s3://bucket/a/My_model.pkl#sha256:{DIGEST}", PickleReference("s3://bucket/a", "My_model.pkl", DIGEST)),
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


def test_a_bare_pickle_needs_its_sha256() -> None:
    with pytest.raises(StoreError, match="needs the sha256 of the pickle: write s3://bucket/m.joblib#sha256"):
        parse_reference("s3://bucket/m.joblib")


def test_a_pickle_s_name_becomes_the_model_s() -> None:
    assert parse_reference(f"s3://bucket/My Model (2).pkl#sha256:{DIGEST}").name == "my-model-2"
