"""Load: wrk sends sentences, one by one or in lists, over connections that are kept alive."""

import json
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.asking import Contender
from bench.errors import BenchError

# One thread of wrk leaves the other cores to nginx and the worker; eight connections keep the worker busy.
CONNECTIONS = 8
# Of the texts of a request, so many are a second's pause after a run.
_TEXTS_AFTERWARDS = 2_000
_SCRIPT = Path(__file__).with_name("load.lua")


class Sent(msgspec.Struct, frozen=True):
    """What one run of wrk did; `p50` and `p99` are microseconds that callers waited who asked one after the other."""

    requests: int
    microseconds: int
    failed: int
    p50: int
    p99: int

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.requests / self.microseconds * 1e6


class Load:
    """Sends sentences to contenders, to each from where it left off."""

    def __init__(self, sentences: Sequence[str], folder: Path, *, texts: int = 1) -> None:
        """Write request bodies of so many texts each to `folder`; raises BenchError when wrk is not installed."""
        if shutil.which("wrk") is None:
            raise BenchError("wrk is not installed: install it, such as with `apt-get install wrk`")
        self.texts = texts
        self._bodies = list(_bodies(sentences, texts))
        self._file = folder / f"bodies-{texts}"
        self._file.write_bytes(b"\n".join(self._bodies) + b"\n")
        self._sent: Counter[Contender] = Counter()

    def send(self, contender: Contender, *, seconds: int, connections: int = CONNECTIONS) -> Sent:
        """Send one request after another for some seconds; raises BenchError when any of them failed."""
        command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds}s"]
        command += [f"--script={_SCRIPT}", f"http://127.0.0.1:{contender.port}"]
        command += ["--", str(self._file), str(self._sent[contender])]
        finished = subprocess.run(command, check=False, capture_output=True, text=True)
        if finished.returncode != 0:
            raise BenchError(f"wrk failed: {finished.stderr.strip()}")
        sent = msgspec.json.decode(finished.stdout.strip().rpartition("\n")[2], type=Sent)
        if sent.failed:
            raise BenchError(f"{contender.name} failed {sent.failed} of {sent.requests} requests")
        self._sent[contender] += sent.requests
        # wrk leaves when its time is over, and what it has asked last is still being answered.
        time.sleep(self.texts / _TEXTS_AFTERWARDS)
        return sent

    def next_bodies(self, contender: Contender, count: int) -> list[bytes]:
        """Return the next bodies for a contender, for another sender than wrk."""
        start = self._sent[contender]
        self._sent[contender] += count
        return [self._bodies[position % len(self._bodies)] for position in range(start, start + count)]


def _bodies(sentences: Sequence[str], texts: int) -> Iterator[bytes]:
    for first in range(0, len(sentences), texts):
        chosen = sentences[first] if texts == 1 else sentences[first : first + texts]
        yield json.dumps({"mytext": chosen}, ensure_ascii=False).encode()
