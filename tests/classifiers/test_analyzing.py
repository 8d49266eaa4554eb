from typing import Any

import pytest

from sentigrade.classifiers.analyzing import Analyzer
from sentigrade.errors import ModelFolderError

AS_FITTED: dict[str, Any] = {
    "analyzer": "word",
    "lowercase": True,
    "stop_words": ["a"],
    "token_pattern": r"(?u)\b\w+\b",
}


@pytest.mark.parametrize("text", ["", "A film", "a well-made film , a", "\u0130stanbul \u03a3\u03a3"])
def test_owned_words_are_the_words(text: str) -> None:
    analyzer = Analyzer(AS_FITTED)
    assert analyzer.owned_words(text.split())[0] == analyzer.words(text)


def test_a_word_is_owned_by_the_token_that_it_starts_in() -> None:
    assert Analyzer(AS_FITTED).owned_words(["a", "well-made", ",", "film"]) == (["well", "made", "film"], [1, 1, 3])


def test_a_word_may_span_tokens() -> None:
    assert Analyzer({**AS_FITTED, "token_pattern": "[^,]+"}).owned_words(["x", "y,z"]) == (["x y", "z"], [0, 1])


@pytest.mark.parametrize("pattern", [r"(\w)(\w)", r"\w*"])
def test_a_pattern_that_no_word_can_be_told_by_is_refused(pattern: str) -> None:
    with pytest.raises(ModelFolderError, match="token_pattern"):
        Analyzer({**AS_FITTED, "token_pattern": pattern})
