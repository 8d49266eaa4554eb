"""gunicorn's settings: models loaded once before the fork, sync workers behind nginx.

A sync worker spends the least time on a request (docs/performance.md); nginx buffers slow clients for it. A body of
rows keeps one busy for minutes, though, so there are workers for rows alone, on an address of their own, to which nginx
sends them; they make way for the others.
"""

import gc
import logging.config
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from sentigrade.places import read_places, write_places
from sentigrade.settings import Settings
from sentigrade.watching import WatcherProcess
from sentigrade.web.loading import is_behind, load, reload
from sentigrade.web.logs import ServerLogger, logging_config
from sentigrade.web.worker import Worker

# Heartbeats and metrics live in memory: a slow disk must not stop a worker or make it look dead.
_MEMORY = Path("/dev/shm")  # noqa: S108 - the kernel's shared memory
# How much row workers make way for the others.
_ROWS_NICENESS = 10
# How long to wait before loading again what could not be loaded.
_RETRY_SECONDS = 10


def serve(settings: Settings) -> None:
    """Serve in the foreground until SIGTERM or SIGINT.

    Raises SettingError, StoreError or ModelFolderError before anything listens; a store that does not answer is waited
    for.
    """
    logging.config.dictConfig(logging_config(settings.log_level))
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    shared = Path(tempfile.mkdtemp(prefix="sentigrade-", dir=memory))
    # prometheus_client reads this once, when it is imported: `web.app` comes after.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(shared)
    master = os.getpid()
    try:
        server = Server(settings, shared)
        _make_socket_folder(settings.bind)
        server.run()
    finally:
        if os.getpid() == master:  # a worker that ends comes by here as well
            shutil.rmtree(shared, ignore_errors=True)


class Server(BaseApplication):
    """gunicorn around the app; the folder `shared` is where the processes of the service leave notes in memory."""

    def __init__(self, settings: Settings, shared: Path) -> None:
        from sentigrade.web.app import create_app  # noqa: PLC0415 - see `serve`

        self._settings = settings
        self._shared = shared
        self._places = shared / "places.json"
        places, self._loaded = load(settings)
        write_places(self._places, places)
        self._app = create_app(list(self._loaded.values()), settings, self._places)
        # What is loaded now never becomes garbage. Out of the collector's sight it is not written to, so the pages
        # stay shared between the workers. `cli.serve` has kept the collector off until here.
        gc.freeze()
        gc.enable()
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings; gunicorn calls it, again at each SIGHUP."""
        options = {**server_options(self._settings), "worker_tmp_dir": str(self._shared)}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - the stubs want a union of WSGI and ASGI
        """Return the app; gunicorn calls it once, before the workers fork."""
        return self._app

    def run(self) -> None:
        """Serve until a signal ends it."""
        _Arbiter(self, WatcherProcess(self._places, self._settings)).run()

    def is_behind(self) -> bool:
        """Whether the watcher has prepared what is not loaded."""
        return any(is_behind(place, self._loaded[place.reference]) for place in read_places(self._places))

    def swap(self) -> None:
        """Load what the watcher has prepared; workers that are forked from now on serve it."""
        gc.unfreeze()
        self._loaded = reload(read_places(self._places), self._loaded, self._settings)
        self._app.extensions["sentigrade"].use(list(self._loaded.values()))
        gc.collect()
        gc.freeze()


class _Arbiter(Arbiter):
    """gunicorn's master, which looks after the watcher as it looks after the workers: once a second."""

    def __init__(self, server: Server, watcher: WatcherProcess) -> None:
        self._server = server
        self._watcher = watcher
        self._not_before = time.monotonic() + _RETRY_SECONDS
        super().__init__(server)

    def manage_workers(self) -> None:
        super().manage_workers()
        self._watcher.manage()
        # The watcher may have died before it told us, or loading may have failed for a reason that has gone.
        if self._server.is_behind() and time.monotonic() >= self._not_before:
            os.kill(os.getpid(), signal.SIGHUP)

    def reload(self) -> None:
        self._not_before = time.monotonic() + _RETRY_SECONDS
        super().reload()

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        self._watcher.stop()
        super().halt(reason, exit_status)


def server_options(settings: Settings) -> dict[str, Any]:
    """Return gunicorn's settings by name."""
    return {
        # Workers find theirs by this order.
        "bind": [settings.bind, settings.rows_bind],
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
        "logger_class": ServerLogger,
        "logconfig_dict": logging_config(settings.log_level),
        "pre_fork": _give_slot,
        "post_fork": partial(_take_slot, settings.worker_count),
        "post_worker_init": _start_service,
        "on_reload": _swap,
    }


def _make_socket_folder(bind: str) -> None:
    kind, _, path = bind.partition(":")
    if kind == "unix":
        Path(path).parent.mkdir(parents=True, exist_ok=True)


def _give_slot(arbiter: Any, worker: Any) -> None:  # noqa: ANN401 - gunicorn's hooks carry no types
    """Give each worker a number, of which the last places of each generation are for rows.

    While a new generation takes over, there are two of each place; a worker that has died leaves its place empty.
    """
    taken = {other.slot for other in arbiter.WORKERS.values()}
    places = Counter(slot % arbiter.cfg.workers for slot in taken)
    place = min(range(arbiter.cfg.workers), key=places.__getitem__)
    worker.slot = next(slot for slot in count(place, arbiter.cfg.workers) if slot not in taken)


def _take_slot(web_workers: int, arbiter: Any, worker: Any) -> None:  # noqa: ANN401
    from sentigrade.web.metrics import use_slot  # noqa: PLC0415 - see `serve`

    use_slot(worker.slot)
    web, rows = worker.sockets
    if worker.slot % arbiter.cfg.workers < web_workers:
        worker.sockets = [web]
    else:
        worker.sockets = [rows]
        os.nice(_ROWS_NICENESS)


def _start_service(worker: Any) -> None:  # noqa: ANN401
    worker.app.load().extensions["sentigrade"].start()


def _swap(arbiter: Any) -> None:  # noqa: ANN401
    arbiter.app.swap()
