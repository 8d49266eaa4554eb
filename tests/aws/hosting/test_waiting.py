import pytest

from sentigrade.aws.hosting.waiting import wait
from sentigrade.errors import AwsUnreachable


def waited(*seen: str | AwsUnreachable | None, at_most: float = 30) -> tuple[str | None, list[str]]:
    """Wait for what is seen at one look after the other; return the last of it, and what was said."""
    remaining, lines = list(seen), list[str]()

    def look() -> str | None:
        found = remaining.pop(0)
        if isinstance(found, AwsUnreachable):
            raise found
        return found

    under_way = ("Creating", "Updating")
    status = wait(look, what="it", while_=under_way, say=lines.append, at_most=at_most, again="!")
    return status, lines


def test_what_is_not_under_way_is_not_waited_for() -> None:
    assert waited("InService") == ("InService", [])
    assert waited(None) == (None, [])


def test_each_new_status_is_said_once_and_the_last_with_the_time() -> None:
    assert waited("Creating", "Creating", "InService") == ("InService", ["it: Creating", "it: InService after 3 s"])
    assert waited("Creating", "Updating", None)[1] == ["it: Creating", "it: Updating", "it: gone after 3 s"]


def test_a_status_that_lasts_is_said_again_every_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("sentigrade.aws.hosting.waiting.sleep", sleep)
    monkeypatch.setattr("sentigrade.aws.hosting.waiting.monotonic", lambda: now)
    _, lines = waited(*["Creating"] * 12, "InService", at_most=3600)
    # After 1, 3, 7 and 15 seconds, and then every 15.
    assert lines == ["it: Creating", "it: Creating for 60 s", "it: Creating for 120 s", "it: InService after 135 s"]


def test_a_wait_that_is_too_long_says_how_to_go_on() -> None:
    with pytest.raises(AwsUnreachable, match="^it: still Creating after 2 s; !$"):
        waited(*["Creating"] * 3, at_most=2)


def test_an_outage_is_waited_for_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentigrade.aws.hosting.waiting._LONGEST_PAUSE", 0.1)
    monkeypatch.setattr("sentigrade.aws.hosting.waiting._LONGEST_OUTAGE", 0.25)
    away = AwsUnreachable("it: away")
    assert waited("Creating", away, away, "InService")[1][1:3] == ["it: away; asking again"] * 2
    with pytest.raises(AwsUnreachable, match="^it: away$"):
        waited("Creating", *[away] * 9)


def test_who_cannot_even_begin_to_look_is_told_at_once() -> None:
    with pytest.raises(AwsUnreachable, match="^it: away$"):
        waited(AwsUnreachable("it: away"), "InService")
