"""What a refusal must look like, by the protocol that was spoken."""

from collections.abc import Callable

from tests.live import PROBLEM, Reply

JSON = "application/json"
CALLERS_TEXT = "nobody-may-read-this"
TRACES = (b"Traceback", b'File "', b".py", b"Error:")


def require_problem(reply: Reply) -> None:
    """RFC 9457, on our own paths."""
    assert reply.headers["Content-Type"] == PROBLEM
    assert {"type", "title", "status", "code", "detail"} <= set(reply.json) <= _PROBLEM_KEYS
    assert (reply.json["type"], reply.json["status"]) == ("about:blank", reply.status)
    _require_sentence(reply.json["detail"])


def require_open_inference_error(reply: Reply) -> None:
    """One sentence, under /v2."""
    assert reply.headers["Content-Type"] == JSON
    assert list(reply.json) == ["error"]
    _require_sentence(reply.json["error"])


def require_container_error(reply: Reply) -> None:
    """What SageMaker's own containers say, on SageMaker's paths."""
    assert reply.headers["Content-Type"] == JSON
    assert set(reply.json) == {"code", "type", "message"}
    assert reply.json["code"] == reply.status
    _require_sentence(reply.json["message"])


_PROBLEM_KEYS = {"type", "title", "status", "code", "detail", "pointer"}

SHAPES: dict[str, Callable[[Reply], None]] = {
    "v2": require_open_inference_error,
    "ping": require_container_error,
    "invocations": require_container_error,
    "execution-parameters": require_container_error,
    "models": require_container_error,
}


def require_refusal(reply: Reply, path: str, *statuses: int) -> None:
    """One of the statuses, in the shape of the path, with an id, and with no word of the caller's or of our code."""
    assert reply.status in statuses, (path, reply.status, reply.body[:300])
    SHAPES.get(path.split("/")[1].split("?", maxsplit=1)[0], require_problem)(reply)
    assert reply.headers["X-Request-ID"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert CALLERS_TEXT.encode() not in reply.body
    assert not any(trace in reply.body for trace in TRACES)


def _require_sentence(detail: str) -> None:
    assert detail.split(" (at /", maxsplit=1)[0].endswith("."), detail
