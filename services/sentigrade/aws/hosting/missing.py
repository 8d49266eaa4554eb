"""What is not there: gone, or not found yet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep
from typing import TypeVar

from botocore import exceptions as aws

from sentigrade.aws_errors import code_of

_Made = TypeVar("_Made")

# What was made a moment ago may not be found yet, says AWS of its own stores.
_TRIES, _PAUSE = 5, 2.0


@contextmanager
def missing_ignored() -> Iterator[None]:
    """Pass over the refusal that something is not there.

    What is to be deleted is looked at first: whoever may delete by the tag alone is refused where there is none.
    """
    try:
        yield
    except aws.ClientError as error:
        if not _is_missing(error):
            raise


def once_found(make: Callable[[], _Made]) -> _Made:
    """Make something out of what was made a moment ago: again and again, until AWS finds that."""
    for _ in range(_TRIES - 1):
        with missing_ignored():
            return make()
        sleep(_PAUSE)
    return make()


def _is_missing(error: aws.ClientError) -> bool:
    """Whether that is what AWS says; SageMaker has no code of its own for it."""
    said = error.response.get("Error", {}).get("Message", "").lower()
    return code_of(error) == "ResourceNotFound" or (
        code_of(error) == "ValidationException" and "could not find" in said
    )
