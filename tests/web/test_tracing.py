import re

import pytest

from sentigrade.web.tracing import continued

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


def test_the_trace_goes_on_with_a_span_of_its_own() -> None:
    trace = continued(f"00-{TRACE}-{PARENT}-00")
    assert (trace.trace_id, trace.parent_id, trace.is_sampled) == (TRACE, PARENT, False)
    assert re.fullmatch("[0-9a-f]{16}", trace.span_id)
    assert trace.span_id != PARENT
    assert trace.traceparent == f"00-{TRACE}-{trace.span_id}-00"


@pytest.mark.parametrize(("flags", "sampled"), [("01", True), ("03", True), ("02", False), ("ff", True)])
def test_of_the_flags_only_whether_it_is_sampled_is_passed_on(flags: str, sampled: bool) -> None:
    trace = continued(f"00-{TRACE}-{PARENT}-{flags}")
    assert trace.is_sampled == sampled
    assert trace.traceparent.endswith("-01" if sampled else "-00")


@pytest.mark.parametrize("rest", ["", "-", "-something-new"])
def test_a_later_version_may_say_more(rest: str) -> None:
    assert continued(f"cc-{TRACE}-{PARENT}-01{rest}").trace_id == TRACE


@pytest.mark.parametrize(
    "header",
    [
        "",
        "private",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"cc-{TRACE}-{PARENT}-01more",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-01\n",
        f" 00-{TRACE}-{PARENT}-01",
    ],
)
def test_what_is_not_well_formed_starts_a_new_trace(header: str) -> None:
    trace = continued(header)
    assert trace.parent_id is None
    assert not trace.is_sampled
    assert trace.trace_id not in (TRACE, "0" * 32)
    assert continued(trace.traceparent).trace_id == trace.trace_id
