from hypothesis import given
from hypothesis import strategies as st

from sentigrade.text.spans import Editor, Span

PIECES = st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)))


def test_what_was_kept_leads_back_to_itself() -> None:
    editor = Editor()
    editor.keep("a ")
    editor.replace("&amp;", "&")
    editor.keep(" b")
    text, alignment = editor.finish()
    assert text == "a & b"
    assert alignment.to_source(Span(0, 1)) == (0, 1)
    assert alignment.to_source(Span(2, 3)) == (2, 7)
    assert alignment.to_source(Span(4, 5)) == (8, 9)


def test_what_was_deleted_inside_belongs_to_the_span() -> None:
    editor = Editor()
    editor.keep("bo")
    editor.replace("</b>", "")
    editor.keep("ld")
    text, alignment = editor.finish()
    assert text == "bold"
    assert alignment.to_source(Span(0, 4)) == (0, 8)
    assert alignment.to_source(Span(2, 4)) == (6, 8)
    assert alignment.to_source(Span(0, 2)) == (0, 2)


@given(PIECES)
def test_every_replacement_leads_back_to_what_it_replaced(pieces: list[tuple[str, str]]) -> None:
    editor = Editor()
    for source, edited in pieces:
        editor.replace(source, edited)
    source_text = "".join(source for source, _ in pieces)
    text, alignment = editor.finish()
    assert text == "".join(edited for _, edited in pieces)
    position = 0
    for source, edited in pieces:
        if edited:
            start, end = alignment.to_source(Span(position, position + len(edited)))
            assert source_text[start:end] == source
        position += len(edited)
