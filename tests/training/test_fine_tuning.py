"""Steps of a training, with a small network in place of an encoder."""

import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from sentigrade.errors import DataError
from sentigrade.training.batches import Rows
from sentigrade.training.checkpoint import Checkpoint
from sentigrade.training.fine_tuning import FineTuning, Precision, Steps, Task, lr_share

pytestmark = pytest.mark.torch

STEPS = Steps(lr=0.05, warm_up=0.1, weight_decay=0.01, clip=1.0, batch=8, patience=0, precision="fp32", device="cpu")
CHANCE = np.random.default_rng(1)
# Whether more of its tokens are odd than even.
TOKENS = [CHANCE.integers(1, 20, length).astype(np.int32) for length in CHANCE.integers(3, 12, 100)]
TARGETS = np.array([int((row % 2).mean() > 0.5) for row in TOKENS])
ROWS = Rows(TOKENS, TARGETS, padding=0)


# Where types are checked there is no torch.
class Network(nn.Module):  # type: ignore[misc, unused-ignore]
    """Averages its tokens; it may be interrupted, as a user would, before it reads so many batches."""

    def __init__(self, labels: int = 2, *, interrupted_at: int | None = None) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.words = nn.Embedding(20, 16)
        self.dropout = nn.Dropout(0.3)
        self.output = nn.Linear(16, labels)
        self.batches = 0
        self.interrupted_at = interrupted_at

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        self.batches += 1
        if self.batches == self.interrupted_at:
            raise KeyboardInterrupt
        weights = mask.unsqueeze(-1).float()
        means = (self.words(tokens) * weights).sum(dim=1) / weights.sum(dim=1)
        scores: torch.Tensor = self.output(self.dropout(means))
        return scores


def task(*, epochs: int = 3, learned: int = 80, rows: Rows = ROWS) -> Task:
    return Task(rows, [np.arange(learned)] * epochs, np.arange(learned, len(TOKENS)), nn.CrossEntropyLoss(), seed=1)


def trained(network: Network, what: Task, steps: Steps = STEPS, checkpoint: Checkpoint | None = None) -> Network:
    torch.manual_seed(2)
    FineTuning(network, what, steps, checkpoint).run()
    return network


def weights(network: nn.Module) -> list[torch.Tensor]:
    return [parameter.detach() for parameter in network.parameters()]


def equal(first: nn.Module, second: nn.Module) -> bool:
    return all(map(torch.equal, weights(first), weights(second)))


def right(network: nn.Module) -> float:
    network.eval()
    with torch.no_grad():
        scores = [network(torch.tensor(row[None].astype(np.int64)), torch.ones((1, len(row)))) for row in TOKENS]
    return float((torch.cat(scores).argmax(dim=1).numpy() == TARGETS).mean())


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_it_learns_in_each_precision(precision: Precision) -> None:
    network = trained(Network(), task(epochs=15), replace(STEPS, precision=precision))
    assert right(network) > 0.9
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


def test_several_labels_are_learned() -> None:
    targets = np.stack([TARGETS, 1 - TARGETS, TARGETS], axis=1)
    what = task(epochs=15, rows=Rows(TOKENS, targets, 0))._replace(loss=nn.BCEWithLogitsLoss())
    network = trained(Network(3), what).eval()
    with torch.no_grad():
        scores = network(torch.tensor(TOKENS[0][None].astype(np.int64)), torch.ones((1, len(TOKENS[0]))))
    assert ((scores[0] > 0).int().numpy() == targets[0]).all()


# An epoch is 10 batches, and 3 more of texts held back where there is patience: in the first epoch, between two, later.
@pytest.mark.parametrize("batch", [2, 11, 14, 25, 30])
@pytest.mark.parametrize("given", [{}, {"precision": "fp16"}, {"patience": 1}])
def test_an_interrupted_training_ends_as_if_it_had_not_been(batch: int, given: dict[str, Any], tmp_path: Path) -> None:
    steps = replace(STEPS, **given)
    whole = trained(Network(), task(), steps)
    with pytest.raises(KeyboardInterrupt):
        trained(Network(interrupted_at=batch), task(), steps, Checkpoint(tmp_path, "x", seconds=0))
    resumed = trained(Network(), task(), steps, Checkpoint(tmp_path, "x", seconds=0))
    assert equal(resumed, whole)
    assert resumed.batches < whole.batches or batch == 2


def test_a_training_that_had_ended_is_not_repeated(tmp_path: Path) -> None:
    steps = replace(STEPS, patience=1)
    first = trained(Network(), task(epochs=9), steps, Checkpoint(tmp_path, "x"))
    again = trained(Network(), task(epochs=9), steps, Checkpoint(tmp_path, "x"))
    assert equal(again, first)
    assert again.batches == 0


def test_without_a_lower_loss_on_texts_held_back_it_stops_and_keeps_the_best() -> None:
    # What is held back has the other label: the first epoch answers it least badly.
    contrary = Rows(TOKENS, np.where(np.arange(100) < 80, TARGETS, 1 - TARGETS), 0)
    what = task(epochs=9, rows=contrary)
    kept = trained(Network(), what, replace(STEPS, patience=2))
    assert kept.batches == 3 * (10 + 3)
    after_one = Network(interrupted_at=10 + 3 + 1)
    with pytest.raises(KeyboardInterrupt):
        trained(after_one, what, replace(STEPS, patience=2))
    assert equal(kept, after_one)


def test_the_step_size_rises_then_falls_and_no_step_is_lost() -> None:
    shares = [lr_share(step, 100, 0.1) for step in range(1, 101)]
    assert shares[0] == pytest.approx(0.1)
    assert shares[9] == max(shares) == 1
    assert shares[-1] == pytest.approx(1 / 91)
    assert np.diff(shares[:10]) == pytest.approx(np.full(9, 0.1))
    assert np.diff(shares[9:]) == pytest.approx(np.full(90, -1 / 91))
    assert [lr_share(step, 2, 0.0) for step in (1, 2)] == [1, 0.5]
    assert lr_share(1, 1, 0.9) == 1


def test_matrices_decay_and_biases_do_not() -> None:
    network = Network()
    unused, bias = network.words.weight.detach().clone()[0], network.output.bias.detach().clone()
    trained(network, task(epochs=1), replace(STEPS, lr=1e-3, weight_decay=0.5))
    # No window holds token 0 but as padding, which is masked.
    assert network.words.weight[0].abs().sum() < unused.abs().sum()
    kept = trained(Network(), task(epochs=1), replace(STEPS, lr=1e-3, weight_decay=0.0))
    assert torch.allclose(network.output.bias, kept.output.bias, atol=1e-4)
    assert not torch.equal(network.output.bias, bias)


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("given", [{}, {"patience": 1}])
def test_numbers_that_overflow_are_an_error(epochs: int, given: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"no longer finite after \d steps: give a smaller lr$"):
        trained(Network(), task(epochs=epochs, learned=8), replace(STEPS, lr=1e39, **given))


def test_fp16_is_named_where_it_may_be_the_reason() -> None:
    with pytest.raises(DataError, match="smaller lr, or precision = bf16 or fp32"):
        trained(Network(), task(), replace(STEPS, lr=1e39, precision="fp16"))


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Leave this process 256 MB more than it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2**28, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


@pytest.mark.parametrize(("batch", "advice"), [(8, "8 windows: try batch = 4"), (1, "try a smaller max_tokens")])
def test_batches_that_do_not_fit_into_memory_are_an_error(batch: int, advice: str, little_memory: None) -> None:
    long = Rows([np.ones(2**23 // batch, dtype=np.int32)] * 8, np.zeros(8, dtype=np.int64), 0)
    with pytest.raises(DataError, match=f"there is not enough memory for batches of .*{advice}"):
        trained(Network(), task(learned=8, rows=long), replace(STEPS, batch=batch))


def test_no_room_for_a_checkpoint_is_an_error_of_its_own(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "gone", "x", seconds=0)
    (tmp_path / "gone").rmdir()
    with pytest.raises(DataError, match="x.checkpoint cannot be written"):
        trained(Network(), task(), checkpoint=checkpoint)
