"""The page of a service that asks for a key: it asks the reader for it, and keeps it to itself."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it comes without types
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect

from sentigrade.api_keys import add_key
from tests.browser.chromium import Watch
from tests.browser.test_accessibility import NARROW, PHONE, RULES, overflow
from tests.end_to_end.stack import ready

pytestmark = pytest.mark.browser

WRONG = "This is not a key of this service"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "keys"


@pytest.fixture(scope="module")
def key(file: Path) -> str:
    return add_key(file, "alice")


@pytest.fixture(scope="module")
def guarded(file: Path, key: str, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that answers whoever has the key."""
    settings = {
        "SENTIGRADE_API_KEYS": str(file),
        "SENTIGRADE_STORE": str(models),
        "SENTIGRADE_MODELS": "sentiment,topics",
    }
    with ready(tmp_path_factory.mktemp("guarded"), **settings) as stack:
        yield f"http://localhost:{stack.port}"


@pytest.fixture
def asking(page: Page, guarded: str) -> Iterator[Page]:
    """The page, which asks for a key; nothing but that goes wrong in it."""
    watch = Watch(page, guarded)
    page.goto(f"{guarded}/")
    expect(field(page)).to_be_visible()
    yield page
    watch.forget("401")
    watch.require_silence()


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="API key")


def enter(page: Page, key: str) -> None:
    field(page).fill(key)
    page.get_by_role("button", name="Use this key").click()


def requests_of(page: Page) -> list[Request]:
    """Return what a page asks for from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))  # noqa: PLW0108 - Playwright takes no built-in
    return sent


def held(page: Page, pattern: str) -> list[Route]:
    """Keep the requests of a page waiting, and return them as they come."""
    waiting: list[Route] = []
    page.route(pattern, lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright takes no built-in
    return waiting


def enter_the_right_one(page: Page, key: str) -> None:
    enter(page, key)
    expect(page.locator("#label")).to_have_text("Positive")
    expect(field(page)).to_be_hidden()


def test_a_service_that_asks_for_none_is_not_given_the_choice(opened: Page) -> None:
    expect(field(opened)).to_be_hidden()
    expect(opened.locator("#curl")).not_to_contain_text("Authorization")


def test_the_key_is_asked_for_where_the_reader_is_and_shown_to_nobody(asking: Page) -> None:
    expect(field(asking)).to_be_focused()
    expect(field(asking)).to_have_attribute("type", "password")
    expect(field(asking)).to_have_accessible_description(
        "Whoever runs this service gives out its keys. The page forgets yours when you leave."
    )
    expect(asking.locator("#answer")).to_be_hidden()
    expect(asking.locator(".problem:not(:empty)")).to_have_count(0)


def test_with_the_key_a_text_and_a_file_are_graded_and_models_are_listed(
    asking: Page, key: str, tmp_path: Path
) -> None:
    sent = requests_of(asking)
    enter_the_right_one(asking, f" {key} ")
    expect(asking.get_by_label("Model").locator("option")).to_have_count(2)
    expect(asking.locator("#gauge .columns li")).to_have_count(5)
    (tmp_path / "a.csv").write_text("text\nA warm film.\n")
    asking.get_by_label("CSV file").set_input_files(tmp_path / "a.csv")
    asking.get_by_role("button", name="Grade the file").click()
    expect(asking.locator("#progress")).to_have_text("1 row graded.")
    paths = [request.url.partition("/v1/")[2].partition("?")[0] for request in sent if "/v1/" in request.url]
    assert paths == ["models", "predict", "models/sentiment", "predict"]
    asked = [request.headers for request in sent if "/v1/" in request.url]
    assert {headers.get("x-api-key") for headers in asked} == {key}
    assert not any("authorization" in headers for headers in asked), "that is for the browser and a proxy"


def test_after_the_key_the_reader_is_at_the_text(asking: Page, key: str) -> None:
    field(asking).fill(key)
    field(asking).press("Enter")
    expect(asking.get_by_role("textbox", name="Text")).to_be_focused()


def test_a_wrong_key_is_said_to_be_one_and_another_one_is_asked_for(asking: Page, key: str) -> None:
    for _ in range(2):
        enter(asking, "sg_wrong")
        expect(asking.locator("#key-problem")).to_contain_text(WRONG)
        expect(field(asking)).to_be_focused()
    enter_the_right_one(asking, key)
    expect(asking.locator("#key-problem")).to_be_empty()


@pytest.mark.parametrize("typed", ["", "two words", "schl\N{LATIN SMALL LETTER U WITH DIAERESIS}ssel"])
def test_what_cannot_be_a_key_is_not_sent(asking: Page, typed: str) -> None:
    sent = requests_of(asking)
    enter(asking, typed)
    expect(asking.locator("#key:invalid")).to_have_count(1)
    assert sent == []


def test_a_key_that_is_taken_back_is_asked_for_again_and_the_text_kept(asking: Page, key: str) -> None:
    enter_the_right_one(asking, key)
    refused = json.dumps({"detail": "No."})
    asking.route("**/v1/predict", lambda route: route.fulfill(status=401, body=refused))
    asking.get_by_role("textbox", name="Text").fill("Typed for ten minutes.")
    asking.get_by_role("button", name="Grade", exact=True).click()
    expect(asking.locator("#key-problem")).to_contain_text(WRONG)
    expect(field(asking)).to_be_focused()
    asking.unroute("**/v1/predict")
    enter(asking, key)
    expect(asking.locator("#passage")).to_have_text("Typed for ten minutes.")


def test_a_refusal_that_comes_late_does_not_take_the_new_key_away(asking: Page, key: str) -> None:
    early, listing = held(asking, "**/v1/predict"), held(asking, "**/v1/models")
    asking.get_by_role("textbox", name="Text").fill("Graded too early.")
    with asking.expect_request("**/v1/predict"):
        asking.get_by_role("button", name="Grade", exact=True).click()
    with asking.expect_request("**/v1/models"):
        enter(asking, key)
    asking.unroute("**/v1/predict")
    with asking.expect_response("**/v1/predict"):
        early[0].fulfill(status=401)
    listing[0].continue_()
    expect(asking.locator("#passage")).to_have_text("Graded too early.")
    expect(asking.locator("#key-problem")).to_be_empty()
    expect(field(asking)).to_be_hidden()


def test_the_key_is_kept_nowhere(asking: Page, key: str) -> None:
    enter_the_right_one(asking, key)
    kept = asking.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    assert key not in kept
    assert asking.context.cookies() == []
    asking.reload()
    expect(field(asking)).to_be_visible()
    expect(field(asking)).to_have_value("")


def test_the_curl_that_is_shown_takes_the_key_from_the_environment(asking: Page, key: str, tmp_path: Path) -> None:
    enter_the_right_one(asking, key)
    (tmp_path / "a.csv").write_text("text\nA warm film.\n")
    asking.get_by_label("CSV file").set_input_files(tmp_path / "a.csv")
    expect(asking.locator("#file-curl")).to_contain_text('-H "Authorization: Bearer $MY_SENTIGRADE_KEY"')
    environ = {**os.environ, "MY_SENTIGRADE_KEY": key}
    for name in ("#curl", "#file-curl"):
        command = asking.locator(name).text_content() or ""
        assert key not in command
        subprocess.run(["sh", "-c", f"{command} --fail"], env=environ, cwd=tmp_path, capture_output=True, check=True)
    assert "Positive" in (tmp_path / "a-scored.csv").read_text()


def test_without_a_script_the_call_that_is_shown_says_where_the_key_goes(
    browser: Browser, guarded: str, key: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(guarded)
    expect(field(page)).to_be_hidden()
    command = page.locator("#curl").text_content() or ""
    environ = {**os.environ, "MY_SENTIGRADE_KEY": key}
    said = subprocess.run(["sh", "-c", command], env=environ, capture_output=True, check=True).stdout
    assert json.loads(said) == json.loads(page.locator("#json-text").text_content() or "")
    context.close()


def test_no_link_leads_where_only_a_key_does(asking: Page, key: str) -> None:
    enter_the_right_one(asking, key)
    for address in asking.locator("a[href]").evaluate_all("all => all.map((one) => one.href)"):
        assert "/v1/" not in address


def test_the_reference_takes_a_key_to_try_things_with(page: Page, guarded: str, key: str) -> None:
    page.goto(f"{guarded}/docs#/Models/models")
    page.get_by_role("button", name="Authorize", exact=True).click()
    page.locator("#auth-bearer-value").fill(key)
    page.get_by_role("button", name="Apply credentials").first.click()
    page.get_by_role("button", name="Close").first.click()
    operation = page.locator("#operations-Models-models")
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response .response-col_status")).to_contain_text("200")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_button_for_the_key_can_be_read(browser: Browser, guarded: str, scheme: Literal["light", "dark"]) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{guarded}/docs")
    expect(page.locator(".scheme-container .authorize")).to_be_visible()
    results = Axe().run(page, context={"include": [[".scheme-container"]]}, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    context.close()


@pytest.mark.parametrize("size", [NARROW, PHONE, (1200, 900)], ids=["narrow", "phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_reaches_over_the_edge(
    browser: Browser, guarded: str, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{guarded}/")
    for problem in ("", WRONG):
        expect(page.locator("#key-problem")).to_contain_text(problem)
        results = Axe().run(page, options=RULES)
        assert results.violations_count == 0, results.generate_report()
        assert overflow(page) <= 0
        enter(page, "sg_wrong")
    context.close()
