import os
import pty
import sys
import termios
from collections.abc import Iterator
from io import TextIOWrapper
from typing import TextIO

import pytest

from sentigrade.batch import progress
from sentigrade.batch.progress import duration, progress_of


class Clock:
    """A clock that is moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "monotonic", clock)
    return clock


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """What a terminal shows, and its end that programs write to."""
    shown, own = pty.openpty()
    termios.tcsetwinsize(own, (24, 100))
    with TextIOWrapper(os.fdopen(own, "wb", 0), write_through=True) as stderr:
        yield shown, stderr
    os.close(shown)


def read_line(shown: int) -> str:
    """Return what a terminal shows until its first line ends: it may come bit by bit."""
    said = b""
    while b"\n" not in said:
        said += os.read(shown, 10_000)
    return said.decode()


def test_where_nobody_watches_a_line_comes_every_ten_seconds(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_of("rows", 100_000) as advance:
        for _ in range(25):
            clock.now += 1
            advance(2000)
    assert capsys.readouterr().err.splitlines() == [
        "20,000 of 100,000 rows, 2,000 a second, about 40 s left",
        "40,000 of 100,000 rows, 2,000 a second, about 30 s left",
    ]


def test_what_was_done_before_makes_it_no_faster(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_of("rows", 100_000, done=90_000) as advance:
        clock.now += 10
        advance(1000)
    assert capsys.readouterr().err == "91,000 of 100,000 rows, 100 a second, about 1 min 30 s left\n"


def test_a_short_job_says_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_of("rows", 100) as advance:
        clock.now += 9
        advance(100)
    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_a_bar(terminal: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch) -> None:
    shown, stderr = terminal
    monkeypatch.setattr(sys, "stderr", stderr)
    with progress_of("rows", 100_000, done=50_000) as advance:
        advance(50_000)
    said = read_line(shown)
    assert " 50%|" in said
    assert "100%|" in said
    assert " rows" in said
    assert "100k/100k" in said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (3905, "1 h 05 min"),
        (360_000, "100 h 00 min"),
    ],
)
def test_a_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said
