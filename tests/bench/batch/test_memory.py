import sys

from bench.batch.commands import Command, any_core
from bench.batch.memory import peak_bytes
from bench.batch.tables import Tables

# For a second a process that was started by the first one holds 64 MB.
HOLD = "import time; held = b'x' * 64_000_000; time.sleep(1)"
PARENT = (
    "import shutil, subprocess, sys; "
    f"subprocess.run([sys.executable, '-c', {HOLD!r}]); shutil.copy(sys.argv[1], sys.argv[2])"
)


def test_the_peak_is_that_of_all_processes(tables: Tables) -> None:
    command = Command("a program", (sys.executable, "-c", PARENT), any_core())
    assert 64e6 < peak_bytes(command, tables.of(3)) < 128e6
