"""What workers do is seen by all processes that were forked after it was made."""

import os

from sentigrade.web.scoreboard import Scoreboard


def test_it_counts_who_lives_and_who_is_busy_by_role() -> None:
    scoreboard = Scoreboard()
    assert scoreboard.workers() == {"web": (0, 0), "rows": (0, 0)}
    scoreboard.enter(2, "rows")
    scoreboard.work()
    scoreboard.enter(7, "web")
    assert scoreboard.workers() == {"web": (1, 0), "rows": (1, 1)}
    scoreboard.work()
    assert scoreboard.workers() == {"web": (1, 1), "rows": (1, 1)}
    scoreboard.rest()
    assert scoreboard.workers() == {"web": (1, 0), "rows": (1, 1)}


def test_a_worker_that_died_at_work_is_taken_out_by_its_slot() -> None:
    scoreboard = Scoreboard()
    child = os.fork()
    if not child:
        scoreboard.enter(3, "web")
        scoreboard.work()
        os._exit(0)
    os.waitpid(child, 0)
    assert scoreboard.workers()["web"] == (1, 1)
    scoreboard.clear(3)
    assert scoreboard.workers()["web"] == (0, 0)
