from dataclasses import replace

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from sentigrade.data.examples import Examples
from sentigrade.labels import make_labels
from sentigrade.training.protocols import Outcome, as_table, compare_protocols
from tests.conftest import SUBJECTS


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """Sentences whose label is a coin's toss: only a phrase of the same sentence can give it away."""
    tosses = np.random.default_rng(0).integers(2, size=300).tolist()
    rows = [(f"name{n} {subject}", toss, n) for n, toss in enumerate(tosses) for subject in SUBJECTS]
    texts, labels, groups = zip(*rows, strict=True)
    examples = Examples.of_whole_texts("tosses", texts, labels)
    return list(
        compare_protocols(
            make_labels(["heads", "tails"], ordered=False), replace(examples, groups=np.array(groups)), seed=42
        )
    )


def test_a_random_split_rewards_knowing_the_sentence(outcomes: list[Outcome]) -> None:
    at_random, apart, _ = outcomes
    assert at_random.known > 0.9
    assert min(at_random.ours, at_random.plain) > 0.9
    assert apart.known == 0
    assert max(apart.ours, apart.plain) < 0.65


def test_the_random_split_is_the_usual_one(outcomes: list[Outcome]) -> None:
    train, test = train_test_split(np.arange(300 * len(SUBJECTS)), test_size=0.33, random_state=42)
    assert (outcomes[0].train, outcomes[0].test) == (len(train), len(test))


def test_the_table_has_a_row_a_protocol(outcomes: list[Outcome]) -> None:
    assert [line.split(" | ")[0] for line in as_table(iter(outcomes))][2:] == [
        "| phrases, drawn at random",
        "| phrases, no sentence on both sides",
        "| whole sentences, none on both sides",
    ]
