"""Fits family `transformer`: fine-tunes a pretrained encoder with torch, and exports it for onnxruntime."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.transformer import LABELS, TOKENIZER, TransformerClassifier
from sentigrade.errors import DataError, MissingExtra
from sentigrade.labels import LabelSet
from sentigrade.training.learning import TrainingTexts, Unseen

try:
    import torch
    from torch import nn

    from sentigrade.training.checkpoint import Checkpoint
    from sentigrade.training.encoder import Encoder, Grader, digests_of, encoder_folder, read_encoder
    from sentigrade.training.epochs import Learned, Windows
    from sentigrade.training.fine_tuning import FineTuning, Precision, Steps, Task
    from sentigrade.training.onnx_export import onnx_bytes
except ImportError:
    raise MissingExtra("training family transformer", "torch") from None

MODEL_FILE = "model.onnx"

_Count = Annotated[int, Meta(ge=1)]
_Share = Annotated[float, Meta(ge=0, lt=1)]


class TransformerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a fine-tuning; docs/transformer.md says how the defaults were chosen.

    encoder          a folder with an encoder and its tokenizer, or a name on Hugging Face's hub
    epochs           times through all texts
    phrases          of the texts that are no whole ones, only so many, drawn; None: all
    whole_epochs     further times through the whole texts alone
    batch            windows in a step
    lr               the step size of AdamW at its highest
    warm_up          the share of the steps in which it rises
    weight_decay     how much of the weights each step takes away
    clip             longer gradients are cut to this length
    dropout          the share of what the encoder says of a text that each step leaves out
    class_weights    balanced: rare labels count as much as frequent ones
    patience         epochs without a lower loss on a tenth held back, after which training stops; 0: none is held back
    max_tokens       tokens in a window
    overlap          tokens that a window shares with the next
    precision        what is computed in; auto: bf16 where the processor or the GPU can, fp16 on other GPUs
    device           cpu, cuda; auto: a GPU if there is one
    int8             keep the weights in 8 bits
    unseen           what calibration and figures come from: `a tenth` is held back from training, or, for few texts,
                     five more trainings leave out a `folds` each
    checkpoints      a folder in which a training that is killed leaves what it needs to go on
    """

    extra: ClassVar[str | None] = "transformer"
    packages: ClassVar[tuple[str, ...]] = ("spacy", "torch", "transformers", "tokenizers", "onnxruntime", "numpy")

    encoder: Annotated[str, Meta(min_length=1)]
    epochs: _Count = 3
    phrases: Annotated[int, Meta(ge=0)] | None = None
    whole_epochs: Annotated[int, Meta(ge=0)] = 0
    batch: _Count = 32
    lr: Annotated[float, Meta(gt=0, le=1e30)] = 6e-5
    warm_up: _Share = 0.1
    weight_decay: _Share = 0.01
    clip: Annotated[float, Meta(gt=0)] = 1.0
    dropout: _Share = 0.1
    class_weights: Literal["none", "balanced"] = "none"
    patience: Annotated[int, Meta(ge=0)] = 0
    max_tokens: Annotated[int, Meta(ge=8)] = 128
    overlap: Annotated[int, Meta(ge=0)] = 16
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    int8: bool = True
    unseen: Unseen = "a tenth"
    checkpoints: str | None = None

    def __post_init__(self) -> None:
        if 2 * self.overlap >= self.max_tokens:
            raise ValueError("windows may overlap by less than half of max_tokens")

    def chosen(self, _texts: TrainingTexts, _seed: int, /) -> Self:
        """Return them with the device and the precision that there are here.

        Raises DataError for a GPU where there is none.
        """
        there = torch.cuda.is_available()
        if self.device == "cuda" and not there:
            raise DataError("torch finds no GPU here: leave device out, or write device = 'cpu'")
        device = self.device if self.device != "auto" else "cuda" if there else "cpu"
        return replace(self, device=device, precision=self._precision(device))

    def noted(self) -> dict[str, Any]:
        """Return them by name; of the encoder its name and the sha256 of its weights."""
        noted = msgspec.structs.asdict(self)
        del noted["checkpoints"]
        folder = encoder_folder(self.encoder)
        name = folder.resolve().name if Path(self.encoder).is_dir() else self.encoder
        return {**noted, "encoder": {f"{name}/{file}": digest for file, digest in digests_of(folder).items()}}

    def fit(self, texts: TrainingTexts, *, seed: int) -> "FittedTransformer":
        """Fine-tune; on a CPU with as many threads the same for the same input and seed.

        Raises DataError when there is nothing to tell apart, for an encoder that cannot be used, when the numbers
        overflow and when there is not enough memory.
        """
        texts.require_different_labels()
        settled = self.chosen(texts, seed)
        with _drawing_from(seed, settled.device):
            encoder = read_encoder(encoder_folder(self.encoder))
            _part_into_windows(encoder, self)
            network = Grader(encoder.model, len(texts.labels), dropout=self.dropout)
            settled._tune(network, texts, encoder, seed)
        described = {LABELS: " ".join(texts.labels.ids), TOKENIZER: encoder.tokenizer.to_str()}
        return FittedTransformer(onnx_bytes(network.cpu(), described, int8=self.int8), texts.labels)

    def _tune(self, network: nn.Module, texts: TrainingTexts, encoder: Encoder, seed: int) -> None:
        parted = Windows.of(texts, encoder.tokenizer, encoder.padding)
        learned = Learned.of(
            texts,
            epochs=self.epochs,
            phrases=self.phrases,
            whole_epochs=self.whole_epochs,
            early_stopping=self.patience > 0,
            seed=seed,
        )
        task = Task(
            rows=parted.rows,
            epochs=[parted.of_texts(epoch) for epoch in learned.epochs],
            held_back=parted.of_texts(learned.held_back),
            loss=self._loss(texts),
            seed=seed,
        )
        FineTuning(network, task, self._steps(), self._checkpoint(texts, encoder, seed)).run()

    def _steps(self) -> Steps:
        return Steps(
            lr=self.lr,
            warm_up=self.warm_up,
            weight_decay=self.weight_decay,
            clip=self.clip,
            batch=self.batch,
            patience=self.patience,
            precision=self._precision(self.device),
            device=self.device,
        )

    def _loss(self, texts: TrainingTexts) -> nn.Module:
        weights = None
        if self.class_weights == "balanced":
            weights = torch.tensor(balance(texts), dtype=torch.float32)
        several = texts.targets.ndim > 1
        return nn.BCEWithLogitsLoss(pos_weight=weights) if several else nn.CrossEntropyLoss(weight=weights)

    def _precision(self, device: str) -> Precision:
        if self.precision != "auto":
            return self.precision
        if device == "cuda":
            return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
        return "bf16" if torch.cpu._is_avx512_bf16_supported() else "fp32"

    def _checkpoint(self, texts: TrainingTexts, encoder: Encoder, seed: int) -> Checkpoint | None:
        if self.checkpoints is None:
            return None
        learned_from = [texts.labels.ids, texts.cleaned, texts.targets.tolist(), texts.whole, texts.groups.tolist()]
        depends_on = [self.noted(), encoder.tokenizer.to_str(), seed, learned_from]
        digest = hashlib.sha256(msgspec.json.encode(depends_on)).hexdigest()
        return Checkpoint(Path(self.checkpoints), digest[:16])


Parameters = TransformerParameters


class FittedTransformer(NamedTuple):
    """A fine-tuned encoder, exported."""

    content: bytes
    labels: LabelSet

    def score(self, cleaned: list[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels."""
        return TransformerClassifier.load(Parts(self.labels, MODEL_FILE, self.content)).score(cleaned)

    def save(self, folder: Path) -> str:
        """Write the ONNX file."""
        (folder / MODEL_FILE).write_bytes(self.content)
        return MODEL_FILE


def _part_into_windows(encoder: Encoder, parameters: TransformerParameters) -> None:
    """Tell the tokenizer to part long texts into windows, and to pad nothing."""
    if parameters.max_tokens > encoder.longest:
        raise DataError(
            f"{parameters.encoder} reads {encoder.longest} tokens at once: give max_tokens = {encoder.longest}"
        )
    encoder.tokenizer.no_padding()
    encoder.tokenizer.enable_truncation(parameters.max_tokens, stride=parameters.overlap)


def balance(texts: TrainingTexts) -> NDArray[np.float64]:
    """Return (labels,) weights under which each label counts as much as the others.

    Of a multi-label set the texts with a label count as much as those without it.
    """
    if texts.targets.ndim > 1:
        applies: NDArray[np.int64] = texts.targets.sum(axis=0)
        without = (len(texts.targets) - applies).astype(np.float64)
        return without / np.maximum(applies, 1)
    frequency = np.bincount(texts.targets, minlength=len(texts.labels)).astype(np.float64)
    return len(texts.targets) / (len(texts.labels) * np.maximum(frequency, 1))


@contextmanager
def _drawing_from(seed: int, device: str) -> Iterator[None]:
    """Let torch draw from a seed, and leave its chance as it was."""
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if device == "cuda" else []):
        torch.manual_seed(seed)
        yield
