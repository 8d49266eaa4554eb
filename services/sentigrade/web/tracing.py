"""The trace that a request belongs to, by the W3C's Trace Context: `traceparent: 00-TRACE-SPAN-FLAGS`.

Nothing is sent to a collector from here: the ids stand in the log line, and go back to the caller.
"""

import re
from secrets import token_hex
from typing import NamedTuple

# A later version may add fields behind these four.
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<parent>(?!0{16})[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<rest>-.*)?"
)
_SAMPLED = 1


class Trace(NamedTuple):
    """Where this request stands in its trace; `parent_id` is the caller's own span."""

    trace_id: str
    span_id: str
    parent_id: str | None
    is_sampled: bool

    @property
    def traceparent(self) -> str:
        """The header that names this request as the parent."""
        return f"00-{self.trace_id}-{self.span_id}-{_SAMPLED * self.is_sampled:02x}"


def continued(traceparent: str) -> Trace:
    """Return the next span of the caller's trace; a new trace if the header is not well-formed."""
    match = _TRACEPARENT.fullmatch(traceparent)
    if match is None or (match["version"] == "00" and match["rest"]):
        return Trace(token_hex(16), token_hex(8), None, is_sampled=False)
    return Trace(match["trace"], token_hex(8), match["parent"], is_sampled=bool(int(match["flags"], 16) & _SAMPLED))
