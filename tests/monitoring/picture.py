"""The picture of the dashboard in docs/monitoring.md: `make dashboard-picture`.

A service is asked for six minutes as an operator may see it: by day, in a rush, in a storm of lists that is five times
too much, and while its workers die. A real Prometheus watches, and what it knows is drawn.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from sentigrade.store.opening import open_store
from sentigrade.store.promoting import promote
from sentigrade.store.publishing import publish
from tests.end_to_end.rows import NDJSON, ndjson, post_rows
from tests.end_to_end.stack import Stack, ready
from tests.live import DEFAULT_MODEL, call, free_port
from tests.monitoring.drawing import Picture
from tests.monitoring.prometheus import scraping
from tests.monitoring.shown import Source, Span
from tests.monitoring.traffic import kill_a_worker, other_kinds, send, storm

SCRAPE_SECONDS = 5
PHASE_SECONDS = 60
ROWS = 300_000
VARIABLES = {"instance": ".*", "model": "sentiment", "__rate_interval": f"{4 * SCRAPE_SECONDS}s"}


def draw(path: Path) -> None:
    """Write the dashboard of six eventful minutes to a file."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        store = _store(folder / "store")
        settings = {"SENTIGRADE_METRICS_PORT": str(port), "SENTIGRADE_STORE": store, "SENTIGRADE_WATCH_SECONDS": "1"}
        with ready(folder, **settings) as stack, scraping(folder, port, SCRAPE_SECONDS) as prometheus:
            started = time.time() + SCRAPE_SECONDS
            for phase in (_day, _rush, _storm, _calm, _dying, _promotion):
                phase(stack, store)
            span = Span(started, time.time(), SCRAPE_SECONDS)
            Picture(Source(prometheus, span, VARIABLES)).draw(path)


def _store(folder: Path) -> str:
    store = open_store(str(folder), create=True)
    for _ in range(2):
        publish(store, DEFAULT_MODEL)
    return str(folder)


def _day(stack: Stack, _: str) -> None:
    _beside(lambda: send(stack.port, 150, PHASE_SECONDS), lambda: other_kinds(stack.port), every=2)


def _rush(stack: Stack, _: str) -> None:
    rows = Thread(target=post_rows, args=(stack.port, ndjson(ROWS), NDJSON))
    rows.start()
    _beside(lambda: send(stack.port, 300, PHASE_SECONDS), lambda: call(stack.port, "GET", "/v1/models"), every=2)
    rows.join()


def _storm(stack: Stack, _: str) -> None:
    until = time.monotonic() + PHASE_SECONDS
    while time.monotonic() < until:
        storm(stack.port, 500)


def _calm(stack: Stack, _: str) -> None:
    _beside(lambda: send(stack.port, 100, PHASE_SECONDS / 2), lambda: call(stack.port, "GET", "/"), every=1)


def _dying(stack: Stack, _: str) -> None:
    _beside(lambda: send(stack.port, 150, PHASE_SECONDS), lambda: kill_a_worker(stack), every=5)


def _promotion(stack: Stack, store: str) -> None:
    promote(open_store(store), "sentiment", 2)
    _day(stack, store)


def _beside(load: Callable[[], None], action: Callable[[], object], *, every: float) -> None:
    """Do something every so many seconds for as long as a load lasts."""
    thread = Thread(target=load)
    thread.start()
    while thread.is_alive():
        action()
        thread.join(every)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
