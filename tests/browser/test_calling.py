"""The call that the page shows is the call that it made."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.live import call

pytestmark = pytest.mark.browser

TRICKY = """It's "fine", isn't it? $HOME `id` \\n %s !! 😂
A second line; & more: שלום."""


def run(command: str) -> bytes:
    """Run what the page shows in a shell, as a reader would."""
    assert shlex.split(command)[0] == "curl"
    return subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout


def shown_answer(page: Page) -> Any:  # noqa: ANN401 - JSON
    return json.loads(page.locator("#json-text").text_content() or "")


@pytest.mark.parametrize("text", ["A warm film.", TRICKY])
def test_the_curl_that_is_shown_gets_the_answer_that_is_shown(
    opened: Page, grade: Callable[[str], None], text: str
) -> None:
    grade(text)
    command = opened.locator("#curl").text_content() or ""
    assert json.loads(run(command)) == shown_answer(opened)


def test_the_answer_that_is_shown_is_the_service_s(opened: Page, port: int) -> None:
    question = {"mytext": "A warm, funny and well-made film.", "explain": True, "sentences": True}
    assert shown_answer(opened) == call(port, "POST", "/v1/predict", question).json


def test_the_button_copies_the_curl(context: BrowserContext, opened: Page) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.locator("#copy").click()
    expect(opened.locator("#copy")).to_have_text("Copied")
    assert opened.evaluate("navigator.clipboard.readText()") == opened.locator("#curl").text_content()


def test_where_copying_is_not_allowed_the_curl_is_selected(opened: Page) -> None:
    opened.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    opened.locator("#copy").click()
    expect(opened.locator("#copy")).to_have_text("Selected")
    assert opened.evaluate("getSelection().toString().trim()") == opened.locator("#curl").inner_text().strip()


def test_the_call_of_a_file_gets_the_file_that_is_offered(opened: Page, tmp_path: Path) -> None:
    source = tmp_path / "it's a file.csv"
    source.write_text("id,my review\n1,A warm film.\n2,An utter bore.\n")
    opened.get_by_label("CSV file").set_input_files(source)
    opened.get_by_role("button", name="Grade the file").click()
    with opened.expect_download() as download:
        opened.get_by_role("link", name="Download").click()
    command = opened.locator("#file-curl").text_content() or ""
    subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "it's a file-scored.csv").read_bytes() == Path(download.value.path()).read_bytes()


def test_without_a_script_the_page_says_how_to_call(browser: Browser, origin: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(origin)
    expect(page.locator("textarea")).to_be_hidden()
    expect(page.locator("#drop")).to_be_hidden()
    command = page.locator("#curl").text_content() or ""
    assert json.loads(run(command)) == shown_answer(page)
    assert re.search(r"Accept: text/plain", page.locator("main").inner_text())
    context.close()
