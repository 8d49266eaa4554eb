import string
from functools import cache
from threading import Thread

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from sentigrade.errors import SettingError
from sentigrade.text import tokenising
from sentigrade.text.profile import CleaningProfile
from sentigrade.text.tokenising import LONGEST_CHUNK, ChunkTokenizer, open_tokenizer

PLAIN = CleaningProfile(case="keep")
NLP = spacy.blank("en")
TOKENIZER = ChunkTokenizer(PLAIN, "en")

WORDS = [
    "can't",
    "Don’t",
    "e.g.",
    "U.S.",
    "$10",
    "3.5km",
    "(well-made)",
    "film...",
    ":-)",
    "a.b@c.de",
    "http://x.y/z?q",
    "--",
    "'s",
    "n't",
]
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=12)).map(" ".join)


@cache
def pair(language: str) -> tuple[ChunkTokenizer, Language]:
    return ChunkTokenizer(PLAIN, language), spacy.blank(language)


def whole_text_tokens(text: str) -> list[str]:
    return [token.text for token in NLP.tokenizer(text) if not token.is_space]


@given(TEXTS)
def test_chunk_by_chunk_gives_the_tokens_of_the_whole_text(text: str) -> None:
    assert TOKENIZER.clean(text).split() == whole_text_tokens(text)


@pytest.mark.parametrize("language", ["en", "fr"])
@given(st.lists(st.tuples(st.text(string.ascii_letters, max_size=8), st.text(",;:!?.", max_size=2)), min_size=1))
@settings(max_examples=60)
def test_plain_words_and_marks_are_what_spacy_makes_of_them(language: str, words: list[tuple[str, str]]) -> None:
    tokenizer, nlp = pair(language)
    text = " ".join("".join(word) for word in words if any(word))
    assert tokenizer.clean(text).split() == [token.text for token in nlp.tokenizer(text)]


def test_special_cases_of_plain_letters_are_still_parted() -> None:
    assert TOKENIZER.clean("dont, cannot! xD; :p, p:") == " ".join(whole_text_tokens("dont, cannot! xD; :p, p:"))
    assert TOKENIZER.clean("dont cannot gimme Im") == " ".join(whole_text_tokens("dont cannot gimme Im"))
    assert TOKENIZER.clean("dont") == "do nt"


@given(TEXTS)
def test_tokens_have_the_spans_they_came_from(text: str) -> None:
    tokens = list(TOKENIZER.tokens(text))
    assert " ".join(token.text for token in tokens) == TOKENIZER.clean(text)
    assert all(text[token.span.start : token.span.end] == token.text for token in tokens)


def test_a_chunk_longer_than_the_limit_is_cut() -> None:
    text = ")" * 100_000
    assert len(list(TOKENIZER.tokens(text))) == 100_000
    assert TOKENIZER.clean("a" * (LONGEST_CHUNK + 1)).split() == ["a" * LONGEST_CHUNK, "a"]


def test_spacy_starts_afresh_after_so_many_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenising, "CHUNKS_BEFORE_RENEWAL", 10)
    tokenizer = ChunkTokenizer(PLAIN, "en")
    pipelines = set()
    for number in range(25):
        assert tokenizer.clean(f"film word{number} don't") == f"film word{number} do n't"
        pipelines.add(id(tokenizer._nlp))
    assert len(pipelines) > 1


def test_warm_words_are_kept_and_of_others_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenising, "MOST_LEARNED_CHUNKS", 3)
    tokenizer = ChunkTokenizer(PLAIN, "en")
    tokenizer.warm(["film", "don't"])
    tokenizer.clean("one film, two films: three, four, one")
    assert list(tokenizer._cache) == ["film", "don't", "three,", "four,", "one"]
    assert tokenizer.clean("one two") == "one two"


def test_threads_may_share_a_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenising, "CHUNKS_BEFORE_RENEWAL", 50)
    monkeypatch.setattr(tokenising, "MOST_LEARNED_CHUNKS", 20)
    tokenizer = ChunkTokenizer(PLAIN, "en")
    wrong: list[str] = []

    def work(name: str) -> None:
        for number in range(300):
            cleaned = tokenizer.clean(f"{name}{number} isn't film")
            if cleaned != f"{name}{number} is n't film":
                wrong.append(cleaned)

    threads = [Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_lemmas_need_an_installed_pipeline() -> None:
    with pytest.raises(SettingError, match="lemmas need an installed spaCy pipeline"):
        open_tokenizer(CleaningProfile(lemmas=True))


def test_a_pipeline_that_is_not_installed_is_an_error_that_names_it() -> None:
    with pytest.raises(SettingError, match="xx_no_such_pipeline is not installed"):
        open_tokenizer(CleaningProfile(pipeline="xx_no_such_pipeline"))


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(SettingError, match="no language qq"):
        open_tokenizer(CleaningProfile(pipeline="blank:qq"))
