"""The page without a mouse."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

# The id of what has the focus, or what it says; nothing when the browser itself has it.
FOCUSED = "(({ id, localName, textContent }) => id || (localName === 'body' ? '' : textContent.trim()))"
FOCUSED += "(document.activeElement)"
OUTLINE = "getComputedStyle(document.activeElement).outlineStyle"


def tab(page: Page) -> str:
    page.keyboard.press("Tab")
    return str(page.evaluate(FOCUSED))


def tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        if tab(page) == name:
            return
    pytest.fail(f"the Tab key does not reach {name}")


@pytest.mark.parametrize("chord", ["Control+Enter", "Meta+Enter"])
def test_a_text_is_graded_from_within_the_box(opened: Page, chord: str) -> None:
    assert tab(opened) == "text"
    opened.keyboard.press("Control+A")
    opened.keyboard.type("An utter bore.")
    opened.keyboard.press(chord)
    expect(opened.locator("#label")).to_have_text("Negative")
    assert opened.evaluate(FOCUSED) == "text"
    expect(opened.get_by_role("textbox")).to_have_value("An utter bore.")


def test_enter_alone_begins_a_new_line(opened: Page) -> None:
    tab(opened)
    opened.keyboard.press("End")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("textbox")).to_have_value("A warm, funny and well-made film.\n")


def test_every_control_is_reached_in_the_order_of_the_page_with_a_visible_focus(opened: Page) -> None:
    reached = []
    for _ in range(40):
        name = tab(opened)
        if name in reached or not name:
            break
        reached.append(name)
        assert opened.evaluate(OUTLINE) != "none" or name == "file", name
    expected = ["text", "Grade", "model", "Warm", "Arabic", "passage", "file", "curl", "copy"]
    assert [name for name in reached if name in expected] == expected


def test_an_example_and_the_button_answer_to_enter(opened: Page) -> None:
    tab_to(opened, "Bored")
    opened.keyboard.press("Enter")
    expect(opened.locator("#label")).to_have_text("Negative")
    assert opened.evaluate(FOCUSED) == "Bored"


def test_a_file_is_graded_without_a_mouse(opened: Page, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nA warm film.\n")
    opened.on("filechooser", lambda chooser: chooser.set_files(tmp_path / "a.csv"))
    tab_to(opened, "file")
    opened.keyboard.press("Enter")
    expect(opened.locator("#file-name")).to_contain_text("a.csv")
    tab_to(opened, "Grade the file")
    opened.keyboard.press("Enter")
    expect(opened.locator("#progress")).to_have_text("1 row graded.")
    tab_to(opened, "download")
    with opened.expect_download() as download:
        opened.keyboard.press("Enter")
    assert download.value.suggested_filename == "a-scored.csv"
