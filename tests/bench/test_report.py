from pathlib import Path

import pytest

from bench import plots
from bench.beside_rows import BesideRows, Round
from bench.connections import Answered
from bench.latency import Latencies, Latency
from bench.many import Manies, Many
from bench.report import Results, summary, table
from bench.scoring import Scoring, Scorings
from bench.sentences import Description
from bench.start import Start
from bench.throughput import Throughput, Throughputs


@pytest.fixture
def results() -> Results:
    """Three rounds; in the second the whole machine is ten times as slow."""
    slow = (1, 10, 1)

    def latency(milliseconds: float) -> list[Latency]:
        return [Latency.of([Answered(milliseconds * by * n, 0.1, b"") for n in range(1, 101)]) for by in slow]

    rounds = {
        "bare": [Throughput(4000 / by, 200 * by) for by in slow],
        "ours": [Throughput(2400 / by, 400 * by) for by in slow],
        "scikit-learn": [Throughput(1000 / by, 800 * by) for by in slow],
    }
    return Results(
        Description(40_000, 21, 0.05),
        Throughputs(rounds),
        Latencies(1200, {"bare": latency(0.01), "ours": latency(0.012)}),
        Manies([Many(1600 / by, 32_000 / by, 2400 / by, 28_800 / by, 24_000 / by) for by in slow]),
        BesideRows(2000, 52.4, [Round(*pair) for pair in zip(latency(0.01), latency(0.025), strict=True)]),
        Scorings([Scoring(50 * by, 30_000 / by) for by in slow], [Scoring(400 * by, 15_000 / by) for by in slow]),
        [20.0 * by for by in slow],
        [Start(0.8 * by, 0.6 * by, 1.2 * by) for by in slow],
        [13.0, 13.5, 14.0],
    )


def test_ratios_are_taken_within_a_round(results: Results) -> None:
    figures = summary(results)
    assert figures["ratio_to_bare"] == pytest.approx(0.6)
    assert figures["p99_ratio"] == pytest.approx(1.2)
    assert figures["one_text_faster_than_scikit_learn"] == pytest.approx(8)
    assert figures["texts_per_second_to_scikit_learn"] == pytest.approx(2)
    assert figures["lists_to_singles"] == pytest.approx(20)
    assert figures["lists_to_singles_when_busy"] == pytest.approx(12)
    assert figures["csv_to_singles"] == pytest.approx(10)
    assert figures["p99_ratio_beside_rows"] == pytest.approx(2.5)
    assert figures["explain_added_us"] == pytest.approx(20)
    assert figures["start_ratio"] == pytest.approx(1.33)
    assert figures["added_cpu_us"] == pytest.approx(200)
    assert figures["unshared_mb_per_worker"] == pytest.approx(13.5)


def test_the_table_has_a_section_for_everything_that_is_measured(results: Results) -> None:
    headings = [line for line in table(results).splitlines() if not line.startswith(" ")]
    assert [heading.split(";")[0] for heading in headings] == [
        "One text over HTTP, one worker",
        "Milliseconds at 1200 requests/s, half of what ours can do",
        "Many texts over HTTP, one worker",
        "Milliseconds at 2000 requests/s, half of what a worker for each core can do, alone and beside 52 MB of rows",
        "Inside the process",
        "Start to ready",
        "Memory that a worker shares with no other, after thousands of sentences",
    ]


def test_the_plots_are_written(results: Results, tmp_path: Path) -> None:
    plots.write(results, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"throughput.png", "latency.png", "scoring.png"}
