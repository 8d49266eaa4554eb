"""What can go wrong in the bench."""


class BenchError(Exception):
    """The bench cannot go on; the message is one line that says why."""
