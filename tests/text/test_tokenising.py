import string
from functools import cache
from itertools import accumulate
from threading import Thread
from typing import Any, cast

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokenizer import Tokenizer

from sentigrade.errors import SettingError
from sentigrade.text import tokenising
from sentigrade.text.profile import AS_IT_IS, CleaningProfile
from sentigrade.text.tokenising import LONGEST_CHUNK, ChunkTokenizer, WhitespaceTokenizer, open_tokenizer

PLAIN = CleaningProfile(case="keep")
NLP = spacy.blank("en")
TOKENIZER = ChunkTokenizer(PLAIN, "en")
WORDS_AS_THEY_ARE = WhitespaceTokenizer(AS_IT_IS)

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
# Some of them, such as "dont" and "Mr", spaCy knows better.
PLAIN_WORDS = st.text(string.ascii_letters, max_size=8) | st.sampled_from(
    ["dont", "Mr", "a", "cant", "Ill", "am", "gonna"]
)
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=12)).map(" ".join)


@cache
def pair(language: str) -> tuple[ChunkTokenizer, Language]:
    return ChunkTokenizer(PLAIN, language), spacy.blank(language)


def emoticon_across_a_blank(text: str, nlp: Language) -> bool:
    """Whether spaCy, which also looks for emoticons over blanks and then drops some, may part a text otherwise."""
    ends = list(accumulate(len(chunk) for chunk in text.split()))[:-1]
    joined = "".join(text.split())
    emoticons = [special for special in cast("Tokenizer", nlp.tokenizer).rules if not special.isalnum()]
    return any(
        joined.startswith(emoticon, end - before)
        for end in ends
        for emoticon in emoticons
        for before in range(1, min(len(emoticon), end + 1))
    )


def whole_text_tokens(text: str, nlp: Language = NLP) -> list[str]:
    """Return spaCy's tokens of a text; of its chunks where it looks at several of them together."""
    parts = text.split() if emoticon_across_a_blank(text, nlp) else [text]
    return [token.text for part in parts for token in nlp.tokenizer(part) if not token.is_space]


@given(TEXTS)
def test_chunk_by_chunk_gives_the_tokens_of_the_whole_text(text: str) -> None:
    assert TOKENIZER.clean(text).split() == whole_text_tokens(text)


@pytest.mark.parametrize("language", ["en", "fr"])
@given(st.lists(st.tuples(st.text('"(', max_size=1), PLAIN_WORDS, st.text(",;:!?.\"'s", max_size=4)), min_size=1))
@settings(max_examples=60)
def test_plain_words_and_marks_are_what_spacy_makes_of_them(language: str, words: list[tuple[str, str, str]]) -> None:
    tokenizer, nlp = pair(language)
    text = " ".join("".join(word) for word in words if any(word))
    assert tokenizer.clean(text).split() == whole_text_tokens(text, nlp)


def test_an_emoticon_ends_at_a_blank() -> None:
    """In whole texts spaCy finds the one that is two chunks, drops it, and with it the one that shares its mark."""
    assert TOKENIZER.clean("(:::") == "(: : :"
    assert TOKENIZER.clean(": (:::") == ": (: : :"
    assert [token.text for token in NLP.tokenizer(": (:::")] == [":", "(", ":", ":", ":"]


def test_special_cases_of_plain_letters_are_still_parted() -> None:
    assert TOKENIZER.clean("dont, cannot! xD; :p, p:") == " ".join(whole_text_tokens("dont, cannot! xD; :p, p:"))
    assert TOKENIZER.clean("dont cannot gimme Im") == " ".join(whole_text_tokens("dont cannot gimme Im"))
    assert TOKENIZER.clean("dont") == "do nt"


@given(TEXTS)
def test_tokens_have_the_spans_they_came_from(text: str) -> None:
    tokens = list(TOKENIZER.tokens(text))
    assert " ".join(token.text for token in tokens) == TOKENIZER.clean(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)


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


@given(
    TEXTS | st.lists(st.text(max_size=4) | st.sampled_from(" \t\n\r\x0b\x1c\x1f\x85\u00a0\u2028\u3000")).map("".join)
)
def test_between_white_space_each_token_is_what_stands_at_its_span(text: str) -> None:
    tokens = WORDS_AS_THEY_ARE.tokens(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert [token.text for token in tokens] == text.split()
    assert WORDS_AS_THEY_ARE.clean(text) == " ".join(text.split())


def test_between_white_space_the_rules_for_a_token_hold() -> None:
    profile = CleaningProfile(pipeline="whitespace", numbers="mask", punctuation="drop")
    tokenizer = open_tokenizer(profile)
    tokenizer.warm(["Film"])
    assert isinstance(tokenizer, WhitespaceTokenizer)
    assert tokenizer.clean(" Don't  see 2 FILMS -- now! ") == "don't see <num> films now!"
    assert [(token.text, token.start, token.end) for token in tokenizer.tokens("-- 2 FILMS")] == [
        ("<num>", 3, 4),
        ("films", 5, 10),
    ]


@pytest.mark.parametrize("choice", [{"lemmas": True}, {"stop_words": "drop"}, {"stop_words": "drop_but_negations"}])
def test_lemmas_and_stop_words_need_a_language(choice: dict[str, Any]) -> None:
    with pytest.raises(
        SettingError, match="lemmas and stop words belong to a language: use blank:en or a spaCy pipeline"
    ):
        open_tokenizer(CleaningProfile(pipeline="whitespace", **choice))
