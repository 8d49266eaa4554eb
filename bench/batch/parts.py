"""What is measured of `sentigrade batch`: each part has contenders of its own, and gives figures."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from bench.batch.commands import any_core, batch, contender, one_core, seconds, steady_rate
from bench.batch.memory import peak_bytes
from bench.batch.report import Figure
from bench.batch.rounds import in_rounds, ratios
from bench.batch.same_labels import require_same_labels
from bench.batch.tables import Table, Tables

OURS, SCIKIT_LEARN, SPACY = "sentigrade batch", "scikit-learn in batches", "spaCy, then scikit-learn"
_ONE, _TWO = "one process", "two processes"
_LOCAL, _RAY = "engine local", "engine ray"

_ROUNDS = 5
_LONG_ROUNDS = 3
_COMPARED_ROWS = 5_000

# The larger table is the smaller one, and two more cycles of the sentences.
_SIZES = (80_000, 240_000)
_SPACY_SIZES = (1_000, 6_000)
_ENGINE_ROWS = 1_000_000
_MEMORY_ROWS = (100_000, 1_000_000, 10_000_000)


class Setup(NamedTuple):
    """What all parts work with: the model's reference, the tables, and which share of the usual rows and rounds."""

    model: str
    tables: Tables
    share: float

    def table(self, rows: int) -> Table:
        """Return the table of this share of so many rows."""
        return self.tables.of(max(1, round(self.share * rows)))

    def rounds(self, usual: int) -> int:
        """Return this share of so many rounds, and no more than these."""
        return max(1, round(min(self.share, 1) * usual))


def measure_core(setup: Setup) -> Iterator[Figure]:
    """Compare ours with what others would write, each with all of its processes on one core."""
    core = one_core()
    ours = batch(OURS, setup.model, core, "--processes", "1")
    scikit_learn = contender(SCIKIT_LEARN, "scikit_learn", core)
    spacy = contender(SPACY, "spacy_pipeline", core)
    require_same_labels(ours, scikit_learn, setup.table(_COMPARED_ROWS))
    # As these two now have, so spaCy's pipeline has to come from the disk once before it is measured.
    seconds(spacy, setup.table(1))
    sizes = {ours: _SIZES, scikit_learn: _SIZES, spacy: _SPACY_SIZES}
    rates = in_rounds(
        {each.name: partial(steady_rate, each, *map(setup.table, of)) for each, of in sizes.items()},
        setup.rounds(_ROUNDS),
    )
    for name, key in ((OURS, "ours"), (SCIKIT_LEARN, "scikit_learn"), (SPACY, "spacy")):
        yield Figure(f"rows_per_second_{key}", f"rows/s on one core, steady: {name}", rates[name])
    yield Figure("to_scikit_learn", f"ours, of {SCIKIT_LEARN}", ratios(rates, OURS, SCIKIT_LEARN), digits=2)
    yield Figure("to_spacy", f"ours, of {SPACY}", ratios(rates, OURS, SPACY), digits=1)


def measure_processes(setup: Setup) -> Iterator[Figure]:
    """Compare two processes with one, both on all cores."""
    one = batch(_ONE, setup.model, any_core(), "--processes", "1")
    two = batch(_TWO, setup.model, any_core(), "--processes", "2")
    small, large = map(setup.table, _SIZES)
    rates = in_rounds(
        {each.name: partial(steady_rate, each, small, large) for each in (one, two)}, setup.rounds(_ROUNDS)
    )
    yield Figure("rows_per_second_one_process", f"rows/s on all cores, steady: {_ONE}", rates[_ONE])
    yield Figure("rows_per_second_two_processes", f"rows/s on all cores, steady: {_TWO}", rates[_TWO])
    yield Figure("two_to_one", f"{_TWO}, of {_ONE}", ratios(rates, _TWO, _ONE), digits=2)


def measure_engines(setup: Setup) -> Iterator[Figure]:
    """Compare both engines with two processes, from the start of the command, which is Ray's too, to its end."""
    table = setup.table(_ENGINE_ROWS)
    took = in_rounds(
        {
            name: partial(seconds, batch(name, setup.model, any_core(), "--processes", "2", "--engine", engine), table)
            for name, engine in ((_LOCAL, "local"), (_RAY, "ray"))
        },
        setup.rounds(_LONG_ROUNDS),
    )
    yield Figure("seconds_local", f"seconds for {table.rows:,} rows, start included: {_LOCAL}", took[_LOCAL], digits=1)
    yield Figure("seconds_ray", f"seconds for {table.rows:,} rows, start included: {_RAY}", took[_RAY], digits=1)
    yield Figure("ray_to_local", f"{_RAY}, of {_LOCAL}", ratios(took, _RAY, _LOCAL), digits=2)


def measure_memory(setup: Setup) -> Iterator[Figure]:
    """Score ever larger tables with two processes."""
    command = batch(OURS, setup.model, any_core(), "--processes", "2")
    for table in map(setup.table, _MEMORY_ROWS):
        peak = peak_bytes(command, table) / 1e6
        yield Figure(f"peak_mb_{table.rows}", f"MB of memory at the peak, {table.rows:,} rows, {_TWO}", [peak])


PARTS = {
    "core": measure_core,
    "processes": measure_processes,
    "engines": measure_engines,
    "memory": measure_memory,
}
