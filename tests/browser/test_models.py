"""Several models, and labels that are no levels."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import Watch

pytestmark = pytest.mark.browser


def test_another_model_is_asked_and_named(opened: Page) -> None:
    opened.get_by_role("textbox").fill("One more soup, please.")
    opened.get_by_label("Model").select_option("topics")
    expect(opened.locator("#label")).to_have_text("Food")
    expect(opened.locator("#source")).to_contain_text("topics, version 1 (linear)")
    expect(opened.locator("#curl")).to_contain_text('"model": "topics"')
    expect(opened.get_by_role("link", name="card and metrics")).to_have_attribute("href", _ends("/v1/models/topics"))


def test_labels_without_an_order_stand_by_their_probability_and_have_no_scale(opened: Page) -> None:
    opened.get_by_role("textbox").fill("One more soup, please.")
    opened.get_by_label("Model").select_option("topics")
    expect(opened.locator("#gauge .rows .name").first).to_have_text("Food")
    expect(opened.locator("#gauge .rows li")).to_have_count(3)
    expect(opened.locator(".marker")).to_have_count(0)
    expect(opened.locator("#facts")).not_to_contain_text("level")
    expect(opened.locator("#passage mark").first).to_be_visible()


def test_back_to_the_default_model_the_request_names_none(opened: Page) -> None:
    opened.get_by_label("Model").select_option("topics")
    expect(opened.locator("#curl")).to_contain_text('"model": "topics"')
    opened.get_by_label("Model").select_option("sentiment")
    expect(opened.locator("#label")).to_have_text("Positive")
    expect(opened.locator("#curl")).not_to_contain_text('"model"')


def test_a_model_that_cannot_explain_is_asked_without(opened: Page, watch: Watch, grade: Callable[[str], None]) -> None:
    def refuse(route: Route) -> None:
        question = json.loads(route.request.post_data or "")
        if "explain" in question:
            problem = {"status": 422, "detail": "This family offers no explanations.", "pointer": "/explain"}
            route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(problem))
        else:
            route.continue_()

    opened.route("**/v1/predict", refuse)
    opened.get_by_role("button", name="Bored", exact=True).click()
    expect(opened.locator("#label")).to_have_text("Negative")
    expect(opened.locator("#source")).to_contain_text("does not say which words moved its answer")
    expect(opened.locator("#curl")).not_to_contain_text("explain")
    expect(opened.locator("#reading")).to_be_hidden()
    expect(opened.locator("#problem")).to_be_empty()
    watch.forget("422")


def test_of_any_number_of_labels_all_that_apply_are_named(opened: Page, grade: Callable[[str], None]) -> None:
    opened.get_by_label("Model").select_option("toxicity")
    grade("You are an idiot, and I will kill you.")
    expect(opened.locator("#label")).to_contain_text("Toxic")
    expect(opened.locator("#label")).to_contain_text("Threat")
    expect(opened.locator("#gauge .threshold")).to_have_count(6)
    expect(opened.locator("#gauge .chosen")).to_have_count(opened.locator("#label").inner_text().count(",") + 1)


def test_a_text_to_which_no_label_applies_gets_none(opened: Page, grade: Callable[[str], None]) -> None:
    opened.get_by_label("Model").select_option("toxicity")
    grade("Thank you, this was a lovely article.")
    expect(opened.locator("#label")).to_have_text("None of the labels")
    expect(opened.locator("#gauge .chosen")).to_have_count(0)


def _ends(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path) + "$")
