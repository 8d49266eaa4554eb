"""gunicorn's settings: models loaded once before the fork, sync workers behind nginx.

A sync worker spends the least time on a request (docs/performance.md); nginx buffers slow clients for it. A body of
rows keeps one busy for minutes, though, so there are workers for rows alone, on an address of their own, to which nginx
sends them; they make way for the others.
"""

import gc
import logging.config
import mmap
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from sentigrade.places import read_places, write_places
from sentigrade.settings import Settings
from sentigrade.watching import WatcherProcess
from sentigrade.web.addresses import Addresses
from sentigrade.web.counting_files import disk_folder
from sentigrade.web.loading import is_behind, load, reload
from sentigrade.web.logs import logging_config
from sentigrade.web.spooling import require_spool
from sentigrade.web.worker import Worker

if TYPE_CHECKING:
    from flask import Flask

    from sentigrade.web.service import Service

# Heartbeats and metrics live in memory: a slow disk must not stop a worker or make it look dead.
_MEMORY = Path("/dev/shm")  # noqa: S108 - the kernel's shared memory
# How much row workers make way for the others: as much as is possible without standing still when all cores are busy.
_ROWS_NICENESS = 19
# How long to wait before loading again what could not be loaded.
_RETRY_SECONDS = 10
# And before an endpoint is asked again that did not answer when a worker started.
_ASK_SECONDS = 2


def serve(settings: Settings) -> None:
    """Serve in the foreground until SIGTERM or SIGINT.

    Raises SettingError, StoreError or ModelFolderError before anything listens; a store that does not answer is waited
    for.
    """
    logging.config.dictConfig(logging_config(settings.log_level))
    logging.raiseExceptions = False  # a log line that nobody takes is no reason for a trace on standard error
    require_spool(settings.spool)
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    shared = Path(tempfile.mkdtemp(prefix="sentigrade-", dir=memory))
    # prometheus_client reads this once, when it is imported: `web.app` comes after.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(shared)
    master = os.getpid()
    try:
        Server(settings, Addresses(settings), shared).run()
    finally:
        if os.getpid() == master:  # a worker that ends comes by here as well
            for folder in (shared, disk_folder(shared)):
                shutil.rmtree(folder, ignore_errors=True)


class Server(BaseApplication):
    """gunicorn around the app; the folder `shared` is where the processes of the service leave notes in memory."""

    def __init__(self, settings: Settings, addresses: Addresses, shared: Path) -> None:
        from sentigrade.web.app import create_app  # noqa: PLC0415 - see `serve`

        self._settings = settings
        self._addresses = addresses
        self._shared = shared
        self._places = shared / "places.json"
        places, self._loaded = load(settings)
        write_places(self._places, places)
        self._app = create_app(list(self._loaded.values()), settings, self._places, shared / "loaded")
        # What is loaded now never becomes garbage. Out of the collector's sight it is not written to, so the pages
        # stay shared between the workers. `cli.serve` has kept the collector off until here.
        gc.freeze()
        gc.enable()
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings; gunicorn calls it."""
        options = {**server_options(self._settings, self._addresses), "worker_tmp_dir": str(self._shared)}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - the stubs want a union of WSGI and ASGI
        """Return the app; gunicorn calls it once, before the workers fork."""
        return self._app

    def run(self) -> None:
        """Serve until a signal ends it."""
        _Arbiter(self, self._addresses, WatcherProcess(self._places, self._settings)).run()

    def is_behind(self) -> bool:
        """Whether the watcher has prepared what is not loaded."""
        return any(is_behind(place, self._loaded[place.reference]) for place in read_places(self._places))

    def look_at_keys(self) -> None:
        """Read the file of API keys again if it has changed: workers begin with what the master knows."""
        keys = self._app.extensions.get("sentigrade.keys")
        if keys:
            keys.look()

    def swap(self) -> None:
        """Load what the watcher has prepared; workers that are forked from now on serve it."""
        gc.unfreeze()
        self._loaded = reload(read_places(self._places), self._loaded, self._settings)
        self._app.extensions["sentigrade"].use(list(self._loaded.values()))
        gc.collect()
        gc.freeze()


class _Logger(Logger):
    """gunicorn's logger without its access log, which it would prepare even for nobody: the app writes its own."""

    def access(self, *_: object) -> None:
        """Do nothing."""


class _Arbiter(Arbiter):
    """gunicorn's master, which looks after addresses and watcher as it looks after the workers: once a second."""

    def __init__(self, server: Server, addresses: Addresses, watcher: WatcherProcess) -> None:
        self._server = server
        self._addresses = addresses
        self._watcher = watcher
        self._generation = 0
        self._not_before = time.monotonic() + _RETRY_SECONDS
        super().__init__(server)

    def start(self) -> None:
        """Begin to listen."""
        with self._addresses.opening():
            super().start()

    def manage_workers(self) -> None:
        """Keep the workers of this generation complete, and let those of earlier ones go.

        gunicorn counts them all. But whoever answers a body of rows may take minutes to go, and must not stand in the
        place of a worker that has died.
        """
        self._addresses.manage(ready=self._is_ready())
        for _ in range(self.num_workers - len(self._slots(self._generation))):
            self.spawn_worker()
        for pid, worker in list(self._workers.items()):
            if worker.generation < self._generation and not worker.is_leaving:
                worker.is_leaving = True
                self.kill_worker(pid, signal.SIGTERM)
        self._watch()

    def enlist(self, worker: Worker) -> None:
        """Give a worker that is about to be forked its slot."""
        worker.generation = self._generation
        worker.readiness = mmap.mmap(-1, 1)
        worker.slot = free_slot(self._slots(self._generation), self._slots(), self.cfg.workers)

    def spawn_worker(self) -> int:
        """Fork a worker, which is told nothing before it listens.

        Until then it would put what it is told into its copy of the master's queue, where nobody looks, and never go.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, self.SIGNALS)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self.SIGNALS)

    def reload(self) -> None:
        """Start a new generation of workers.

        gunicorn would read its settings again, which stay as they are, and then do nothing else for as long as one old
        worker still answers.
        """
        self._not_before = time.monotonic() + _RETRY_SECONDS
        self._server.swap()
        self._generation += 1
        self.manage_workers()

    def stop(self, graceful: bool = True) -> None:
        """Stop listening, and let the workers finish what they answer."""
        self._addresses.leave()
        super().stop(graceful)

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        self._watcher.stop()
        super().halt(reason, exit_status)

    def _is_ready(self) -> bool:
        """Whether whoever connects is answered: every worker is ready, and none of an earlier generation is left."""
        workers = self._workers.values()
        return len(workers) == self.num_workers and all(
            worker.generation == self._generation and worker.readiness[0] for worker in workers
        )

    @property
    def _workers(self) -> dict[int, Worker]:
        return cast("dict[int, Worker]", self.WORKERS)

    def _slots(self, generation: int | None = None) -> list[int]:
        """Return the slots that are taken, by workers of one generation or of any."""
        return [other.slot for other in self._workers.values() if generation in (None, other.generation)]

    def _watch(self) -> None:
        self._watcher.manage()
        self._server.look_at_keys()
        # The watcher may have died before it told us, or loading may have failed for a reason that has gone.
        if self._server.is_behind() and time.monotonic() >= self._not_before:
            os.kill(os.getpid(), signal.SIGHUP)


def server_options(settings: Settings, addresses: Addresses) -> dict[str, Any]:
    """Return gunicorn's settings by name."""
    return {
        # Workers find theirs by this order.
        "bind": addresses.own,
        "workers": settings.worker_count + settings.row_worker_count,
        "worker_class": Worker,
        "preload_app": True,
        "timeout": settings.timeout_seconds,
        "graceful_timeout": settings.graceful_seconds,
        "control_socket_disable": True,
        "forwarded_allow_ips": "*" if settings.bind.startswith("unix:") else "127.0.0.1",
        # nginx bounds the request line and each header at 8 KiB; gunicorn's own bounds lie above.
        "limit_request_line": 8190,
        "limit_request_field_size": 16_384,
        "logger_class": _Logger,
        "logconfig_dict": logging_config(settings.log_level),
        # gunicorn's own writes the path of every request that it reads to the log of level debug.
        "pre_request": lambda _worker, _request: None,
        "pre_fork": _Arbiter.enlist,
        "post_fork": partial(_take_slot, settings.worker_count),
        "post_worker_init": _start_service,
        "child_exit": _forget_worker,
    }


def free_slot(current: Collection[int], taken: Collection[int], size: int) -> int:
    """Return the number of a new worker: `current` are those of its generation, `taken` all that live.

    A generation is `size` workers, each in a place of its own, which is its number modulo `size`; the last places are
    for rows. While a new generation takes over, there are two workers of each place, and more if some are slow to go.
    """
    places = Counter(slot % size for slot in current)
    place = min(range(size), key=places.__getitem__)
    return next(slot for slot in count(place, size) if slot not in taken)


def _take_slot(web_workers: int, arbiter: Arbiter, worker: Worker) -> None:
    web, rows = worker.sockets
    takes_rows = worker.slot % arbiter.cfg.workers >= web_workers
    role, own, other = ("rows", rows, web) if takes_rows else ("web", web, rows)
    _app(worker).extensions["sentigrade.metrics"].start_worker(worker.slot, role)
    worker.sockets = [own]
    # With this worker holding it too, it would look alive when all who listen there have gone.
    other.close()
    if takes_rows:
        os.nice(_ROWS_NICENESS)


def _start_service(worker: Worker) -> None:
    service = _app(worker).extensions["sentigrade"]
    service.start()
    worker.readiness[0] = service.ready
    if service.endpoint_fault:
        Thread(target=_start_again, args=(service, worker), daemon=True).start()


def _start_again(service: "Service", worker: Worker) -> None:
    """Start a service until its endpoints answer; meanwhile the worker says that it is not ready."""
    while service.endpoint_fault:
        time.sleep(_ASK_SECONDS)
        service.start()
    worker.readiness[0] = service.ready


def _forget_worker(_arbiter: Arbiter, worker: Worker) -> None:
    _app(worker).extensions["sentigrade.metrics"].forget_worker(worker.slot)


def _app(worker: Worker) -> "Flask":
    return cast("Flask", worker.app.load())
