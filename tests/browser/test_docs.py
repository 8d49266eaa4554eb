"""The reference at /docs: Swagger UI over our own document, and nothing from anywhere else."""

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Watch
from tests.live import call

pytestmark = pytest.mark.browser


@pytest.fixture
def reference(page: Page, watch: Watch, origin: str) -> Page:
    """The reference, with all its operations; `watch` hears of whatever its policy forbids."""
    page.goto(f"{origin}/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    return page


def test_every_operation_is_shown(reference: Page, port: int) -> None:
    paths = call(port, "GET", "/openapi.json").json["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    shown = reference.locator(".opblock").evaluate_all(
        "blocks => blocks.map(block => [block.querySelector('.opblock-summary-method').textContent,"
        " block.querySelector('.opblock-summary-path').dataset.path])"
    )
    assert {tuple(one) for one in shown} == described
    expect(reference).to_have_title("Sentigrade: reference")


@pytest.mark.parametrize("name", ["classify", "predict"])
def test_a_text_is_tried_out(reference: Page, port: int, name: str) -> None:
    operation = reference.locator(f"#operations-Texts-{name}")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("textbox", name="").last.fill('{"mytext": "A warm film.", "top_k": 2}')
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    shown = json.loads(answer.locator(".highlight-code code").inner_text())
    assert shown == call(port, "POST", "/v1/predict", {"mytext": "A warm film.", "top_k": 2}).json


def test_a_phone_shows_it_without_scrolling_aside(browser: Browser, origin: str) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 800})
    page = context.new_page()
    page.goto(f"{origin}/docs#/Texts/predict")
    expect(page.locator("#operations-Texts-predict .responses-wrapper")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    context.close()


def test_the_first_page_and_the_reference_lead_to_each_other(reference: Page, origin: str) -> None:
    reference.get_by_role("link", name="Try a text").click()
    expect(reference).to_have_url(f"{origin}/")
    reference.get_by_role("link", name="/docs").click()
    expect(reference).to_have_url(f"{origin}/docs")
