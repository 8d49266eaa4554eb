"""Prometheus metrics, summed over the worker processes.

The workers share their counts through files in PROMETHEUS_MULTIPROC_DIR, which must be set before this module is
imported; without it the counts are this process's own.
"""

import os
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from sentigrade.answer import Answer, Rejection
from sentigrade.model_state import ModelState

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

# One worker's files are named by its slot, not its pid: a replaced worker goes on where the last one stopped, and
# the files do not pile up.
_slot = "master"


def use_slot(slot: int) -> None:
    """Count as worker number `slot` from now on; called in the worker, right after the fork."""
    global _slot  # noqa: PLW0603 - prometheus_client asks a function without arguments
    _slot = str(slot)


class Metrics:
    """What is counted."""

    def __init__(self) -> None:
        self._shared = DIRECTORY_VARIABLE in os.environ
        if self._shared:
            values.ValueClass = values.MultiProcessValue(lambda: _slot)  # type: ignore[no-untyped-call]  # carries no types
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "sentigrade_requests", "Requests answered.", ["method", "path", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "sentigrade_request_seconds",
            "Time from the first byte read to the answer.",
            ["path"],
            buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self._registry,
        )
        self._answers = Counter(
            "sentigrade_answers", "Texts answered, by label.", ["model", "version", "label"], registry=self._registry
        )
        self._rejections = Counter(
            "sentigrade_rejections", "Texts that could not be classified.", ["code"], registry=self._registry
        )

        # Finding the counter of a combination of labels costs more than counting.
        self._request_counter = lru_cache(self._requests.labels)
        self._stopwatch = lru_cache(self._seconds.labels)
        self._answer_counter = lru_cache(self._answers.labels)

    def count_request(self, method: str, path: str, status: str, seconds: float) -> None:
        """Count one answered request."""
        self._request_counter(method, path, status).inc()
        self._stopwatch(path).observe(seconds)

    def count_outcomes(self, outcomes: Sequence[Answer | Rejection]) -> None:
        """Count the texts of one request."""
        tally = Tally(key for outcome in outcomes for key in _keys(outcome))
        for key, count in tally.items():
            if isinstance(key, str):
                self._rejections.labels(key).inc(count)
            else:
                self._answer_counter(*key).inc(count)

    def exposition(self, accept: str, models: Sequence[ModelState]) -> tuple[bytes, str]:
        """Return all counts and the models' state in the format that the scraper accepts, and its content type."""
        registry = CollectorRegistry(support_collectors_without_names=True)
        if self._shared:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # carries no types
        else:
            registry.register(self._registry)
        registry.register(_Models(models))
        encode, content_type = choose_encoder(accept)
        return encode(registry), content_type


def _keys(outcome: Answer | Rejection) -> Iterator[tuple[str, int, str] | str]:
    if isinstance(outcome, Answer):
        yield from ((outcome.model, outcome.version, label) for label in outcome.applying)
    else:
        yield outcome.code


class _Models(Collector):
    """Gauges that are read rather than kept: whatever the scraped worker serves, all of them serve."""

    def __init__(self, models: Sequence[ModelState]) -> None:
        self._models = models

    def collect(self) -> Iterator[Metric]:
        """Return the gauges as they are now."""
        version = GaugeMetricFamily(
            "sentigrade_model_version", "Version that is served; 0 while it is missing.", labels=["model"]
        )
        notice = GaugeMetricFamily(
            "sentigrade_model_notice",
            "1 while something other than what the reference means is served, or may be: see /v1/models.",
            labels=["model"],
        )
        for state in self._models:
            version.add_metric([state.model], state.version or 0)
            notice.add_metric([state.model], state.notice is not None)
        yield from (version, notice)
