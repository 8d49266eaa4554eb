"""What the bench of the function prints."""

from bench.function import Start, Warm, table


def test_it_prints_medians_and_the_slowest_and_percentiles() -> None:
    starts = [Start(1.5, 0.9), Start(1.25, 0.75), Start(4.0, 2.0)]
    printed = [line.split() for line in table(starts, Warm([*map(float, range(1, 1001))], 1500, 164.4)).splitlines()]
    assert printed[1][-4:] == ["1.50", "s", "4.00", "s"]
    assert printed[2][-4:] == ["0.90", "s", "2.00", "s"]
    assert printed[3][0] == "1,000"
    assert printed[4:6] == [["p50", "500.50", "ms"], ["p99", "990.99", "ms"]]
    assert printed[6][-2:] == ["1.50", "ms"]
    assert printed[7][-2:] == ["164", "MB"]
