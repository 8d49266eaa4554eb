"""What goes wrong is said, and nothing that was typed is lost."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import open_page
from tests.end_to_end.stack import ready

pytestmark = pytest.mark.browser


def type_and_grade(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name="Grade", exact=True).click()


def test_a_text_that_is_too_long_is_refused_and_kept(opened: Page, watch: Watch) -> None:
    type_and_grade(opened, "x" * 100_001)
    expect(opened.get_by_role("alert").first).to_contain_text("100,001 characters; send at most 100,000")
    expect(opened.locator("#length.over")).to_have_text("100,001 of 100,000 characters")
    expect(opened.get_by_role("textbox")).to_have_value("x" * 100_001)
    watch.forget("422")
    type_and_grade(opened, "An utter bore.")
    expect(opened.locator("#label")).to_have_text("Negative")
    expect(opened.locator("#problem")).to_be_empty()


def test_a_body_that_nginx_refuses_is_told_in_its_words(opened: Page, watch: Watch) -> None:
    type_and_grade(opened, "x" * 500_000)
    expect(opened.locator("#problem")).to_contain_text("larger than")
    watch.forget("413")


@pytest.mark.parametrize("status", [429, 503])
def test_when_to_try_again_is_told(opened: Page, watch: Watch, status: int) -> None:
    def refuse(route: Route) -> None:
        headers = {"Retry-After": "7", "Content-Type": "application/problem+json"}
        route.fulfill(status=status, headers=headers, body=json.dumps({"detail": "Too much at once."}))

    opened.route("**/v1/predict", refuse)
    type_and_grade(opened, "A warm film.")
    expect(opened.locator("#problem")).to_have_text("Too much at once. Try again in 7 s.")
    watch.forget(str(status))


def test_an_answer_that_is_no_problem_document_is_told_by_its_status(opened: Page, watch: Watch) -> None:
    opened.route("**/v1/predict", lambda route: route.fulfill(status=502, body="<html>"))
    type_and_grade(opened, "A warm film.")
    expect(opened.locator("#problem")).to_have_text("The service answered 502.")
    watch.forget("502")


def test_a_service_that_was_stopped_is_told_and_the_text_kept(page: Page, tmp_path: Path) -> None:
    with ready(tmp_path, SENTIGRADE_WORKERS="1") as stack:
        origin = f"http://localhost:{stack.port}"
        watch = Watch(page, origin)
        open_page(page, origin)
        expect(page.locator("#model-choice")).to_be_hidden()  # it serves one model
    type_and_grade(page, "Typed for ten minutes.")
    expect(page.locator("#problem")).to_contain_text("The service did not answer")
    expect(page.get_by_role("textbox")).to_have_value("Typed for ten minutes.")
    watch.forget("ERR_CONNECTION_REFUSED")
    watch.require_silence()


def test_a_page_whose_models_cannot_be_listed_still_grades(page: Page, watch: Watch, origin: str) -> None:
    page.route("**/v1/models", lambda route: route.abort())
    page.route("**/v1/models/*", lambda route: route.abort())
    open_page(page, origin)
    expect(page.locator("#gauge .columns li")).to_have_count(5)
    watch.forget("ERR_FAILED")


def test_a_file_whose_answer_breaks_off_is_told(opened: Page, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nA warm film.\n")
    opened.evaluate(
        """() => {
            const sent = new TextEncoder().encode("text,label,error_code\\nA warm film.,Positive,\\n");
            let pulls = 0;
            const body = () => new ReadableStream({
                pull: (it) => (pulls++ ? it.error(new TypeError("network error")) : it.enqueue(sent)),
            });
            window.fetch = async () => new Response(body(), { status: 200 });
        }"""
    )
    opened.get_by_label("CSV file").set_input_files(tmp_path / "a.csv")
    opened.get_by_role("button", name="Grade the file").click()
    expect(opened.locator("#file-problem")).to_have_text("The answer broke off after 1 row; try again.")
    expect(opened.locator("#file-answer")).to_be_hidden()


def test_a_file_can_be_stopped(opened: Page, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nA warm film.\n")
    opened.route("**/v1/predict?*", lambda _: None)  # never answered
    opened.get_by_label("CSV file").set_input_files(tmp_path / "a.csv")
    opened.get_by_role("button", name="Grade the file").click()
    opened.get_by_role("button", name="Stop").click()
    expect(opened.locator("#progress")).to_have_text("Stopped.")
    expect(opened.get_by_role("button", name="Stop")).to_be_hidden()
