"""The engine of one machine: a process for each core, forked with the model already loaded."""

import gc
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context, parent_process
from threading import Thread

from sentigrade.batch.job import Place
from sentigrade.batch.scoring import ChunkScorer
from sentigrade.batch.tally import Done
from sentigrade.errors import JobInterrupted

# What the processes inherit: it is never pickled.
_inherited: list[ChunkScorer] = []


class LocalEngine:
    """A pool of processes."""

    def __init__(self, scorer: ChunkScorer, processes: int) -> None:
        self._scorer = scorer
        self._processes = processes

    def run(self, places: Sequence[Place]) -> Iterator[Done]:
        """Score chunks in processes that share the memory of the model."""
        _inherited[:] = [self._scorer]
        context = get_context("fork")
        pool = ProcessPoolExecutor(self._processes, mp_context=context, initializer=_begin)
        try:
            for future in as_completed([pool.submit(_score, place) for place in places]):
                yield future.result()
        except BrokenProcessPool:
            raise JobInterrupted(
                "a process that scores was killed, most likely for want of memory: run the same command again, with "
                "fewer --processes; what is done is kept"
            ) from None
        except BaseException:
            # Nobody waits for the chunks that are under way: each is written whole or not at all.
            for child in active_children():
                child.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Get a process ready: the one that started it decides when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()
    # What was loaded before the fork stays shared when nobody looks for garbage in it, and of ten thousand rows nothing
    # is garbage before all of them are written.
    gc.freeze()
    gc.disable()


def _end_with_parent() -> None:
    """End when the parent is gone, however it went: nobody else would tell."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _score(place: Place) -> Done:
    done = _inherited[0].score(place)
    gc.collect()
    return done
