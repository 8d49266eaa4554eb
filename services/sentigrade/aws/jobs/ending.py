"""How a job has ended."""

from sentigrade.errors import AwsError


def require_completed(what: str, status: str | None, reason: str, log: str) -> None:
    """Raise AwsError, with AWS's reason if there is one, for a job that has not done what it was for."""
    if status != "Completed":
        because = f": {reason.rstrip('.')}" if reason else ""
        raise AwsError(f"{what} is {status}{because}; see the log group {log}")
