"""Each part, and the program around them, with so few rows that nothing is measured by them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.batch.parts import PARTS, Setup
from bench.batch.tables import Tables
from tests.live import REPOSITORY

KEYS = {
    "core": [*(f"rows_per_second_{name}" for name in ("ours", "scikit_learn", "spacy")), "to_scikit_learn", "to_spacy"],
    "processes": ["rows_per_second_one_process", "rows_per_second_two_processes", "two_to_one"],
    "engines": ["seconds_local", "seconds_ray", "ray_to_local"],
    "memory": ["peak_mb_50", "peak_mb_500", "peak_mb_5000"],
}


def bench(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.batch", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, env=environ or None)


@pytest.mark.timeout(300)  # a contender is some seconds of imports, and there are up to eight of them
@pytest.mark.parametrize("part", PARTS)
def test_a_part_gives_all_of_its_figures(part: str, tables: Tables) -> None:
    figures = list(PARTS[part](Setup("sentiment", tables, share=0.0005)))
    assert [figure.key for figure in figures] == KEYS[part]
    assert {len(figure.values) for figure in figures} == {1}
    assert len({figure.what for figure in figures}) == len(figures)


def test_rows_and_rounds_are_never_none(tables: Tables) -> None:
    setup = Setup("sentiment", tables, share=1e-9)
    assert (setup.table(1_000_000).rows, setup.rounds(5)) == (1, 1)
    assert (setup._replace(share=0.5).table(1_000).rows, setup._replace(share=10.0).rounds(5)) == (500, 5)


def test_the_program_prints_a_table_and_writes_it(tmp_path: Path) -> None:
    finished = bench("memory", "--share", "0.0005", "--output", str(tmp_path))
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == (tmp_path / "batch.md").read_text(encoding="utf-8")
    assert [line.split(" | ")[0] for line in finished.stdout.splitlines()[2:5]] == [
        f"| MB of memory at the peak, {rows} rows, two processes" for rows in ("50", "500", "5,000")
    ]
    figures = json.loads((tmp_path / "batch.json").read_text(encoding="utf-8"))
    assert set(KEYS["memory"]) < set(figures)


def test_what_keeps_the_program_from_measuring_is_one_line(tmp_path: Path) -> None:
    finished = bench("memory", SENTIGRADE_STORE=str(tmp_path / "nowhere"))
    assert finished.returncode == 1
    (line,) = finished.stderr.splitlines()
    assert line.startswith("bench: ")
    assert "nowhere" in line
