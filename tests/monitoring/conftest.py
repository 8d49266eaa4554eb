"""A real service, asked in every way, and a real Prometheus that has watched it."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.stack import Stack, ready
from tests.live import call, free_port, wait_until
from tests.monitoring.prometheus import Prometheus, scraping
from tests.monitoring.traffic import other_kinds, send, storm

_LISTS = 200
_ROUNDS = 3
# Some scrapes after the first, of which a rate is made.
_SCRAPES = 4


class Watched:
    """A stack, and the Prometheus that scrapes its inside port every second."""

    def __init__(self, stack: Stack, metrics_port: int, prometheus: Prometheus) -> None:
        self.stack = stack
        self.prometheus = prometheus
        self._port = metrics_port

    def metrics(self) -> str:
        """Return what the service says of itself now."""
        reply = call(self._port, "GET", "/metrics")
        assert reply.status == 200
        return reply.text

    def wait_for_scrapes(self, count: int) -> None:
        """Wait for so many scrapes from now on."""
        enough = self._scrapes() + count
        wait_until(lambda: self._scrapes() >= enough, f"{count} scrapes")

    def _scrapes(self) -> float:
        looks = self.prometheus.now('count_over_time(up{job="sentigrade"}[10m])')
        return looks[0].values[0][1] if looks else 0


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Watched while it answered, refused and turned away requests of every kind."""
    folder, port = tmp_path_factory.mktemp("watched"), free_port()
    with ready(folder, SENTIGRADE_METRICS_PORT=str(port)) as stack, scraping(folder, port) as prometheus:
        watched = Watched(stack, port, prometheus)
        _ask_in_every_way(stack.port)  # a series that appears is no rise: so once before, and again after, a scrape
        watched.wait_for_scrapes(_SCRAPES)
        for _ in range(_ROUNDS):
            _ask_in_every_way(stack.port)
        watched.wait_for_scrapes(_SCRAPES)
        yield watched


def _ask_in_every_way(port: int) -> None:
    other_kinds(port)
    send(port, per_second=200, seconds=1)
    assert storm(port, _LISTS) > 0
