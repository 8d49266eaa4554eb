"""What boto3 raises, read in one way by all that calls AWS."""

import re

from botocore import exceptions as aws

# Nobody answered, or not as who asks: a host that has just started may have to wait for the credentials of its role.
UNREACHABLE = (
    aws.ConnectionError,
    aws.HTTPClientError,
    aws.IncompleteReadError,
    aws.CredentialRetrievalError,
    aws.MetadataRetrievalError,
    aws.NoCredentialsError,
)

_BUSY = frozenset([408, 429])
_FAULTS = 500
# Some services throttle with a status of 400.
_BUSY_CODE = re.compile("RequestTimeout|SlowDown|Throttl|TooManyRequests|ModelNotReady")


def may_pass(status: int, code: str) -> bool:
    """Whether a refusal is one that waiting may mend: too much to do, or a fault of AWS's own."""
    return status in _BUSY or status >= _FAULTS or bool(_BUSY_CODE.match(code))


def code_of(error: aws.ClientError) -> str:
    """Return AWS's name for what went wrong, such as NoSuchKey; empty where it gave none."""
    return error.response.get("Error", {}).get("Code", "")


def status_of(error: aws.ClientError) -> int:
    """Return the status of the answer; 0 where that is not known."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
