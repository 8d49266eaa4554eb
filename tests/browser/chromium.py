"""The Chromium that is installed on this machine, driven by Playwright; no browser is fetched."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
expect.set_options(timeout=10_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium with a profile of its own."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "no Chromium is installed; on Debian: apt-get install chromium"
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=_ARGUMENTS + as_root)
        try:
            yield browser
        finally:
            browser.close()


class Watch:
    """What goes wrong in a page without anyone seeing it: errors in its console, calls to other hosts."""

    def __init__(self, page: Page, origin: str) -> None:
        self._origin = origin
        self._seen: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._seen.append(f"error: {error}"))
        page.on("request", self._note)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._seen.append(f"console: {message.text}")

    def _note(self, request: Request) -> None:
        if not request.url.startswith((f"{self._origin}/", f"blob:{self._origin}/")):
            self._seen.append(f"request: {request.url}")

    def forget(self, part: str) -> None:
        """Leave out what a test has brought about itself, and require that it was there."""
        assert any(part in line for line in self._seen), self._seen
        self._seen = [line for line in self._seen if part not in line]

    def require_silence(self) -> None:
        assert not self._seen, "\n".join(self._seen)
