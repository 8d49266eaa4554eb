"""The figures of endurance: as tables for people, as JSON for programs."""

from collections.abc import Iterator

from bench.endurance.growth import Growth, Reading
from bench.endurance.killing import EVERY_SECONDS, Killing
from bench.endurance.overload import Offered, Overload, percentile

# Later than this at the 99th percentile, the sender did not send what was wanted.
_LATE_MS = 100


def overload_table(overload: Overload) -> Iterator[str]:
    """Return a line for capacity and one for each rate that was offered."""
    capacity = overload.capacity
    yield f"Lists of {overload.texts:,} texts, by the clock; times in milliseconds"
    yield (
        f"  {'':12}{'sent/s':>9}{'answered/s':>12}{'of capacity':>13}{'refused/s':>11}"
        f"{'p50':>8}{'p99':>8}{'refused p99':>13}{'late p99':>10}"
    )
    yield (
        f"  {'one by one':12}{capacity.per_second:>9.1f}{capacity.per_second:>12.1f}{1:>13.2f}{0:>11}"
        f"{capacity.p50 / 1000:>8.1f}{capacity.p99 / 1000:>8.1f}"
    )
    for times, offered in overload.offered.items():
        yield _offered_line(f"{times:g} times", offered, overload.goodput(times))
        yield from _remarks(offered)


def _offered_line(name: str, offered: Offered, goodput: float) -> str:
    p50, p99 = (_milliseconds(percentile(offered.accepted, percent)) for percent in (50, 99))
    refused, late = (_milliseconds(percentile(times, 99)) for times in (offered.refused, offered.lateness))
    return (
        f"  {name:12}{offered.sent:>9.1f}{offered.accepted_per_second:>12.1f}{goodput:>13.2f}"
        f"{len(offered.refused) / offered.seconds:>11.1f}{p50:>8}{p99:>8}{refused:>13}{late:>10}"
    )


def _remarks(offered: Offered) -> Iterator[str]:
    others = {status: count for status, count in offered.statuses.items() if status not in (200, 503)}
    if others:
        yield f"    other statuses: {others}"
    if offered.hasty:
        yield f"    {offered.hasty} refusals do not say when to come back"
    if (percentile(offered.lateness, 99) or 0) > _LATE_MS:
        yield f"    the sender could not keep up: {offered.planned:.1f} a second were wanted"


def overload_figures(overload: Overload) -> dict[str, object]:
    """Return the figures of the table."""
    capacity = overload.capacity
    return {
        "texts": overload.texts,
        "capacity_per_second": round(capacity.per_second, 1),
        "capacity_ms": {"p50": capacity.p50 / 1000, "p99": capacity.p99 / 1000},
        "offered": [
            {"times": times, "share_of_capacity": round(overload.goodput(times), 3), **_offered_figures(offered)}
            for times, offered in overload.offered.items()
        ],
    }


def _offered_figures(offered: Offered) -> dict[str, object]:
    return {
        "planned_per_second": round(offered.planned, 1),
        "sent_per_second": round(offered.sent, 1),
        "answered_per_second": round(offered.accepted_per_second, 1),
        "statuses": {str(status): count for status, count in offered.statuses.items()},
        "without_retry_after": offered.hasty,
        "answered_ms": {"p50": percentile(offered.accepted, 50), "p99": percentile(offered.accepted, 99)},
        "refused_p99_ms": percentile(offered.refused, 99),
        "sender_late_p99_ms": percentile(offered.lateness, 99),
    }


def killing_table(killing: Killing) -> Iterator[str]:
    """Return who was killed, and what it cost."""
    yield f"A worker killed every {EVERY_SECONDS:g} s at {killing.rate:.0f} requests/s, half load; seed {killing.seed}"
    roles = " and ".join(f"{count} for {role}" for role, count in sorted(killing.killed.items()))
    yield f"  {killing.killed.total()} killed: {roles}"
    yield f"  {killing.failed} of {len(killing.milliseconds):,} requests failed; statuses {dict(killing.statuses)}"
    p50, p99, most = (_milliseconds(percentile(killing.milliseconds, percent)) for percent in (50, 99, 100))
    yield f"  milliseconds: p50 {p50}, p99 {p99}, slowest {most}"


def killing_figures(killing: Killing) -> dict[str, object]:
    """Return the figures of the table."""
    return {
        "seed": killing.seed,
        "rate": round(killing.rate, 1),
        "requests": len(killing.milliseconds),
        "failed": killing.failed,
        "statuses": {str(status): count for status, count in killing.statuses.items()},
        "killed": dict(killing.killed),
        "ms": {f"p{percent}": percentile(killing.milliseconds, percent) for percent in (50, 99, 100)},
    }


def growth_table(growth: Growth) -> Iterator[str]:
    """Return the memory at both readings, and the difference."""
    yield f"Memory after requests with new words each, {growth.per_second:.0f} a second (proportional set size, MB)"
    yield f"  {'requests':>12}{'gunicorn':>10}{'nginx':>8}"
    for reading in (growth.half, growth.whole):
        yield f"  {reading.requests:>12,}{reading.memory.service:>10.1f}{reading.memory.nginx:>8.1f}"
    service, nginx = _grown(growth)
    yield f"  {'difference':>12}{service:>+10.1f}{nginx:>+8.1f}"


def growth_figures(growth: Growth) -> dict[str, object]:
    """Return the figures of the table."""
    service, nginx = _grown(growth)
    return {
        "requests_per_second": round(growth.per_second),
        "half": _reading_figures(growth.half),
        "whole": _reading_figures(growth.whole),
        "grown_mb": {"service": round(service, 1), "nginx": round(nginx, 1)},
    }


def _grown(growth: Growth) -> tuple[float, float]:
    half, whole = growth.half.memory, growth.whole.memory
    return whole.service - half.service, whole.nginx - half.nginx


def _reading_figures(reading: Reading) -> dict[str, object]:
    memory = reading.memory
    return {"requests": reading.requests, "service_mb": round(memory.service, 1), "nginx_mb": round(memory.nginx, 1)}


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
