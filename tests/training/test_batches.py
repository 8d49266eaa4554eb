import numpy as np
import pytest

from sentigrade.training.batches import Rows, drawn_batches, padded, sorted_batches

pytestmark = pytest.mark.torch

LENGTHS = np.random.default_rng(1).integers(2, 60, 1000)


def test_an_epoch_goes_once_through_each_window_in_batches() -> None:
    positions = np.arange(0, 1000, 3)
    batches = drawn_batches(LENGTHS, positions, 8, (1, 0))
    assert sorted(np.concatenate(batches).tolist()) == positions.tolist()
    assert sorted(map(len, batches)) == [334 % 8] + [8] * (334 // 8)


def test_each_epoch_has_its_own_order_and_the_same_again_for_the_same_seed() -> None:
    orders = [
        np.concatenate(drawn_batches(LENGTHS, np.arange(1000), 8, seed)).tolist() for seed in ((1, 0), (1, 0), (1, 1))
    ]
    assert orders[0] == orders[1] != orders[2]


def test_windows_of_like_length_come_together_and_long_ones_do_not_come_last() -> None:
    batches = drawn_batches(LENGTHS, np.arange(1000), 8, (1, 0))
    filled = sum(LENGTHS[batch].sum() for batch in batches) / sum(
        len(batch) * LENGTHS[batch].max() for batch in batches
    )
    assert filled > 0.95
    longest = [LENGTHS[batch].max() for batch in batches]
    assert abs(np.corrcoef(np.arange(len(longest)), longest)[0, 1]) < 0.3


def test_windows_that_are_only_asked_about_come_by_length() -> None:
    batches = sorted_batches(LENGTHS, np.arange(1000), 64)
    assert (np.diff(LENGTHS[np.concatenate(batches)]) >= 0).all()


def test_shorter_windows_are_filled_up_and_masked() -> None:
    rows = Rows([np.array([5, 6, 7], dtype=np.int32), np.array([8], dtype=np.int32)], np.array([1, 0]), padding=9)
    batch = padded(rows, np.array([1, 0]))
    assert batch.tokens.tolist() == [[8, 9, 9], [5, 6, 7]]
    assert batch.mask.tolist() == [[1, 0, 0], [1, 1, 1]]
    assert batch.targets.tolist() == [0, 1]


def test_targets_of_several_labels_are_shares_for_the_loss() -> None:
    rows = Rows([np.array([5], dtype=np.int32)], np.array([[1, 0]]), padding=0)
    assert padded(rows, np.array([0])).targets.is_floating_point()
