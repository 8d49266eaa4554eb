"""A CSV of sentences, sent to a contender as anybody would: with curl."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from bench.asking import Contender
from bench.errors import BenchError


class Table:
    """A file with so many rows, and where the answers to it go."""

    def __init__(self, file: Path, sentences: Sequence[str], *, rows: int) -> None:
        """Write the file; raises BenchError when curl is not installed."""
        if shutil.which("curl") is None:
            raise BenchError("curl is not installed: install it, such as with `apt-get install curl`")
        self.rows = rows
        self._file = file
        with file.open("w", encoding="utf-8") as lines:
            lines.write("text\n")
            lines.writelines(f"{_quoted(sentence)}\n" for sentence in islice(cycle(sentences), rows))

    def megabytes(self) -> float:
        """Return the size of the file."""
        return self._file.stat().st_size / 1e6

    def send(self, contender: Contender) -> float:
        """Return the seconds from sending it to the last answer; raises BenchError when one is missing."""
        answers = self._file.with_suffix(".answers")
        started = perf_counter()
        status = subprocess.run([*self._command(contender), "--output", str(answers)], check=False).returncode
        seconds = perf_counter() - started
        with answers.open("rb") as lines:
            count = sum(1 for _ in lines) - 1
        answers.unlink()
        if status or count != self.rows:
            raise BenchError(f"{contender.name} answered {count} of {self.rows} rows; curl ended with status {status}")
        return seconds

    @contextmanager
    def being_sent(self, contender: Contender) -> Iterator[None]:
        """Inside the block it is being answered; raises BenchError when that ended earlier than the block."""
        command = [*self._command(contender), "--output", "/dev/null"]
        with subprocess.Popen(command) as sending:
            try:
                yield
                if sending.poll() is not None:
                    raise BenchError("the rows were answered, or refused, before the measurement ended")
            finally:
                sending.terminate()

    def _command(self, contender: Contender) -> list[str]:
        upload = ["curl", "--silent", "--fail", "--header", "Content-Type: text/csv", "--data-binary", f"@{self._file}"]
        return [*upload, f"http://127.0.0.1:{contender.port}/v1/predict"]


def _quoted(sentence: str) -> str:
    return '"' + sentence.replace('"', '""') + '"'
