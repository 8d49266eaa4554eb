"""gunicorn's settings: models loaded once before the fork, sync workers behind nginx.

A sync worker spends the least time on a request (docs/performance.md); nginx buffers slow clients for it.
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from sentigrade.errors import SettingError
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.opening import open_model
from sentigrade.web.logs import ServerLogger, logging_config
from sentigrade.web.worker import Worker

# Heartbeats and metrics live in memory: a slow disk must not stop a worker or make it look dead.
_MEMORY = Path("/dev/shm")  # noqa: S108 - the kernel's shared memory


def serve(settings: Settings) -> None:
    """Serve in the foreground until SIGTERM or SIGINT.

    Raises SettingError, StoreError or ModelFolderError before anything listens.
    """
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    metrics_folder = tempfile.mkdtemp(prefix="sentigrade-metrics-", dir=memory)
    # prometheus_client reads this once, when it is imported: `web.app` comes after.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder
    try:
        app = load_app(settings)
        _make_socket_folder(settings.bind)
        _Gunicorn(app, {**server_options(settings), "worker_tmp_dir": str(memory)}).run()
    finally:
        shutil.rmtree(metrics_folder, ignore_errors=True)


def load_app(settings: Settings) -> Flask:
    """Load the models that the settings name and return the app that serves them."""
    from sentigrade.web.app import create_app  # noqa: PLC0415 - see `serve`

    models = [open_model(reference, Path(settings.store)) for reference in settings.references]
    _require_distinct([model.manifest.name for model in models])
    app = create_app([Scorer(model, max_characters=settings.max_characters).prepare() for model in models], settings)
    # What is loaded now never becomes garbage. Out of the collector's sight it is not written to, so the pages
    # stay shared between the workers. `cli.serve` has kept the collector off until here.
    gc.freeze()
    gc.enable()
    return app


def _require_distinct(names: list[str]) -> None:
    # Callers choose by name alone, so of two versions one could never be asked.
    if len(set(names)) < len(names):
        raise SettingError("SENTIGRADE_MODELS names a model twice: serve one version of each")


def server_options(settings: Settings) -> dict[str, Any]:
    """Return gunicorn's settings by name."""
    return {
        "bind": settings.bind,
        "workers": settings.worker_count,
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
        "post_fork": _take_slot,
        "post_worker_init": _start_service,
    }


class _Gunicorn(BaseApplication):
    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - the stubs want a union of WSGI and ASGI
        return self._app


def _make_socket_folder(bind: str) -> None:
    kind, _, path = bind.partition(":")
    if kind == "unix":
        Path(path).parent.mkdir(parents=True, exist_ok=True)


def _give_slot(arbiter: Any, worker: Any) -> None:  # noqa: ANN401 - gunicorn's hooks carry no types
    taken = {other.slot for other in arbiter.WORKERS.values()}
    worker.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)


def _take_slot(_arbiter: Any, worker: Any) -> None:  # noqa: ANN401
    from sentigrade.web.metrics import use_slot  # noqa: PLC0415 - see `serve`

    use_slot(worker.slot)


def _start_service(worker: Any) -> None:  # noqa: ANN401
    worker.app.load().extensions["sentigrade"].start()
