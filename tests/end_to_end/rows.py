"""Bodies of rows for a running stack, and what its processes hold meanwhile."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.processes import children, proportional_bytes
from tests.end_to_end.stack import Stack, workers
from tests.live import Reply, call

NDJSON = "application/x-ndjson"
CSV = "text/csv"
TEXT = "text/plain"

_MOODS = ("dreadful", "dull", "ordinary", "pleasant", "wonderful")


def sentence(number: int) -> str:
    """Return a sentence of which no other is the same, and no other level is plainer to see."""
    return f"Reel {number} of this film is {_MOODS[number % 5]}, and its ending is {_MOODS[number % 5]} too."


def ndjson(rows: int) -> bytes:
    """Return lines of JSON, a sentence each."""
    return "".join(f"{json.dumps(sentence(number))}\n" for number in range(rows)).encode()


def post_rows(port: int, body: bytes, kind: str, query: str = "") -> Reply:
    return call(port, "POST", f"/v1/predict{query}", body, {"Content-Type": kind})


def curl(port: int, file: Path, kind: str, *options: str, query: str = "") -> "subprocess.Popen[bytes]":
    """Upload a file as anybody would; the answer goes to a file beside it, whose name ends in `.answer`."""
    command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "300", "--header", f"Content-Type: {kind}"]
    command += [*options, "--data-binary", f"@{file}", "--output", str(answer_to(file))]
    return subprocess.Popen([*command, f"http://127.0.0.1:{port}/v1/predict{query}"])


def past_nginx(stack: Stack, body: bytes, *, length: int) -> socket.socket:
    """Send lines of JSON to a row worker itself; `length` is what they are said to be."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(60)
    connection.connect(str(stack.state / "rows.sock"))
    head = f"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {NDJSON}\r\nContent-Length: {length}"
    connection.sendall(f"{head}\r\n\r\n".encode() + body)
    return connection


def answer_to(file: Path) -> Path:
    return file.with_suffix(".answer")


def row_workers(stack: Stack) -> list[int]:
    """Return the process ids of the workers for rows: those that make way for others."""
    own = os.getpriority(os.PRIO_PROCESS, stack.gunicorn())
    return [pid for pid in workers(stack) if os.getpriority(os.PRIO_PROCESS, pid) > own]


def memory_mb(stack: Stack) -> float:
    """Return the memory of all processes of a stack, shared pages counted once."""
    return sum(map(proportional_bytes, processes(stack))) / 1e6


def spooled(stack: Stack) -> list[str]:
    """Return the files with bodies and answers in them: none has a name, each lasts as long as somebody has it open."""
    held = [str(path) for pid in processes(stack) for path in open_files(pid)]
    return [path for path in held if path.startswith(f"{stack.state.parent}/") and path.endswith("(deleted)")]


def open_files(pid: int) -> Iterator[Path]:
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            yield descriptor.readlink()
        except FileNotFoundError:
            continue


def processes(stack: Stack) -> list[int]:
    masters = (stack.gunicorn(), stack.nginx())
    return [*masters, *(pid for master in masters for pid in children(master))]
