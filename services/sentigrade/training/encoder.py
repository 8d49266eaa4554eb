"""A pretrained encoder of Hugging Face's, from a folder or the hub, and a layer that grades its output."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import HFValidationError
from safetensors import SafetensorError
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from sentigrade.errors import DataError

# As the encoders themselves were trained.
_SPREAD = 0.02
# What of a model on the hub is fetched: weights that nothing can be hidden in that would run, and the tokenizer.
_WEIGHTS = "*.safetensors"
_FILES = (_WEIGHTS, "*.json", "*.txt", "*.model")
# Seconds in which the hub has to answer whether it has a model.
_PATIENCE = 10
# More do not fit in a file of ONNX, which holds 2 GB.
_MOST_NUMBERS = 500_000_000
# An encoder brings or lacks this layer as whoever saved it pleased; it is not used here.
_UNUSED = "pooler."


class Encoder(NamedTuple):
    """An encoder, the tokenizer whose tokens it reads, the token for padding, and how many it reads at once."""

    model: nn.Module
    tokenizer: Tokenizer
    padding: int
    longest: int


def encoder_folder(name: str) -> Path:
    """Return the folder of that name or, where there is none, the one to which the model of that name was fetched.

    It is fetched from the hub once. Raises DataError when there is neither a folder nor such a model.
    """
    if Path(name).is_dir():
        return Path(name)
    try:
        return Path(snapshot_download(name, allow_patterns=[*_FILES], local_files_only=True))
    except (OSError, HFValidationError):
        pass
    try:
        # It asks once; fetching would try again and again for half a minute before it says that there is no network.
        HfApi().model_info(name, timeout=_PATIENCE)
        return Path(snapshot_download(name, allow_patterns=[*_FILES]))
    except Exception as error:  # noqa: BLE001 - errors of the libraries that it asks with come too
        reason = str(error).strip().partition("\n")[0]
        raise DataError(
            f"{name} is neither a folder, beside the data or here, nor a model that the hub hands out ({reason}): "
            "give a folder with an encoder and its tokenizer"
        ) from None


def digests_of(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file of weights, by its name."""
    digests = {}
    for path in sorted(folder.glob(_WEIGHTS)):
        with path.open("rb") as file:
            digests[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def read_encoder(folder: Path) -> Encoder:
    """Read an encoder and its tokenizer.

    Raises DataError for what cannot be read, weights of another encoder, a tokenizer whose tokens the encoder does not
    know, and what is no encoder.
    """
    with _quietly():
        try:
            model, found = _model(folder)
            read = AutoTokenizer.from_pretrained(folder, use_fast=True, trust_remote_code=False, local_files_only=True)
        except (OSError, ValueError, TypeError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise DataError(
                f"{folder} holds no encoder with config.json, model.safetensors and tokenizer.json: {reason}"
            ) from None
    missing = [name for name in found["missing_keys"] if _UNUSED not in name]
    if missing:
        raise DataError(f"{folder}: {len(missing)} of the encoder's layers have no weights, such as {missing[0]}")
    tokenizer = getattr(read, "backend_tokenizer", None)
    # Of some kinds transformers makes one without any words where there is no file of them.
    if tokenizer is None or tokenizer.get_vocab_size() <= len(read.all_special_tokens):
        raise DataError(f"{folder} has no tokenizer.json, nor files of words that transformers makes it from")
    _require_match(folder, model, tokenizer)
    return Encoder(model, tokenizer, read.pad_token_id or 0, min(_positions(model), read.model_max_length))


def _model(folder: Path) -> tuple[nn.Module, dict[str, Any]]:
    """Return the encoder, and which of its layers the folder has no weights for."""
    model, found = AutoModel.from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation="eager",
        use_safetensors=True,
        trust_remote_code=False,
        local_files_only=True,
        output_loading_info=True,
    )
    return model, found


def _require_match(folder: Path, model: nn.Module, tokenizer: Tokenizer) -> None:
    if not tokenizer.encode("").ids:
        raise DataError(f"{folder} is no encoder: its tokenizer adds no token of its own to a text, such as [CLS]")
    known, rows = 1 + max(tokenizer.get_vocab().values()), model.get_input_embeddings().num_embeddings
    if known > rows:
        raise DataError(f"the tokenizer in {folder} has {known:,} tokens, the encoder {rows:,}: it is another's")
    numbers = sum(parameter.numel() for parameter in model.parameters())
    if numbers > _MOST_NUMBERS:
        raise DataError(f"{folder} has {numbers:,} weights; a model file takes at most {_MOST_NUMBERS:,}")
    try:
        with torch.inference_mode():
            _states_without_words(model, tokenizer)
    except (ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise DataError(f"{folder} is no encoder of texts: {error}") from None


def _states_without_words(model: nn.Module, tokenizer: Tokenizer) -> torch.Tensor:
    """Return what an encoder makes of an empty text; what is none takes other input, or has no such states."""
    states: torch.Tensor = model.eval()(input_ids=torch.tensor([tokenizer.encode("").ids])).last_hidden_state
    return states


def _positions(model: nn.Module) -> int:
    """Return how many tokens it reads; of RoBERTa's table of positions the first rows are for padding."""
    for name, layer in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(layer, nn.Embedding):
            return int(layer.num_embeddings) - (0 if layer.padding_idx is None else layer.padding_idx + 1)
    # Where there is no table, the tokenizer may say how far it reads.
    return int(getattr(model.config, "max_position_embeddings", 10**9))


@contextmanager
def _quietly() -> Iterator[None]:
    """Leave out what transformers says while it reads, and leave it as talkative as it was."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


class Grader(nn.Module):  # type: ignore[misc, unused-ignore]  # where types are checked there is no torch
    """The mean of what the encoder makes of the tokens of a text, and a linear layer over it."""

    def __init__(self, encoder: nn.Module, labels: int, *, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(encoder.config.hidden_size, labels)
        nn.init.normal_(self.output.weight, std=_SPREAD)
        nn.init.zeros_(self.output.bias)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return scores (texts, labels) of tokens (texts, tokens); the mask is 1 for tokens and 0 for padding."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        if attention_mask is None:
            means = states.mean(dim=1)
        else:
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            means = (states * mask).sum(dim=1) / mask.sum(dim=1)
        scores: torch.Tensor = self.output(self.dropout(means))
        return scores
