"""A real Chromium in front of the real stack, which serves committed models and a small one without an order."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sentigrade.data.examples import Examples
from sentigrade.labels import make_labels
from sentigrade.store.local import LocalObjects
from sentigrade.store.publishing import publish
from sentigrade.training.train import Recipe, train
from tests.browser.chromium import Watch, chromium
from tests.end_to_end.stack import Stack, ready
from tests.live import REPOSITORY

TOPICS = ("Film", "Food", "Travel")
SENTENCES = ("The {} was new to us.", "They spoke of the {} all day.", "One more {}, please.", "A {} and another {}.")
NOUNS = (("plot", "cast", "scene", "actor"), ("soup", "bread", "salad", "cake"), ("train", "hotel", "island", "map"))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the committed models and `topics`, whose labels have no order."""
    store, folder = tmp_path_factory.mktemp("store"), tmp_path_factory.mktemp("topics")
    shutil.copytree(REPOSITORY / "model_store", store, dirs_exist_ok=True)
    rows = [
        (form.replace("{}", noun), topic) for topic, nouns in enumerate(NOUNS) for noun in nouns for form in SENTENCES
    ]
    examples = Examples.of_whole_texts("written", [text for text, _ in rows], [topic for _, topic in rows])
    train(
        Recipe(name="topics", labels=make_labels(TOPICS, ordered=False), license="self-written"), examples, [], folder
    )
    publish(LocalObjects(store), folder)
    return store


@pytest.fixture(scope="session")
def stack(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """gunicorn and nginx with three models. Do not stop it; start your own for that."""
    settings = {
        "SENTIGRADE_STORE": str(models),
        "SENTIGRADE_MODELS": "sentiment,topics,toxicity",
        "SENTIGRADE_MAX_BODY_BYTES": "400000",  # more than the longest text, and quick to exceed
    }
    with ready(tmp_path_factory.mktemp("stack"), **settings) as running:
        yield running


@pytest.fixture(scope="session")
def origin(stack: Stack) -> str:
    return f"http://localhost:{stack.port}"


@pytest.fixture(scope="session")
def port(stack: Stack) -> int:
    return stack.port


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def context(browser: Browser) -> BrowserContext:
    """A window of the usual size; the page keeps nothing in it from test to test."""
    return browser.new_context(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """An empty tab."""
    page = context.new_page()
    yield page
    page.close()


@pytest.fixture
def watch(page: Page, origin: str) -> Iterator[Watch]:
    """Fails a test in which the page was not silent."""
    watch = Watch(page, origin)
    yield watch
    watch.require_silence()


@pytest.fixture
def opened(page: Page, watch: Watch, origin: str) -> Page:
    """The page, with the answer to the text that it begins with."""
    return open_page(page, origin)


def open_page(page: Page, origin: str) -> Page:
    page.goto(f"{origin}/")
    expect(page.locator("#label")).to_have_text("Positive")
    return page


@pytest.fixture
def grade(opened: Page) -> Callable[[str], None]:
    """Types a text, asks for its answer and waits for it."""

    def grade(text: str) -> None:
        opened.get_by_role("textbox").fill(text)
        with opened.expect_response("**/v1/predict"):
            opened.get_by_role("button", name="Grade", exact=True).click()
        expect(opened.locator("#grade")).not_to_have_attribute("aria-busy", "true")

    return grade
