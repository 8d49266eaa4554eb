"""A text and its answer."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.live import predict

pytestmark = pytest.mark.browser

LEVELS = ["Negative", "Somewhat Negative", "Neutral", "Somewhat Positive", "Positive"]


def shares(page: Page) -> dict[str, str]:
    names = page.locator("#gauge .name").all_inner_texts()
    return dict(zip(names, page.locator("#gauge .share").all_inner_texts(), strict=True))


def test_the_page_begins_with_a_graded_text(opened: Page) -> None:
    expect(opened.get_by_role("textbox")).to_have_value("A warm, funny and well-made film.")
    expect(opened.locator("#label")).to_have_text("Positive")
    expect(opened.locator("mark").first).to_be_visible()


def test_a_text_is_answered_by_its_label_and_the_probability_of_each_level(
    opened: Page, grade: Callable[[str], None], port: int
) -> None:
    answer = predict(port, "An utter bore.").json
    grade("An utter bore.")
    expect(opened.locator("#label")).to_have_text(answer["label"])
    assert list(shares(opened)) == LEVELS
    for name, share in shares(opened).items():
        if "<" not in share:
            assert share == f"{answer['probabilities'][name] * 100:.1f}\u00a0%"
    expect(opened.locator("#facts")).to_contain_text(f"{answer['level']} of 0\u20134")
    expect(opened.locator("#facts")).to_contain_text(f"\u2212{-answer['polarity']:.2f}")
    expect(opened.locator("#gauge .chosen .name")).to_have_text(answer["label"])


def test_the_marker_stands_where_the_polarity_is(opened: Page, grade: Callable[[str], None], port: int) -> None:
    text = "It opens on Friday."
    polarity = predict(port, text).json["polarity"]
    grade(text)
    marker = opened.locator(".marker").evaluate("one => one.offsetLeft + one.offsetWidth / 2")
    first, last = opened.locator("#gauge li").evaluate_all(
        "all => [all[0], all.at(-1)].map((one) => one.offsetLeft + one.offsetWidth / 2)"
    )
    assert marker == pytest.approx(first + (polarity + 1) / 2 * (last - first), abs=2)


def test_every_example_is_graded_at_a_click(opened: Page) -> None:
    names = opened.locator("#examples button").all_inner_texts()
    assert len(names) >= 6
    for name in names:
        with opened.expect_response("**/v1/predict") as response:
            opened.get_by_role("button", name=name, exact=True).click()
        answer = response.value.json()
        expect(opened.locator("#label")).to_have_text(answer["label"])
        expect(opened.locator("#spoken")).to_have_text(f"Answer: {answer['label']}")


def test_an_empty_text_has_an_answer_and_no_words(opened: Page, grade: Callable[[str], None]) -> None:
    grade("")
    expect(opened.locator("#label")).to_have_text("Neutral")
    expect(opened.locator("#reading")).to_be_hidden()
    expect(opened.locator("#problem")).to_be_empty()


def test_markup_in_a_text_stays_text(opened: Page, grade: Callable[[str], None]) -> None:
    grade('A <b onclick="alert(1)">bold</b> & <img src=x onerror="alert(1)"> film.')
    expect(opened.locator("#passage")).to_contain_text('<b onclick="alert(1)">bold</b> &')
    expect(opened.locator("#passage img, #passage b")).to_have_count(0)


def test_an_answer_does_not_pass_for_that_of_a_text_that_was_changed(opened: Page) -> None:
    expect(opened.locator("#answer-title")).to_have_text("Answer")
    opened.get_by_role("textbox").press_sequentially("?")
    expect(opened.locator("#answer-title")).to_have_text("Answer before your changes")
    opened.get_by_role("textbox").press("Control+Enter")
    expect(opened.locator("#answer-title")).to_have_text("Answer")


def test_the_newest_of_two_questions_is_answered(opened: Page) -> None:
    opened.get_by_role("button", name="Long", exact=True).click()
    opened.get_by_role("button", name="Bored", exact=True).click()
    expect(opened.locator("#passage")).to_contain_text("An utter bore")
    expect(opened.locator("#label")).to_have_text("Negative")
