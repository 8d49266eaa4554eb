"""The steps of a fine-tuning: warm-up, clipping, mixed precision, early stopping; it can be killed and goes on."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from sentigrade.errors import DataError
from sentigrade.training.batches import Batch, Rows, drawn_batches, padded, sorted_batches
from sentigrade.training.checkpoint import Checkpoint

Precision = Literal["fp32", "bf16", "fp16"]

_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# What torch and the libraries below it say when there is no memory left.
_NO_MEMORY = ("allocate memory", "bad_alloc", "out of memory", "ALLOC_FAILED", "could not create a memory")


@dataclass(frozen=True, kw_only=True)
class Steps:
    """How the numbers move.

    lr              the step size of AdamW at its highest: it rises for the share `warm_up` of all steps, then falls
    weight_decay    how much of the weights each step takes away, of those that are matrices
    clip            longer gradients are cut to this length
    batch           windows in a step
    patience        epochs without a lower loss on the windows held back, after which it stops; 0: it does not stop
    precision       what the encoder computes in; its numbers are kept in fp32
    device          cpu or cuda
    """

    lr: float
    warm_up: float
    weight_decay: float
    clip: float
    batch: int
    patience: int
    precision: Precision
    device: str


class Task(NamedTuple):
    """What is to be learned.

    rows         the windows
    epochs       positions of the windows that each epoch goes through
    held_back    positions of those that say how well it goes
    loss         of scores (windows, labels) and targets
    seed         decides in which order windows come
    """

    rows: Rows
    epochs: list[NDArray[np.int64]]
    held_back: NDArray[np.int64]
    loss: nn.Module
    seed: int


@dataclass
class _Progress:
    """How far a training has come, and what was best in it."""

    step: int = 0
    least: float = math.inf
    since: int = 0
    best: dict[str, Any] = field(default_factory=dict)
    finished: bool = False


class FineTuning:
    """A network that learns: tokens (windows, tokens) and their mask to scores (windows, labels)."""

    def __init__(self, network: nn.Module, task: Task, steps: Steps, checkpoint: Checkpoint | None = None) -> None:
        self._network = network
        self._task, self._steps, self._checkpoint = task, steps, checkpoint
        self._lengths = task.rows.lengths()
        self._total = sum(math.ceil(len(epoch) / steps.batch) for epoch in task.epochs)
        self._progress = _Progress()

    def run(self) -> None:
        """Go through the epochs, from the checkpoint on if there is one; leaves the network as it was at its best.

        Raises DataError when the numbers overflow, the batches need more memory than there is or there is no room for
        a checkpoint.
        """
        with _memory_errors(self._steps.batch):
            self._begin()
            for batch, ends_epoch in self._remaining():
                self._step(batch)
                if ends_epoch and self._steps.patience:
                    self._look_back()
                if self._checkpoint and (ends_epoch or self._checkpoint.due()):
                    self._checkpoint.write(self._state())
                if self._progress.finished:
                    break
            if self._progress.best:
                self._network.load_state_dict(self._progress.best)
        if not all(torch.isfinite(parameter).all() for parameter in self._network.parameters()):
            raise self._overflow()

    def _begin(self) -> None:
        device, steps = self._steps.device, self._steps
        self._network.to(device)
        self._loss_of = self._task.loss.to(device)
        self._optimizer = torch.optim.AdamW(_groups(self._network, steps.weight_decay), lr=steps.lr, fused=True)
        self._scaler = torch.amp.GradScaler(device, enabled=steps.precision == "fp16")
        state = self._checkpoint.read() if self._checkpoint else None
        if state:
            self._network.load_state_dict(state["network"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._scaler.load_state_dict(state["scaler"])
            self._progress = _Progress(**state["progress"])
            _set_chance(state["chance"])

    def _state(self) -> dict[str, Any]:
        return {
            "network": self._network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scaler": self._scaler.state_dict(),
            "progress": vars(self._progress),
            "chance": _chance(self._steps.device),
        }

    def _remaining(self) -> Iterator[tuple[Batch, bool]]:
        """Give each batch that is still to be learned from, and whether it is the last of its epoch."""
        done = self._total if self._progress.finished else self._progress.step
        with tqdm(total=self._total, initial=done, desc="fine-tuning", unit="batch") as bar:
            number = 0
            for epoch, positions in enumerate(self._task.epochs):
                batches = drawn_batches(self._lengths, positions, self._steps.batch, (self._task.seed, epoch))
                for place, batch in enumerate(batches, start=1):
                    number += 1
                    if number > done:
                        yield self._batch(batch), place == len(batches)
                        bar.update()

    def _step(self, batch: Batch) -> None:
        self._network.train()
        self._progress.step += 1
        for group in self._optimizer.param_groups:
            group["lr"] = self._steps.lr * lr_share(self._progress.step, self._total, self._steps.warm_up)
        loss = self._loss(batch)
        if not math.isfinite(loss.item()):
            raise self._overflow()
        self._scaler.scale(loss).backward()
        self._scaler.unscale_(self._optimizer)
        nn.utils.clip_grad_norm_(self._network.parameters(), self._steps.clip)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._optimizer.zero_grad()

    def _loss(self, batch: Batch) -> torch.Tensor:
        kind = _TYPES[self._steps.precision]
        with torch.autocast(self._steps.device, dtype=kind, enabled=kind is not torch.float32):
            scores = self._network(batch.tokens, batch.mask)
        loss: torch.Tensor = self._loss_of(scores.float(), batch.targets)
        return loss

    def _look_back(self) -> None:
        """After an epoch, keep the network if it answers the windows held back better than before."""
        progress = self._progress
        loss = self._mean_loss()
        if not math.isfinite(loss):
            raise self._overflow()
        progress.since += 1
        if loss < progress.least:
            progress.least, progress.since = loss, 0
            progress.best = {name: tensor.detach().clone() for name, tensor in self._network.state_dict().items()}
        progress.finished = progress.since >= self._steps.patience

    def _mean_loss(self) -> float:
        self._network.eval()
        held_back = self._task.held_back
        with torch.inference_mode():
            batches = sorted_batches(self._lengths, held_back, self._steps.batch)
            return sum(float(self._loss(self._batch(batch))) * len(batch) for batch in batches) / len(held_back)

    def _batch(self, positions: NDArray[np.int64]) -> Batch:
        return padded(self._task.rows, positions).to(self._steps.device)

    def _overflow(self) -> DataError:
        other = ", or precision = bf16 or fp32" if self._steps.precision == "fp16" else ""
        return DataError(
            f"the numbers are no longer finite after {self._progress.step:,} steps: give a smaller lr{other}"
        )


def lr_share(step: int, total: int, warm_up: float) -> float:
    """Return the share of the highest step size that a step takes, the first being 1."""
    warm = max(1, math.ceil(total * warm_up))
    return min(step / warm, (total - step + 1) / (total - warm + 1))


def _groups(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    matrices = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def _chance(device: str) -> list[torch.Tensor]:
    """Return where torch's random numbers stand: dropout draws on the device."""
    return [torch.get_rng_state(), *([torch.cuda.get_rng_state()] if device == "cuda" else [])]


def _set_chance(states: list[torch.Tensor]) -> None:
    torch.set_rng_state(states[0])
    for state in states[1:]:
        torch.cuda.set_rng_state(state)


@contextmanager
def _memory_errors(batch: int) -> Iterator[None]:
    """Say what helps where there is not enough memory for batches of so many windows."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not any(said in str(error) for said in _NO_MEMORY):
            raise
        less = f"try batch = {batch // 2}" if batch > 1 else "try a smaller max_tokens or a smaller encoder"
        raise DataError(f"there is not enough memory for batches of {batch} windows: {less}") from None
