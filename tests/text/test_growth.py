"""Memory and time stay bounded however many new words come."""

import json
import subprocess
import sys

import pytest

CLEAN_NEW_WORDS = """
import json, resource, sys, time
from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import CleaningProfile

LETTERS = "abcdefghijklmnopqrst"

def word(number):
    # Every other one with a digit, so that it is not plain and goes through spaCy.
    letters = ["x" if number % 2 else "x9"]
    while number:
        number, digit = divmod(number, len(LETTERS))
        letters.append(LETTERS[digit])
    return "".join(letters)

def megabytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6

cleaner = Cleaner(CleaningProfile())
cleaner.warm(map(word, range(1, 20_000)))
figures, number, started = [], 20_000, time.perf_counter()
for target in map(int, sys.argv[1:]):
    while number < 20_000 + target:
        cleaner.clean([" ".join(map(word, range(number, number + 50)))])
        number += 50
    figures.append({"words": target, "megabytes": megabytes(), "seconds": time.perf_counter() - started})
print(json.dumps(figures))
"""


def clean_new_words(*counts: int) -> list[dict[str, float]]:
    command = [sys.executable, "-c", CLEAN_NEW_WORDS, *map(str, counts)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: list[dict[str, float]] = json.loads(result.stdout)
    return figures


def test_memory_is_flat_over_a_few_renewals() -> None:
    early, late = clean_new_words(80_000, 240_000)
    assert late["megabytes"] - early["megabytes"] < 16


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_eight_million_new_words_take_the_memory_of_one_million_and_eight_times_the_time() -> None:
    one, eight = clean_new_words(1_000_000, 8_000_000)
    print(json.dumps([one, eight]))
    assert eight["megabytes"] - one["megabytes"] < 16
    assert eight["seconds"] < 12 * one["seconds"]
