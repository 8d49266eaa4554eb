from hypothesis import given
from hypothesis import strategies as st

from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import AS_IT_IS, CleaningProfile

CLEANER = Cleaner(CleaningProfile())
ANY_TEXT = st.text() | st.text(alphabet="aB<>b/r &;#x20mṕ가ﬁ½“”—`'.!")


def test_a_review_is_cleaned_to_plain_tokens() -> None:
    cleaned = CLEANER.clean(["<p>It wasn&#39;t “BAD”…<br/>2½ stars!</p>"])
    assert cleaned == ['it was n\'t " bad " ... 21⁄2 stars !']


def test_empty_and_blank_texts_stay_empty() -> None:
    assert CLEANER.clean(["", " \n\t\u00a0", "<br>"]) == ["", "", ""]


@given(ANY_TEXT)
def test_tokens_make_up_the_cleaned_text_and_point_into_the_raw_one(text: str) -> None:
    tokens = CLEANER.tokens(text)
    assert " ".join(token.text for token in tokens) == CLEANER.clean([text])[0]
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)


def test_spans_count_code_points_of_the_raw_text() -> None:
    raw = "\U0001f600 <b>caf&eacute;</b> ﬁne"
    assert {token.text: raw[token.start : token.end] for token in CLEANER.tokens(raw)} == {
        "\U0001f600": "\U0001f600",
        "café": "caf&eacute;",
        "fine": "ﬁne",
    }


@given(ANY_TEXT)
def test_cleaning_a_list_is_cleaning_each(text: str) -> None:
    assert CLEANER.clean([text, "film", text]) == [CLEANER.clean([text])[0], "film", CLEANER.clean([text])[0]]


def test_the_fingerprint_tells_profiles_apart() -> None:
    assert CLEANER.fingerprint() == Cleaner(CleaningProfile()).fingerprint()
    others = [CleaningProfile(case="keep"), CleaningProfile(html="keep"), CleaningProfile(numbers="mask")]
    assert CLEANER.fingerprint() not in {Cleaner(profile).fingerprint() for profile in others}


@given(ANY_TEXT)
def test_a_text_may_stay_as_it_is_but_for_its_white_space(text: str) -> None:
    cleaner = Cleaner(AS_IT_IS)
    assert cleaner.clean([text]) == [" ".join(text.split())]
    assert all(text[token.start : token.end] == token.text for token in cleaner.tokens(text))
