"""A job that says in a file why it failed, whatever ended it."""

import atexit
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from sentigrade.errors import SentigradeError
from sentigrade.local_stack import TICK_SECONDS, StopRequest

# SageMaker reads no more.
_MOST_BYTES = 1024
# How long a process may take to end once its work is done.
_END_SECONDS = 2


@contextmanager
def reported(report: Path) -> Iterator[None]:
    """Write what goes wrong in the block to the file `report`, as one sentence, and raise it as a SentigradeError."""
    with suppress(OSError):
        report.unlink()  # what an earlier job said
    try:
        yield
    except SentigradeError as error:
        _write(report, error)
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, a sentence has to say so
        unexpected = _unexpected("The job", error)
        _write(report, unexpected)
        raise unexpected from None


def _write(report: Path, error: SentigradeError) -> None:
    # A path may hold bytes that are no UTF-8.
    sentence = " ".join(str(error).split()).encode(errors="replace")[:_MOST_BYTES].decode(errors="ignore")
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(sentence, encoding="utf-8")
    except OSError as refusal:
        print(f"sentigrade: warning: {report} cannot be written ({refusal.strerror})", file=sys.stderr)


def in_own_process(what: str, work: Callable[[], None], stop: StopRequest) -> None:
    """Do the work in a process of its own; `what` is its name in sentences, such as "The training".

    This process stays free to say why that one ended: it may be killed for want of memory, or be deep in a library when
    it is to stop. Raises what the work raises, and SentigradeError when it is killed, fails unexpectedly or is stopped.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(what, work, sender))
    process.start()
    sender.close()
    with receiver:
        try:
            while not receiver.poll(TICK_SECONDS):
                if stop.received:
                    raise SentigradeError(f"{what} was stopped before it was done: start the job again.")
            error = receiver.recv()
            process.join(_END_SECONDS)
        except EOFError:
            process.join()
            error = _ended(what, process.exitcode)
        finally:
            _end(process)
    if error:
        raise error


def _run(what: str, work: Callable[[], None], outcome: Connection) -> None:
    """Do the work and send the error that came of it, or None."""
    os.setsid()  # so that it can be ended together with what it has started
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    result: SentigradeError | None = None
    try:
        work()
    except SentigradeError as error:
        result = error
    except Exception as error:  # noqa: BLE001 - whatever it is, a sentence has to say so
        result = _unexpected(what, error)
    outcome.send(result)
    atexit._run_exitfuncs()  # multiprocessing leaves that out


def _end(process: BaseProcess) -> None:
    """End a process and what it has started, which may wait for work that will not come."""
    process.terminate()
    with suppress(ProcessLookupError):
        os.killpg(process.pid or 0, signal.SIGTERM)
    process.join()


def killed(what: str) -> SentigradeError:
    """Return the error of work that the kernel has killed."""
    return SentigradeError(
        f"{what} was killed, probably because the memory was full: take a larger machine or less data."
    )


def _ended(what: str, status: int | None) -> SentigradeError:
    if status == -signal.SIGKILL:
        return killed(what)
    return SentigradeError(f"{what} ended with status {status}: the log says more.")


def _unexpected(what: str, error: Exception) -> SentigradeError:
    traceback.print_exception(error)
    # What the system refused is for the operator to mend; it names a path at most.
    reason = str(error) if isinstance(error, OSError) else type(error).__name__
    return SentigradeError(f"{what} failed unexpectedly ({reason}): the log says more.")
