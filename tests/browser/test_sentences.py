"""A long text, sentence by sentence."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live import call

pytestmark = pytest.mark.browser

LONG = "The cast is excellent 🎬 and the dinner is wonderful. " * 6 + "The end is dull! " * 8


def test_each_sentence_of_a_long_text_stands_beside_its_level(opened: Page) -> None:
    opened.get_by_role("button", name="Long", exact=True).click()
    text = opened.get_by_role("textbox").input_value()
    assert len(text.split()) >= 150
    expect(opened.locator("#reading-title")).to_have_text("Sentences")
    expect(opened.locator(".sentences li").nth(5)).to_be_visible()
    expect(opened.locator(".sentences .dots .on")).to_have_count(opened.locator(".sentences li").count())


def test_sentences_are_cut_where_the_service_cuts_them(opened: Page, grade: Callable[[str], None], port: int) -> None:
    answer = call(port, "POST", "/v1/predict", {"mytext": LONG, "sentences": True}).json
    grade(LONG)
    rows = opened.locator(".sentences li")
    expect(rows).to_have_count(len(answer["sentences"]))
    assert rows.locator("p").all_text_contents() == [LONG[one["start"] : one["end"]] for one in answer["sentences"]]
    assert rows.locator(".level").all_inner_texts() == [one["label"] for one in answer["sentences"]]


def test_words_of_sentences_are_coloured(opened: Page, grade: Callable[[str], None]) -> None:
    grade(LONG)
    assert "excellent" in opened.locator(".sentences li").first.locator("mark[data-way=for]").all_inner_texts()
    assert "dull" in opened.locator(".sentences li").last.locator("mark[data-way=for]").all_inner_texts()


def test_one_sentence_is_not_parted(opened: Page, grade: Callable[[str], None]) -> None:
    grade("Only one sentence stands here.")
    expect(opened.locator(".sentences")).to_have_count(0)
    expect(opened.locator("#reading-title")).to_have_text("Words")


def test_a_text_of_a_hundred_thousand_characters_is_drawn(opened: Page, grade: Callable[[str], None]) -> None:
    sentence = "The film is warm and the end is dull. "
    grade(sentence * (100_000 // len(sentence)))
    expect(opened.locator(".sentences li").last).to_be_attached()
    expect(opened.locator("#problem")).to_be_empty()
