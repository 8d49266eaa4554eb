import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.text.normalising import FewMarks, UnicodeForm, stages
from sentigrade.text.profile import CleaningProfile
from sentigrade.text.spans import Span

ANY_TEXT = st.text() | st.text(alphabet="a<>b/&;#x20amṕ̈가각ﬁ½“”—`' ঠা")


def normalise(text: str) -> str:
    for stage in stages(CleaningProfile()):
        text = stage.apply(text)
    return text


@pytest.mark.parametrize(
    ("raw", "normalised"),
    [
        ("one<br />two", "one two"),
        ("<p>bo<b>ld</b>ly</p>", " boldly "),
        ("I <3 it & a < b > c", "I <3 it & a < b > c"),
        ("<not a tag>", "<not a tag>"),
        ("Tom &amp; Jerry &#39;s &#x2014; &nbsp;x", "Tom & Jerry 's  --   x"),
        ("&lt;b&gt; stays", "<b> stays"),
        ("ﬁlm Ａ", "film A"),
        ("“so” ‘called’ ``film''", '"so" \'called\' "film"'),
        ("good—bad", "good -- bad"),
    ],
)
def test_markup_unicode_and_typography_are_made_plain(raw: str, normalised: str) -> None:
    assert normalise(raw) == normalised


# Some marks are no marks to Unicode until they are decomposed.
@pytest.mark.parametrize("mark", ["\u0323", "\uff9e", "\uff9f", "\u0f73", "\u0f75", "\u0f81"])
def test_of_the_marks_on_one_letter_thirty_are_kept(mark: str) -> None:
    assert normalise("a" + mark * 40 + "b") == unicodedata.normalize("NFKC", "a" + mark * 30) + "b"


def test_the_neighbours_of_piled_marks_keep_their_places() -> None:
    stage = FewMarks()
    text = "\u00e9\u00e8" + "a" + "\u0323" * 40 + "\u4e16\u754c"
    edited, alignment = stage.align(text)
    assert len(edited) == len(text) - 10
    assert alignment.to_source(Span(0, 2)) == Span(0, 2)
    assert alignment.to_source(Span(33, 35)) == Span(43, 45)


def test_a_text_without_piled_marks_is_not_cut_however_long_its_words() -> None:
    assert normalise("\uac00" * 100) == "\uac00" * 100


@given(ANY_TEXT)
def test_the_aligned_way_gives_the_same_text(text: str) -> None:
    for stage in stages(CleaningProfile()):
        edited, _ = stage.align(text)
        assert edited == stage.apply(text)
        text = edited


@given(ANY_TEXT, st.sampled_from(["NFC", "NFKC"]))
def test_normalising_piece_by_piece_is_exact(text: str, form: str) -> None:
    edited, _ = UnicodeForm(form).align(text)  # type: ignore[arg-type]  # sampled from the allowed ones
    assert edited == unicodedata.normalize(form, text)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", ["<", "<b", "&", "&#", "<!--", "<b ", "``", "<p><", "\u0301\u0323", "\u0301\uff9e"])
def test_hostile_markup_takes_time_in_proportion_to_its_length(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        started = time.perf_counter()
        normalise(text)
        return time.perf_counter() - started

    # Quadratic time would make this a factor of 256; a slow machine does not.
    assert seconds(800_000) < 64 * max(seconds(50_000), 0.005)
