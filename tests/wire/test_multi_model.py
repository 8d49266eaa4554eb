import json

import msgspec
import pytest

from sentigrade.errors import InvalidRequest, MalformedRequest
from sentigrade.wire.multi_model import LoadedModel, decode_load, page_of

NAMES = [f"model-{number:03}" for number in range(250)]
MODELS = [LoadedModel(name, f"/opt/ml/models/{name}/model") for name in NAMES]


def load(**fields: object) -> bytes:
    return json.dumps({"model_name": "reviews", "url": "/opt/ml/models/reviews/model", **fields}).encode()


@pytest.mark.parametrize("name", ["a", "a" * 1024, "9f2c", "shop/reviews v2.tar.gz", "día?#%2F", ".."])
def test_a_name_is_any_printable_characters(name: str) -> None:
    assert decode_load(load(model_name=name)).model_name == name


def test_fields_that_mean_nothing_here_are_passed_over() -> None:
    assert decode_load(load(priority=3)).url == "/opt/ml/models/reviews/model"


@pytest.mark.parametrize("name", ["", "a" * 1025, "/a", "a\nb", "a\n", "a\0", "a\x7f", "a\u2028b", 3, None, ["a"]])
def test_another_name_is_refused(name: object) -> None:
    with pytest.raises(InvalidRequest, match="1 to 1,024 printable characters") as refused:
        decode_load(load(model_name=name))
    assert refused.value.pointer == "/model_name"


@pytest.mark.parametrize("url", ["", 3, None, {}])
def test_another_url_is_refused(url: object) -> None:
    with pytest.raises(InvalidRequest, match="path of a model folder") as refused:
        decode_load(load(url=url))
    assert refused.value.pointer == "/url"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [(b"[]", ""), (b"3", ""), (b'{"url": "/a"}', "/model_name"), (b'{"model_name": "a"}', "/url")],
)
def test_another_shape_is_refused(body: bytes, pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        decode_load(body)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"model_name=a", b'{"model_name": "\xff"}', b'{"model_name": "\\ud83d"}', b'{"a": ' + b"[" * 100_000],
)
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        decode_load(body)


def test_a_page_holds_a_hundred_and_leads_to_the_next() -> None:
    seen: list[str] = []
    token: str | None = ""
    while token is not None:
        page = page_of(MODELS, token)
        seen += [model.model_name for model in page.models]
        assert len(seen) in (100, 200, 250)
        token = page.next_page_token
    assert seen == NAMES


def test_the_last_page_names_no_next_one() -> None:
    assert msgspec.to_builtins(page_of(MODELS[:1], "")) == {
        "models": [{"modelName": "model-000", "modelUrl": "/opt/ml/models/model-000/model"}]
    }
    assert page_of(MODELS[:100], "").next_page_token is None
    assert page_of([], "").models == []


def test_what_is_unloaded_meanwhile_shifts_no_page() -> None:
    token = page_of(MODELS, "").next_page_token
    assert token
    assert page_of(MODELS[50:], token).models[0].model_name == "model-100"


@pytest.mark.parametrize("token", ["?", "abc", "_w==", "é", "YQ==\n", "a b"])
def test_a_token_that_no_page_gave_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequest, match="leave it out"):
        page_of(MODELS, token)
