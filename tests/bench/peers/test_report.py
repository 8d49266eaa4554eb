"""The figures of the peers' bench."""

from typing import Any

from bench.contenders import BARE, OURS
from bench.peers.report import Results, summary, table
from bench.throughput import Throughput, Throughputs


def rounds(*requests_per_second: float) -> list[Throughput]:
    return [Throughput(requests, cpu_us=200.0 + number) for number, requests in enumerate(requests_per_second)]


# The machine was half as fast in the second round.
RESULTS = Results(
    throughput=Throughputs(
        {BARE: rounds(4000, 2000, 4000), OURS: rounds(2000, 1000, 2400), "litserve": rounds(1000, 600, 1200)}
    ),
    ready={BARE: [0.2, 0.1, 0.3], OURS: [0.8, 0.8, 0.9], "litserve": [3.0, 2.0, 2.5]},
    memory={BARE: 30_000_000, OURS: 120_000_000, "litserve": 236_000_000},
    versions={"litserve": "0.2.19"},
)


def figures(name: str) -> Any:  # noqa: ANN401 - as JSON would have it
    contenders: Any = summary(RESULTS)["contenders"]
    return contenders[name]


def test_ratios_compare_within_a_round() -> None:
    assert figures("litserve")["ratio_to_ours"] == 0.5
    assert figures(OURS)["ratio_to_bare"] == 0.5


def test_figures_are_medians() -> None:
    litserve = figures("litserve")
    assert litserve["requests_per_second"] == [1000, 600, 1200]
    assert (litserve["cpu_us"], litserve["ready_seconds"], litserve["memory_mb"]) == (201.0, 2.5, 236.0)


def test_the_table_has_a_line_for_each_contender_with_its_version_and_spread() -> None:
    lines = table(RESULTS).splitlines()
    assert [line.split()[0] for line in lines[2:]] == [BARE, OURS, "litserve"]
    assert lines[-1].startswith("  litserve 0.2.19")
    assert "0.50 (0.50-0.60)" in lines[-1]
    assert len({len(line) for line in lines[1:]}) == 1
