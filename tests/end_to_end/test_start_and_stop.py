"""Starting, stopping and dying."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sentigrade.local_stack import LONGEST_SOCKET_PATH
from tests.end_to_end.stack import Stack, ready, started
from tests.live import begin_upload, call, free_port, predict, receive, wait_until

TEXT = b'{"mytext": "A gorgeous, witty, seductive movie."}'


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    "ask_to_stop", [Stack.press_ctrl_c, lambda stack: stack.process.terminate()], ids=["Ctrl-C", "SIGTERM"]
)
def test_a_request_in_flight_is_answered_before_the_stop(ask_to_stop: Callable[[Stack], None], tmp_path: Path) -> None:
    with ready(tmp_path) as stack:
        with begin_upload(stack.port, len(TEXT)) as upload:
            ask_to_stop(stack)
            wait_until(lambda: not is_listening(stack.port), "closing the port")
            upload.sendall(TEXT)
            assert receive(upload).json["model"] == "sentiment"
        assert stack.exit_status() == 0
        assert "Traceback" not in stack.output


@pytest.mark.parametrize("victim", [Stack.gunicorn, Stack.nginx], ids=["gunicorn", "nginx"])
def test_when_one_of_the_two_dies_the_other_is_stopped(victim: Callable[[Stack], int], tmp_path: Path) -> None:
    with ready(tmp_path) as stack:
        os.kill(victim(stack), signal.SIGKILL)
        assert stack.exit_status() == 1
        assert stack.output.splitlines()[-1].endswith("ended with status -9; its reason is above")
        assert not is_listening(stack.port)


@pytest.mark.parametrize("setting", ["SENTIGRADE_PORT", "SENTIGRADE_METRICS_PORT"])
def test_a_port_in_use_is_one_line(setting: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with started(tmp_path, **{setting: port}) as stack:
            assert stack.exit_status() == 1
            (line,) = stack.output.splitlines()
    assert line == f"sentigrade: Port {port} is in use: stop what listens there or set {setting}"


@pytest.mark.parametrize(
    ("name", "value"), [("SENTIGRADE_WORKERS", "many"), ("SENTIGRADE_PORT", "70000"), ("SENTIGRADE_COLOUR", "blue")]
)
def test_a_bad_setting_is_one_line(name: str, value: str, tmp_path: Path) -> None:
    with started(tmp_path, **{name: value}) as stack:
        assert stack.exit_status() == 1
        (line,) = stack.output.splitlines()
    assert name in line


def test_a_store_that_is_not_there_is_said_once_and_stops_the_stack(tmp_path: Path) -> None:
    with started(tmp_path, SENTIGRADE_STORE=str(tmp_path / "nowhere")) as stack:
        assert stack.exit_status() == 1
        reason, end = stack.output.splitlines()
    assert "nowhere" in reason
    assert end.startswith("sentigrade: The web server ended")


@pytest.mark.parametrize("length", [LONGEST_SOCKET_PATH, LONGEST_SOCKET_PATH + 100], ids=["just", "far"])
def test_a_checkout_too_deep_for_a_socket_is_served(tmp_path: Path, length: int) -> None:
    # At its longest, the path of one socket still fits and that of the other, for rows, does not.
    deep = tmp_path / ("d" * (length - len(f"{tmp_path}//state/web.sock")))
    deep.mkdir()
    with ready(deep) as stack:
        assert predict(stack.port, "A fine film.").status == 200
        assert not (stack.state / "web.sock").exists()


def test_the_same_folder_serves_again(tmp_path: Path) -> None:
    for _ in range(2):
        with ready(tmp_path, SENTIGRADE_PORT=str(free_port())) as stack:
            assert call(stack.port, "GET", "/health/live").status == 200
