from collections.abc import Callable

from sentigrade.aws.hosting.undoing import Left, Step, undo
from sentigrade.errors import AwsError


def steps(done: list[str], failing: str = "") -> list[Step]:
    def act(name: str) -> Callable[[], None]:
        def run() -> None:
            if name == failing:
                raise AwsError(f"{name} may not be deleted")
            done.append(name)

        return run

    return [Step(act(name), f"delete {name}") for name in ("archive", "model", "config")]


def test_what_was_made_last_goes_first() -> None:
    done: list[str] = []
    assert undo(steps(done)) is None
    assert done == ["config", "model", "archive"]


def test_beyond_a_failure_nothing_is_tried_and_all_is_named() -> None:
    done: list[str] = []
    left = undo(steps(done, failing="model"))
    assert done == ["config"]
    assert left == Left("model may not be deleted", ("delete model", "delete archive"))
    assert str(Left("not looked for", ())) == "not looked for"
    assert str(left) == "model may not be deleted; what is left goes with\n  delete model\n  delete archive"
