"""What is left behind by work that does not end well."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sentigrade.errors import DataError, SentigradeError
from sentigrade.sagemaker.job import reported

PROGRAM = """
import os, signal, sys, time
from multiprocessing import Process
from pathlib import Path
from sentigrade.errors import DataError, SentigradeError
from sentigrade.local_stack import StopRequest
from sentigrade.sagemaker.job import in_own_process

def refuse(): raise DataError("No rows.")
def fail(): raise ZeroDivisionError
def fill(): open("/dev/full", "w").write("x" * 10**6)
def die(): os.kill(os.getpid(), signal.SIGKILL)
def leave(): os._exit(7)
def linger():
    Process(target=time.sleep, args=(300,)).start()
    print("working", flush=True)
def hang():
    linger()
    time.sleep(300)

try:
    in_own_process("The work", {work}, StopRequest())
except SentigradeError as error:
    print(type(error).__name__, error)
"""


def start(work: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(work=work)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("work", "said"),
    [
        ("lambda: print('done')", "done\n"),
        ("refuse", "DataError No rows.\n"),
        ("fail", "SentigradeError The work failed unexpectedly (ZeroDivisionError): the log says more.\n"),
        (
            "fill",
            "SentigradeError The work failed unexpectedly ([Errno 28] No space left on device): the log says more.\n",
        ),
        (
            "die",
            "SentigradeError The work was killed, probably because the memory was full: take a larger machine or less "
            "data.\n",
        ),
        ("leave", "SentigradeError The work ended with status 7: the log says more.\n"),
    ],
)
def test_whatever_ends_the_work_is_said(work: str, said: str) -> None:
    assert start(work).communicate()[0] == said


def test_what_was_unexpected_is_in_the_log() -> None:
    assert "ZeroDivisionError" in start("fail").communicate()[1]


def test_what_the_work_has_started_does_not_outlive_it() -> None:
    assert start("linger").communicate(timeout=20)[0] == "working\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_work_that_hangs_is_stopped_at_once(number: signal.Signals) -> None:
    with start("hang") as process:
        assert process.stdout
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        said, _ = process.communicate(timeout=20)
    assert said == "SentigradeError The work was stopped before it was done: start the job again.\n"


def test_a_reason_is_one_sentence_of_at_most_1024_bytes(tmp_path: Path) -> None:
    with pytest.raises(DataError), reported(tmp_path / "output" / "failure"):
        raise DataError("Too\nlong: " + "é" * 2000)
    written = (tmp_path / "output" / "failure").read_bytes()
    assert written.decode().startswith("Too long: éé")
    assert 1022 <= len(written) <= 1024


def test_a_reason_is_written_even_for_what_was_unexpected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SentigradeError, match="ZeroDivisionError"), reported(tmp_path / "failure"):
        raise ZeroDivisionError
    said = "The job failed unexpectedly (ZeroDivisionError): the log says more."
    assert (tmp_path / "failure").read_text() == said
    assert "Traceback" in capsys.readouterr().err


def test_a_reason_may_name_a_file_that_is_no_utf_8(tmp_path: Path) -> None:
    with pytest.raises(DataError), reported(tmp_path / "failure"):
        raise DataError(os.fsdecode(b"a\xff.csv") + " holds no rows")
    assert (tmp_path / "failure").read_text() == "a?.csv holds no rows"


def test_what_an_earlier_job_said_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "failure").write_text("No rows")
    with reported(tmp_path / "failure"):
        pass
    assert not (tmp_path / "failure").exists()


def test_where_no_reason_can_be_written_the_error_still_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "output").write_text("not a folder")
    with pytest.raises(DataError, match="No rows"), reported(tmp_path / "output" / "failure"):
        raise DataError("No rows")
    assert "failure cannot be written" in capsys.readouterr().err
