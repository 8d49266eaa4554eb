"""What encoders are read, from where, and which are refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from sentigrade.errors import DataError
from sentigrade.training.encoder import Grader, digests_of, encoder_folder, read_encoder
from tests.tiny_encoder import tiny_encoder

pytestmark = pytest.mark.torch

# A port that nothing listens on.
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Treat it as read-only."""
    return tiny_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(saved, tmp_path / "tiny"))


def change(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_an_encoder_is_read_without_a_word(saved: Path, capfd: pytest.CaptureFixture[str]) -> None:
    encoder = read_encoder(saved)
    assert encoder.tokenizer.encode("A dull film").tokens == ["[CLS]", "a", "dull", "film", "[SEP]"]
    assert (encoder.longest, encoder.padding) == (64, 0)
    assert {parameter.dtype for parameter in encoder.model.parameters()} == {torch.float32}
    assert capfd.readouterr() == ("", "")


def test_padding_does_not_change_what_is_said_of_a_text(saved: Path) -> None:
    encoder = read_encoder(saved)
    grader = Grader(encoder.model, 3, dropout=0.1).eval()
    ids = torch.tensor([encoder.tokenizer.encode("a dull film").ids])
    filled = torch.nn.functional.pad(ids, (0, 5), value=encoder.padding)
    with torch.inference_mode():
        alone, beside = grader(ids), grader(filled, (torch.arange(10) < 5).long()[None])
    torch.testing.assert_close(alone, beside, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("kind", "longest"), [("Roberta", 62), ("DistilBert", 64), ("ModernBert", 64)])
def test_it_is_known_how_many_tokens_an_encoder_reads_at_once(kind: str, longest: int, tmp_path: Path) -> None:
    encoder = read_encoder(tiny_encoder(tmp_path, kind=kind, pad_token_id=1))
    assert encoder.longest == longest
    with torch.inference_mode():
        encoder.model(input_ids=torch.full((1, longest), 7))


def test_weights_are_told_apart_by_their_hash(saved: Path, folder: Path) -> None:
    assert digests_of(saved).keys() == {"model.safetensors"}
    assert digests_of(saved) == digests_of(folder)
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "model.safetensors").write_bytes(content)
    assert digests_of(saved) != digests_of(folder)


def test_a_model_of_the_hub_that_was_fetched_once_needs_no_network(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = tmp_path / "models--some--encoder"
    shutil.copytree(saved, cached / "snapshots" / ("0" * 40))
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", NOBODY)
    assert read_encoder(encoder_folder("some/encoder")).longest == 64


@pytest.mark.parametrize("name", ["some/other", "no/such/folder", "../gone"])
def test_what_is_neither_a_folder_nor_on_the_hub_is_refused_at_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", NOBODY)
    with pytest.raises(DataError, match=f"^{name} is neither a folder, .*: give a folder with an encoder"):
        encoder_folder(name)
    assert capfd.readouterr() == ("", "")


def of_another_shape(folder: Path) -> None:
    change(folder / "config.json", intermediate_size=128)


def of_more_layers(folder: Path) -> None:
    change(folder / "config.json", num_hidden_layers=3)


def with_more_words(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    name = "embeddings.word_embeddings.weight"
    save_file({**weights, name: weights[name][:50].clone()}, folder / "model.safetensors", {"format": "pt"})
    change(folder / "config.json", vocab_size=50)


def cut_off(folder: Path) -> None:
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[:-100])


def with_pickled_weights(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()


def that_is_no_model(folder: Path) -> None:
    change(folder / "config.json", model_type="cassette")


def that_is_no_json(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def with_code(folder: Path) -> None:
    """Such as would run when it is loaded."""
    (folder / "modeling.py").write_text("raise SystemExit('it ran')")
    change(folder / "config.json", model_type="own", auto_map={"AutoConfig": "modeling.C", "AutoModel": "modeling.M"})


def that_adds_no_tokens(folder: Path) -> None:
    change(folder / "tokenizer.json", post_processor=None)
    change(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (shutil.rmtree, "neither a folder"),
        (of_another_shape, "holds no encoder with config.json, model.safetensors and tokenizer.json: "),
        (of_more_layers, "16 of the encoder's layers have no weights, such as encoder.layer.2"),
        (with_more_words, "has .* tokens, the encoder 50: it is another's"),
        (cut_off, "holds no encoder"),
        (with_pickled_weights, "holds no encoder with config.json, model.safetensors"),
        (without_tokenizer, "has no tokenizer.json"),
        (that_is_no_model, "holds no encoder"),
        (that_is_no_json, "holds no encoder"),
        (with_code, "holds no encoder"),
        (that_adds_no_tokens, "is no encoder: its tokenizer adds no token of its own"),
    ],
)
def test_what_cannot_be_used_is_refused(changed: Callable[[Path], None], reason: str, folder: Path) -> None:
    changed(folder)
    with pytest.raises(DataError, match=reason):
        read_encoder(encoder_folder(str(folder)))


def test_a_model_that_does_more_than_encode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no encoder of texts: You "):
        read_encoder(tiny_encoder(tmp_path, kind="T5", d_model=32, d_kv=16, d_ff=64, num_layers=1, num_heads=2))
