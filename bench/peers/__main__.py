"""`python -m bench.peers`, from the root of the repository: measure, print a table, write bench/latest/peers.json."""

import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import msgspec

from bench.asking import require_same_answers
from bench.contenders import BARE, OURS
from bench.errors import BenchError
from bench.load import Load
from bench.peers.report import Results, summary, table
from bench.peers.roster import PEERS, require_environments, version
from bench.peers.serving import Standing, standing
from bench.processes import proportional_bytes
from bench.sentences import make_sentences
from bench.throughput import measure_throughput
from sentigrade.errors import SentigradeError
from sentigrade.settings import Settings

_LATEST = Path("bench/latest/peers.json")
_NAMES = (BARE, OURS, *PEERS)
_STARTS = 3
_COMPARED = 100


def main() -> None:
    """Run the bench; what keeps it from running is one line on standard error and exit status 1."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        Settings.from_environ(os.environ)
        require_environments()
        with tempfile.TemporaryDirectory(prefix="sentigrade-peers-") as folder:
            results = _measure(Path(folder))
    except (BenchError, SentigradeError) as error:
        sys.exit(f"bench: {error}")
    print(table(results))
    _LATEST.parent.mkdir(exist_ok=True)
    _LATEST.write_bytes(msgspec.json.format(msgspec.json.encode(summary(results)), indent=2) + b"\n")


def _measure(folder: Path) -> Results:
    sentences = make_sentences()
    load = Load(sentences, folder)
    _say("start to ready, a minute")
    ready = _starts(folder)
    _say("one text over HTTP, two and a half minutes")
    with ExitStack() as stack:
        servers = [stack.enter_context(standing(name, folder / name)) for name in _NAMES]
        contenders = [server.contender for server in servers]
        _, ours, *peers = contenders
        require_same_answers(ours, peers, sentences[:_COMPARED])
        throughput = measure_throughput(contenders, load)
        return Results(throughput, ready, _memory(servers), {name: version(name) for name in PEERS})


def _starts(folder: Path) -> Mapping[str, Sequence[float]]:
    """Start every contender in turn, several times; return the seconds to the first answer."""
    seconds: dict[str, list[float]] = {name: [] for name in _NAMES}
    for number in range(_STARTS):
        for name in _NAMES:
            with standing(name, folder / f"{name}-{number}") as server:
                seconds[name].append(server.ready)
    return seconds


def _memory(servers: Sequence[Standing]) -> Mapping[str, int]:
    return {server.contender.name: sum(map(proportional_bytes, server.contender.workers)) for server in servers}


def _say(line: str) -> None:
    print(f"bench: {line} ...", file=sys.stderr)


def _stop(*_: object) -> NoReturn:
    # A plain SIGTERM would end us without stopping what we started.
    sys.exit("bench: stopped")


main()
