"""The coloured words: which, by how much, and for those who do not see colours."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.live import call

pytestmark = pytest.mark.browser

WIDE = "😀😀 A wonderful 👩🏽‍🚀 film, and yet 😂 so dull 𝒾𝓃 the end 👎🏽."
RIGHT_TO_LEFT = "פילם wonderful מאוד، لكن النهاية dull جدًا."


def explanation(port: int, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = call(port, "POST", "/v1/predict", {"mytext": text, "explain": True}).json
    return answer["explanation"]  # type: ignore[no-any-return]  # it is JSON


def heavy(explained: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the words that weigh enough to be coloured."""
    heaviest = max(abs(word["weight"]) for word in explained["words"])
    return [word for word in explained["words"] if abs(word["weight"]) >= 0.15 * heaviest]


@pytest.mark.parametrize("text", ["A warm, funny and dull film.", WIDE, RIGHT_TO_LEFT])
def test_each_coloured_word_is_the_one_that_was_weighed(
    opened: Page, grade: Callable[[str], None], port: int, text: str
) -> None:
    words = heavy(explanation(port, text))
    grade(text)
    marks = opened.locator("#passage mark").evaluate_all("all => all.map((one) => [one.textContent, one.dataset.way])")
    assert marks == [[text[word["start"] : word["end"]], "for" if word["weight"] > 0 else "against"] for word in words]
    assert opened.locator("#passage").text_content() == text


def test_a_text_that_runs_to_the_left_is_set_to_the_right(opened: Page, grade: Callable[[str], None]) -> None:
    grade(RIGHT_TO_LEFT)
    assert opened.locator("#passage p").evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert opened.locator("#text").evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_for_and_against_differ_by_more_than_their_colour(opened: Page, grade: Callable[[str], None]) -> None:
    grade("A warm, funny and beautifully acted film, though the ending is a little dull.")
    style = "one => getComputedStyle(one).textDecorationStyle"
    assert opened.locator("#passage mark[data-way=for]").first.evaluate(style) == "solid"
    assert opened.locator("#passage mark[data-way=against]").first.evaluate(style) == "dashed"
    expect(opened.locator("#legend")).to_contain_text("speaks for Positive")
    expect(opened.locator("#legend")).to_contain_text("speaks against it")


def test_arrow_keys_go_from_word_to_word_and_say_its_weight(opened: Page, port: int) -> None:
    words = heavy(explanation(port, "A warm, funny and well-made film."))
    opened.locator("#passage").focus()
    for word in words:
        opened.keyboard.press("ArrowRight")
        expect(opened.locator("#readout")).to_contain_text(f"{word['weight']:+.2f}".replace("-", "\u2212"))
        expect(opened.locator("#readout")).to_contain_text("speaks for Positive")
    opened.keyboard.press("Home")
    expect(opened.locator("mark.current")).to_have_text("A warm, funny"[words[0]["start"] : words[0]["end"]])
    opened.keyboard.press("Escape")
    expect(opened.locator("#readout")).to_be_empty()


def test_arrow_keys_follow_the_eye_in_a_text_that_runs_to_the_left(opened: Page, grade: Callable[[str], None]) -> None:
    grade(RIGHT_TO_LEFT)
    opened.locator("#passage").focus()
    opened.keyboard.press("ArrowLeft")
    first = opened.locator("mark.current").bounding_box()
    opened.keyboard.press("ArrowLeft")
    second = opened.locator("mark.current").bounding_box()
    assert first
    assert second
    assert second["x"] < first["x"]


def test_the_mouse_says_a_word_s_weight(opened: Page) -> None:
    opened.locator("#passage mark", has_text="funny").hover()
    expect(opened.locator("#readout")).to_contain_text("funny")


def test_the_sum_holds_every_word_and_ends_at_the_score(opened: Page, port: int) -> None:
    explained = explanation(port, "A warm, funny and well-made film.")
    opened.get_by_text("The sum, word by word").click()
    shown = [float(cell.replace("\u2212", "-")) for cell in opened.locator("#sum-table td").all_inner_texts()]
    assert shown == [explained["base"], *(word["weight"] for word in explained["words"]), explained["score"]]
    assert sum(shown[:-1]) == pytest.approx(shown[-1], abs=1e-9)
