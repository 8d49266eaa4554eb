"""Prometheus metrics, summed over the worker processes.

The workers share their counts through files in PROMETHEUS_MULTIPROC_DIR, which must be set before this module is
imported; without it the counts are this process's own.
"""

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from sentigrade.answer import Answer, Rejection
from sentigrade.manifest import Manifest
from sentigrade.model import Model
from sentigrade.model_state import ModelState
from sentigrade.web.counting_files import room_for_counts
from sentigrade.web.scoreboard import Role, Scoreboard

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

_WORK_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_WAIT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """What is counted."""

    def __init__(self) -> None:
        # One worker's files are named by its slot, not its pid: a replaced worker goes on where the last one stopped,
        # and the files do not pile up.
        self._slot = "master"
        self._shared = DIRECTORY_VARIABLE in os.environ
        if self._shared:
            values.ValueClass = values.MultiProcessValue(lambda: self._slot)  # type: ignore[no-untyped-call]  # carries no types
        self._registry = CollectorRegistry()
        requests = self._counter("sentigrade_requests", "Requests answered.", "method", "path", "status")
        seconds = self._histogram(
            "sentigrade_request_seconds", "Time that a worker took for a request.", _WORK_BUCKETS, "path"
        )
        texts = self._counter("sentigrade_texts", "Texts answered.", "model", "version")
        self._labels = self._counter("sentigrade_labels", "Labels given to texts.", "model", "version", "label")
        rejections = self._counter("sentigrade_rejections", "Texts that could not be classified.", "code")
        self._wait = self._histogram(
            "sentigrade_wait_seconds", "Time that a request waited for a worker.", _WAIT_BUCKETS
        ).observe
        self._starts = self._counter("sentigrade_worker_starts", "Workers that were started.", "role")
        self._scoreboard = Scoreboard()
        self.begin_request = self._scoreboard.work
        self.pass_over_request = self._scoreboard.rest

        # Finding the counter of a combination of labels costs more than counting.
        self._request_counter = lru_cache(requests.labels)
        self._stopwatch = lru_cache(seconds.labels)
        self._text_counter = lru_cache(texts.labels)
        self._label_counters: dict[tuple[str, int, str], Counter] = {}
        self._rejection_counter = lru_cache(rejections.labels)

    def start_worker(self, slot: int, role: Role) -> None:
        """Count as worker number `slot` from now on; called in the worker, right after the fork."""
        if self._shared:
            folder = room_for_counts(Path(os.environ[DIRECTORY_VARIABLE]), slot)
            os.environ[DIRECTORY_VARIABLE] = str(folder)
        self._slot = str(slot)
        self._scoreboard.enter(slot, role)
        self._starts.labels(role).inc()

    def forget_worker(self, slot: int) -> None:
        """Note that a worker has ended; called in the master. What it has counted stays."""
        self._scoreboard.clear(slot)

    def end_request(self, method: str, path: str, status: str, seconds: float | None) -> None:
        """Count an answered request and the time that it took here, unless that says nothing."""
        self._scoreboard.rest()
        self._request_counter(method, path, status).inc()
        if seconds is not None:
            self._stopwatch(path).observe(seconds)

    def count_wait(self, seconds: float) -> None:
        """Count how long a request has waited for a worker."""
        self._wait(seconds)

    def count_outcomes(self, model: Model, outcomes: Sequence[Answer | Rejection]) -> None:
        """Count the texts of one request."""
        labels: dict[str, int] = {}
        codes: dict[str, int] = {}
        for outcome in outcomes:
            if isinstance(outcome, Answer):
                for label in outcome.applying:
                    labels[label] = labels.get(label, 0) + 1
            else:
                codes[outcome.code] = codes.get(outcome.code, 0) + 1
        self._text_counter(model.manifest.name, model.manifest.version).inc(len(outcomes) - sum(codes.values()))
        for label, count in labels.items():
            self._label_counter(model.manifest, label).inc(count)
        for code, count in codes.items():
            self._rejection_counter(code).inc(count)

    def _label_counter(self, manifest: Manifest, name: str) -> Counter:
        """Return the counter of a label, which metrics know by its id."""
        key = (manifest.name, manifest.version, name)
        if key not in self._label_counters:
            labels = manifest.labels
            self._label_counters[key] = self._labels.labels(*key[:2], labels.ids[labels.names.index(name)])
        return self._label_counters[key]

    def exposition(self, accept: str, models: Sequence[ModelState]) -> tuple[bytes, str]:
        """Return all counts and the models' state in the format that the scraper accepts, and its content type."""
        encode, content_type = choose_encoder(accept)
        registry = CollectorRegistry(support_collectors_without_names=True)
        if self._shared:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # carries no types
        else:
            registry.register(self._registry)
        registry.register(_State(self._scoreboard, models))
        return encode(registry), content_type

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self._registry)

    def _histogram(self, name: str, what: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, what, labels, buckets=buckets, registry=self._registry)


class _State(Collector):
    """Gauges that are read rather than kept."""

    def __init__(self, scoreboard: Scoreboard, models: Sequence[ModelState]) -> None:
        """Whatever `models` the scraped worker serves, all of them serve."""
        self._scoreboard = scoreboard
        self._models = models

    def collect(self) -> Iterator[Metric]:
        """Return the gauges as they are now."""
        yield from self._of_workers()
        yield from self._of_models()

    def _of_workers(self) -> Iterator[Metric]:
        living = GaugeMetricFamily("sentigrade_workers", "Workers that live.", labels=["role"])
        busy = GaugeMetricFamily("sentigrade_requests_in_flight", "Requests being answered.", labels=["role"])
        for role, (all_of_them, busy_ones) in self._scoreboard.workers().items():
            living.add_metric([role], all_of_them)
            busy.add_metric([role], busy_ones)
        yield from (living, busy)

    def _of_models(self) -> Iterator[Metric]:
        info = GaugeMetricFamily(
            "sentigrade_model_info", "1 for each model that is served.", labels=["model", "version", "digest", "family"]
        )
        notice = GaugeMetricFamily(
            "sentigrade_model_notice",
            "1 while something other than what the reference means is served, or may be: see /v1/models.",
            labels=["model"],
        )
        for state in self._models:
            if state.version is not None:
                info.add_metric([state.model, str(state.version), state.digest or "", state.family or ""], 1)
            notice.add_metric([state.model], state.notice is not None)
        yield from (info, notice)
