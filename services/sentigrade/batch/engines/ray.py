"""The engine of a cluster: Ray Data sends chunks to actors, each of which has loaded the model once."""

import logging
import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from socket import create_connection
from typing import TYPE_CHECKING, Any

import msgspec

from sentigrade.batch.job import Place
from sentigrade.batch.scoring import ChunkScorer, Order
from sentigrade.batch.tally import Done
from sentigrade.errors import JobInterrupted, MissingExtra, SentigradeError, SettingError

# Ray reports to its makers unless it is told not to, when it is imported.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
try:
    import ray
    from ray.data import ActorPoolStrategy, DataContext
    from ray.exceptions import RayError
except ImportError:
    raise MissingExtra("the engine ray", "ray") from None

if TYPE_CHECKING:
    import numpy as np

# Between processes go the numbers of chunks and what came of them; no texts.
_STORE_BYTES = 128 * 1024 * 1024
_SECONDS_TO_CONNECT = 5
_DONE, _ERROR = "done", "error"


class RayEngine:
    """Actors of a Ray cluster, or of a Ray that is started on this machine where no address is given."""

    def __init__(self, order: Order, address: str | None, processes: int | None) -> None:
        """`order` is carried out by each actor; there are `processes` of them, by default one for each core."""
        self._order = order
        self._address = address
        self._processes = processes

    def run(self, places: Sequence[Place]) -> Iterator[Done]:
        """Score chunks; those that a lost node was at are scored again by others."""
        told_to_end = signal.getsignal(signal.SIGTERM)
        _start(self._address, self._processes)
        signal.signal(signal.SIGTERM, told_to_end)  # Ray has put its own in its place
        try:
            actors = self._processes or _cores()
            chunks = ray.data.from_items([place._asdict() for place in places], override_num_blocks=len(places))
            outcomes = chunks.map_batches(
                _Actor,
                fn_constructor_args=(self._order,),
                batch_size=1,
                num_cpus=1,
                compute=ActorPoolStrategy(min_size=1, max_size=min(actors, len(places))),
            )
            for outcome in outcomes.iter_rows():
                yield _done(outcome)
        except RayError as error:
            raise JobInterrupted(
                f"Ray has given up ({type(error).__name__}): run the same command again; what is done is kept"
            ) from error
        finally:
            ray.shutdown()


class _Actor:
    def __init__(self, order: Order) -> None:
        self._scorer: ChunkScorer | None = None
        self._order = order

    def __call__(self, batch: "dict[str, np.ndarray[Any, Any]]") -> dict[str, list[bytes]]:
        # Ray would wrap an error in several of its own, so it travels as what came of the chunk.
        try:
            self._scorer = self._scorer or self._order.open()
            done = self._scorer.score(Place(int(batch["input"][0]), int(batch["chunk"][0])))
        except SentigradeError as error:
            return {_DONE: [b""], _ERROR: [pickle.dumps(error)]}
        return {_DONE: [msgspec.json.encode(done)], _ERROR: [b""]}


def _cores() -> int:
    resources: dict[str, float] = ray.cluster_resources()
    return int(resources.get("CPU", 1))


def _start(address: str | None, processes: int | None) -> None:
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)  # what is of use to people is said by the job
    DataContext.get_current().enable_progress_bars = False
    quietly = {"logging_level": logging.ERROR, "log_to_driver": False}
    if not address:
        ray.init("local", num_cpus=processes, object_store_memory=_STORE_BYTES, include_dashboard=False, **quietly)
        return
    try:
        _require_reachable(address)
        ray.init(address, **quietly)
    except (OSError, ValueError, RayError) as error:
        raise SettingError(f"there is no Ray cluster at {address} ({error}): check --address") from None


def _require_reachable(address: str) -> None:
    """Raise OSError when nobody listens there, which Ray itself would find out in minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        create_connection((host, int(port)), _SECONDS_TO_CONNECT).close()


def _done(outcome: dict[str, bytes]) -> Done:
    if outcome[_ERROR]:
        error: SentigradeError = pickle.loads(outcome[_ERROR])  # noqa: S301 - from our own actor
        raise error
    return msgspec.json.decode(outcome[_DONE], type=Done)
