import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.text.cleaning import Cleaner
from sentigrade.text.normalising import MARKUP
from sentigrade.text.profile import CleaningProfile
from sentigrade.text.sentences import split

CLEANER = Cleaner(CleaningProfile())

PIECES = [
    *["Mr.", "e.g.", "J.", "3.", "Film", "film", "it", "U.S.", "été", "Ärger", "2½"],
    *[".", "!", "?", "…", "...", "''", "``", '"', "'", "“", "”", ")", "(", "😀", "*", "—", ",", ";"],
    *[" ", " ", " ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u2028"],
    *["<br />", "<p>", "</p>", "<b>", "</i>", "<!-- a. B -->", "<", ">", "&amp;", "&quot;", '<a href="Oh. No">'],
]
ANY_TEXT = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)

HOSTILE = [
    "." * 100_000,
    "." * 100_000 + "x",
    ". " * 50_000,
    "a. " * 33_333,
    "ab. " * 25_000,
    "1. " * 33_333,
    "Mr. " * 25_000,
    "<" * 100_000,
    "<p " * 33_333,
    ". <i " * 20_000,
    ".</i>" * 20_000,
    "<!--" * 25_000,
    '"' * 100_000,
    '."' * 50_000,
    ". " + "(" * 100_000,
    ". (" * 33_333,
    ". ''" * 25_000,
    ".&a;" * 25_000,
    "\n" * 100_000,
    "\n " * 50_000,
    "." + " " * 100_000 + "x",
    ("\n" + " " * 1_000) * 100,
    "*<br>" * 20_000,
    "😀! " * 33_333,
]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


def outside_block_tags(text: str) -> set[int]:
    """Return the places of the characters that are neither white space nor part of a block-level tag."""
    inside = {place for match in MARKUP.finditer(text) if match["block"] for place in range(*match.span())}
    return {place for place, character in enumerate(text) if not character.isspace()} - inside


@pytest.mark.parametrize(
    "expected",
    [
        ["I liked it.", "She did not!", "Why?", "Who knows…", "The end."],
        ["Dull.", "2 stars.", "Ärger pur.", "$9 wasted."],
        ["What a mess?!", "Never again!!!", "I mean it..."],
        ['He said "Go."', '"No," she said.', "(It was late.)", "They left."],
        ["“Stay.”", "‘Why?’", "She stayed."],
        ["all in small letters.", "still two sentences!", "or three."],
        ["<b>Good.</b>", "<i>Bad.</i>", "Done."],
        ["Loved it!", "😀 So did my aunt.", "- Bob"],
    ],
)
def test_sentences_end_at_marks_before_what_may_begin_one(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Smith met Dr. Jones and Mrs. King vs. Lt. Brown, Sgt. Green etc. on Main St. Bridge.",
        "MR. Smith and mr. jones, i.e. The Twins, e.g. They and others, live in the U.S. Navy.",
        "A book by J. K. Rowling or J.R.R. Tolkien (A. Reader says).",
        "It runs 2.5 hours, costs $3.99 and has www.example.org on a poster.",
        "Well... it was... long… really long . . . or so",
        '"Why?" he asked. ',
        '"Stop!" they said',
        "No end here . , but a blank",
    ],
)
def test_other_marks_do_not_end_a_sentence(text: str) -> None:
    assert sentences(text) == [text.strip()]


def test_a_sentence_may_end_with_i() -> None:
    assert sentences("She is taller than I. He is not.") == ["She is taller than I.", "He is not."]


def test_numbers_of_a_list_stay_with_what_they_number() -> None:
    assert sentences("1. The plot. 2. The cast. 10. The end, from 1999. Bye.") == [
        "1. The plot.",
        "2. The cast.",
        "10. The end, from 1999.",
        "Bye.",
    ]


def test_block_level_tags_and_blank_lines_always_end_a_sentence() -> None:
    text = "no mark<br /><br />so what<P class='x'>mr.</p>smith<!-- Hm. -->or...\n \nother\nline"
    assert sentences(text) == ["no mark", "so what", "mr.", "smith", "or...", "other\nline"]


def test_a_mark_inside_a_tag_ends_nothing() -> None:
    assert sentences('See <a title="Oh. No">this</a> film') == ['See <a title="Oh. No">this</a> film']


def test_penn_treebank_style_is_split_too() -> None:
    text = "a dull , dull film . and yet ... it 's fun ! ! mr. x ( and why ? ) agrees ."
    assert sentences(text) == ["a dull , dull film .", "and yet ... it 's fun ! !", "mr. x ( and why ? ) agrees ."]
    text = "`` Go . '' ( They went . ) `` Why ? '' he says . Well , well ."
    assert sentences(text) == ["`` Go . ''", "( They went . )", "`` Why ? '' he says .", "Well , well ."]


def test_what_has_no_letter_or_digit_belongs_to_its_neighbour() -> None:
    assert sentences("***<br>Good.<br>!!!<br>😀\n\nBad.") == ["***<br>Good.<br>!!!<br>😀", "Bad."]
    assert sentences("... !!!<br>:-)") == ["... !!!<br>:-)"]


@pytest.mark.parametrize("text", ["", " \n\t\u00a0", "<br />", "<p> </p>\n"])
def test_a_text_of_nothing_has_no_sentences(text: str) -> None:
    assert split(text) == []


@given(ANY_TEXT)
def test_every_character_but_space_and_block_tags_lies_in_exactly_one_sentence(text: str) -> None:
    spans = split(text)
    covered = {place for start, end in spans for place in range(start, end)}
    assert outside_block_tags(text) <= covered
    assert all(before.end <= after.start for before, after in pairwise(spans))


@given(ANY_TEXT)
def test_a_sentence_is_neither_empty_nor_padded_and_says_something_if_it_has_neighbours(text: str) -> None:
    found = sentences(text)
    assert all(sentence and sentence == sentence.strip() for sentence in found)
    assert len(found) < 2 or all(any(map(str.isalnum, sentence)) for sentence in found)


@given(ANY_TEXT)
def test_the_words_of_the_sentences_are_the_words_of_the_text(text: str) -> None:
    assert " ".join(filter(None, CLEANER.clean(sentences(text)))) == CLEANER.clean([text])[0]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:6]))
def test_hostile_text_takes_linear_time(text: str) -> None:
    started = time.perf_counter()
    assert len(split(text)) <= 1 + len(text) / 3
    # Measured: at most 0.15 s; what is quadratic takes minutes.
    assert time.perf_counter() - started < 3
