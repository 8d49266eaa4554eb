"""What the tests have told the server to do otherwise than it would."""

import msgspec

CONTROL_PATH = "/control"


class Refusal(msgspec.Struct):
    """What is said in place of an answer, so many times: `after` others were answered.

    With `done`, what was asked for is done all the same, and only the answer is lost.
    """

    operation: str
    code: str
    message: str
    status: int = 400
    times: int = 1
    after: int = 0
    done: bool = False


class Plan(msgspec.Struct):
    """How long things take, and what goes wrong.

    behind     how often somebody looks at an endpoint before it is seen that something has begun
    looks      how often somebody looks at something under way before it is done
    failures   why the next of what is begun fail, one each; empty for one that does not
    left_as    the status of an endpoint whose update has failed
    refusals   operations that are refused
    """

    behind: int = 0
    looks: int = 1
    failures: list[str] = []
    left_as: str = "InService"
    refusals: list[Refusal] = []

    def take_failure(self) -> str:
        """Return why what is begun at this moment will fail; empty where it will not."""
        return self.failures.pop(0) if self.failures else ""

    def take_refusal(self, operation: str) -> Refusal | None:
        """Return what is said to a request in place of an answer, if there is anything."""
        for refusal in self.refusals:
            if refusal.operation == operation and refusal.times:
                if refusal.after:
                    refusal.after -= 1
                    return None
                refusal.times -= 1
                return refusal
        return None


class Control:
    """The plan at this moment."""

    def __init__(self) -> None:
        self.plan = Plan()

    def replace(self, raw: bytes) -> None:
        """Begin with another plan, as JSON."""
        self.plan = msgspec.json.decode(raw, type=Plan)


CONTROL = Control()
