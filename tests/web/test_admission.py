import time

import pytest

from sentigrade.web import admission
from sentigrade.web.admission import Admission


class Clock:
    """The two clocks of a machine, as the test sets them."""

    def __init__(self) -> None:
        self.steady = 100.0
        self.ahead = 1_760_000_000.0

    def pass_by(self, seconds: float) -> None:
        self.steady += seconds

    @property
    def stamp(self) -> str:
        return f"t={self.steady + self.ahead:.3f}"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(admission, "time", lambda: clock.steady + clock.ahead)
    monkeypatch.setattr(admission, "monotonic", lambda: clock.steady)
    return clock


def test_the_wait_is_what_has_passed_since_the_stamp(clock: Clock) -> None:
    admission = Admission()
    stamp = clock.stamp
    clock.pass_by(0.125)
    assert admission.wait(stamp) == pytest.approx(0.125, abs=1e-3)


def test_a_stamp_of_the_same_millisecond_is_no_negative_wait(clock: Clock) -> None:
    admission = Admission()
    stamp = clock.stamp
    clock.pass_by(-0.0004)
    assert admission.wait(stamp) == 0


def busy(*seconds: float) -> Admission:
    """Return what a worker knows that has answered requests of so many seconds, all of which had waited for long."""
    admission = Admission()
    for each in seconds:
        admission.refuses(60)
        admission.took(each)
    return admission


def test_a_seventh_of_a_second_is_never_too_long() -> None:
    assert not busy(*[0.01] * 50).refuses(0.15)
    assert busy(*[0.01] * 50).refuses(0.16)


def test_where_requests_take_long_they_may_wait_longer() -> None:
    assert not busy(*[0.3] * 50).refuses(2.9)
    assert busy(*[0.3] * 50).refuses(3.1)


def test_who_waited_for_less_than_a_request_takes_has_hardly_waited() -> None:
    admission = busy(*[0.3] * 50)
    admission.refuses(0.25)
    assert not admission.refuses(5)


def test_a_new_worker_knows_how_long_requests_take_as_soon_as_it_may_refuse_any() -> None:
    assert not busy(*[0.1] * 4).refuses(0.29)


def test_many_short_requests_do_not_hide_a_few_long_ones_that_take_most_of_the_time() -> None:
    assert not busy(*[0.3, *[0.0002] * 300] * 50).refuses(1.2)


def test_long_requests_are_forgotten_once_short_ones_come() -> None:
    assert busy(10, *[0.0002] * 5000).refuses(0.2)


def test_eight_callers_who_send_lists_where_single_texts_came_before_are_all_answered() -> None:
    admission = busy(*[0.0002] * 50_000)
    admission.refuses(0.001)
    for _ in range(50):
        assert not admission.refuses(7 * 0.03)
        admission.took(0.03)


def test_after_a_standstill_everybody_is_answered_who_waited_meanwhile() -> None:
    admission = busy(*[0.01] * 500)
    admission.refuses(0.001)
    for _ in range(25):
        assert not admission.refuses(3)
        admission.took(0.01)
    for _ in range(25):
        admission.took(0.01)
    assert admission.refuses(3), "by now it is more than a standstill"


def test_after_a_standstill_of_an_idle_worker_nobody_is_sent_away_for_what_it_worked_before(clock: Clock) -> None:
    admission = busy(*[0.01] * 500)
    clock.pass_by(5)
    assert not admission.refuses(3)


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 10.0, -10.0, 0.4])
def test_a_clock_that_is_set_meanwhile_makes_nobody_wait(clock: Clock, jump: float) -> None:
    admission = Admission()
    assert admission.wait(clock.stamp) == 0
    before = clock.stamp
    clock.ahead += jump
    clock.pass_by(0.001)
    assert admission.wait(before) is None
    assert admission.wait(clock.stamp) is None
    clock.pass_by(31)
    assert admission.wait(clock.stamp) == 0


def test_a_worker_that_has_to_wait_between_its_looks_at_two_clocks_believes_them(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = iter([0.1])

    def look() -> float:
        now = clock.steady + clock.ahead
        clock.pass_by(next(pauses, 0))
        return now

    waiting = Admission()
    stamp = clock.stamp
    monkeypatch.setattr(admission, "time", look)
    assert waiting.wait(stamp) == pytest.approx(0.1, abs=1e-3)


@pytest.mark.parametrize("hours", [1, -1])
def test_a_stamp_of_another_hour_says_nothing(clock: Clock, hours: int) -> None:
    stamp = f"t={clock.steady + clock.ahead + hours * 3600:.3f}"
    assert Admission().wait(stamp) is None


def test_the_real_clocks_agree() -> None:
    wait = Admission().wait(f"t={time.time():.3f}")
    assert wait is not None
    assert wait < 10
