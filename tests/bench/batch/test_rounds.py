from itertools import count

from bench.batch.rounds import in_rounds, ratios


def test_each_round_begins_with_another_one() -> None:
    turn = count()
    rounds = in_rounds({"a": lambda: next(turn), "b": lambda: next(turn), "c": lambda: next(turn)}, 3)
    assert rounds == {"a": [0, 5, 7], "b": [1, 3, 8], "c": [2, 4, 6]}


def test_ratios_are_taken_within_a_round() -> None:
    assert ratios({"ours": [30, 3, 30], "theirs": [10, 1, 10]}, "ours", "theirs") == [3, 3, 3]
