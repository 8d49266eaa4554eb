"""Family `endpoint`: a SageMaker endpoint classifies, and speaks BlazingText. Nothing is loaded but its name.

Credentials come from boto3's default chain alone, as those of a store in S3 do.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import boto3
import numpy as np
from boto3.exceptions import Boto3Error
from botocore import exceptions as aws
from botocore.config import Config
from numpy.typing import NDArray

from sentigrade.aws_errors import UNREACHABLE, code_of, may_pass, status_of
from sentigrade.classifiers.base import Endpoint, Parts
from sentigrade.classifiers.blazingtext import LEAST, bodies, probabilities
from sentigrade.classifiers.deadline import seconds_left
from sentigrade.errors import EndpointError, EndpointUnreachable, ModelFolderError
from sentigrade.labels import LabelSet

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

# Calls of one process that are under way at once.
_MOST_CALLS = 8
# botocore repeats what was throttled (pausing at random up to 1 s, then up to 2 s), connections that fail, answers that
# do not come and 5xx; all calls of a process together no more often than its quota allows, so that an endpoint in
# trouble is not asked three times as much. It does not repeat what a container has refused or failed at (424): it would
# most likely fail again, and whoever calls us is told whether to come back.
_PATIENCE = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=_MOST_CALLS,
)
# As long as anything that SageMaker passes on.
_MOST_ANSWER_BYTES = 6 * 1024 * 1024

_CODE = re.compile("[A-Za-z0-9]{1,64}")
_ADVICE = "check the AWS credentials and what their policy allows (deploy/iam)"


class EndpointClassifier:
    """Asks an endpoint; its scores are logarithms of probabilities, or log-odds of labels of which any number applies.

    So a calibration that leaves scores as they are gives the endpoint's own probabilities.
    """

    def __init__(self, endpoint: Endpoint, labels: LabelSet) -> None:
        self._endpoint = endpoint
        self._columns = {label: column for column, label in enumerate(labels.ids)}
        self._is_multilabel = labels.kind == "multilabel"
        self._calls: _Calls | None = None

    def start(self) -> None:
        """Make what calls from this process: neither connections nor threads survive a fork. Nothing is asked yet."""
        self._calls = _Calls(self._endpoint)

    def score(self, cleaned: Sequence[str]) -> NDArray[np.float64]:
        """Return scores, texts x labels.

        Raises EndpointUnreachable where waiting may help, as for an endpoint that takes longer than an answer is of
        use (`deadline.within`), and EndpointError for any other refusal and for an answer that makes no sense.
        """
        if self._calls is None:  # a process that only asks, such as the command line's
            self._calls = _Calls(self._endpoint)
        requests = list(bodies(cleaned, len(self._columns)))
        answers = self._calls.ask([request.content for request in requests])
        try:
            parts = [
                probabilities(answer, self._columns, request.texts)
                for answer, request in zip(answers, requests, strict=True)
            ]
        except ValueError as error:
            raise EndpointError(f"{_named(self._endpoint)} is not as its manifest says: {error}") from None
        return self._scores(np.concatenate([np.empty((0, len(self._columns))), *parts]))

    def words(self) -> Iterable[str]:
        """Return nothing: which words an endpoint knows only it can say."""
        return ()

    def _scores(self, found: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self._is_multilabel:
            scores: NDArray[np.float64] = np.log(found)
            return scores
        found = np.minimum(found, 1 - LEAST)
        log_odds: NDArray[np.float64] = np.log(found / (1 - found))
        return log_odds


def load(parts: Parts) -> EndpointClassifier:
    """Return the classifier of the endpoint that a manifest names; raises ModelFolderError when it names none."""
    if parts.endpoint is None:
        raise ModelFolderError('the manifest names no endpoint: add "endpoint": {"name": "...", "region": "..."}')
    return EndpointClassifier(parts.endpoint, parts.labels)


class _Calls:
    """A client and the threads that use it, of one process."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        with _explained(endpoint):
            self._client: SageMakerRuntimeClient = boto3.Session().client(
                "sagemaker-runtime", region_name=endpoint.region, config=_PATIENCE
            )
        self._threads = ThreadPoolExecutor(_MOST_CALLS, thread_name_prefix="endpoint")

    def ask(self, requests: Sequence[bytes]) -> list[bytes]:
        """Return the answers to requests, in their order; raises EndpointError."""
        try:
            return list(self._threads.map(self._invoke, requests, timeout=seconds_left()))
        except TimeoutError:
            raise EndpointUnreachable(f"{_named(self._endpoint)} takes too long to answer") from None

    def _invoke(self, request: bytes) -> bytes:
        with _explained(self._endpoint):
            response = self._client.invoke_endpoint(
                EndpointName=self._endpoint.name,
                ContentType="application/json",
                Accept="application/json",
                Body=request,
            )
            # As a context manager it would be urllib3's stream, with urllib3's errors.
            with closing(response["Body"]) as body:
                answer = body.read(_MOST_ANSWER_BYTES)
                if body.read(1):  # this look also finds out an answer that broke off
                    raise EndpointError(f"{_named(self._endpoint)} answers more than {_MOST_ANSWER_BYTES:,} bytes")
                return answer


@contextmanager
def _explained(endpoint: Endpoint) -> Iterator[None]:
    """Turn boto3's errors into ours; what a container says may quote the text that it was asked about."""
    try:
        yield
    except aws.ClientError as error:
        raise _refusal(endpoint, error) from None
    except aws.NoCredentialsError:
        raise EndpointUnreachable(f"{_named(endpoint)} cannot be asked: there are no credentials; {_ADVICE}") from None
    except UNREACHABLE as error:
        raise EndpointUnreachable(f"{_named(endpoint)} cannot be reached: {type(error).__name__}") from None
    except (aws.BotoCoreError, Boto3Error, ValueError) as error:  # botocore's parsers raise ValueError too
        raise EndpointError(f"{_named(endpoint)} cannot be asked: {type(error).__name__}; {_ADVICE}") from None


def _refusal(endpoint: Endpoint, error: aws.ClientError) -> EndpointError:
    code, status = code_of(error), status_of(error)
    original = error.response.get("OriginalStatusCode")  # of the container behind SageMaker
    said = f"{_named(endpoint)} answered {status} {code if _CODE.fullmatch(code) else ''}".rstrip()
    if original is not None:
        said += f", since its container had answered {original}"
    decisive = original if isinstance(original, int) else status
    if may_pass(decisive, code):
        return EndpointUnreachable(said)
    if original is not None:
        return EndpointError(f"{said}: it takes no requests to BlazingText, or none as long as this one")
    return EndpointError(f"{said}: check its name and region, the AWS credentials and their policy (deploy/iam)")


def _named(endpoint: Endpoint) -> str:
    return f"the endpoint {endpoint.name} in {endpoint.region}"
