"""Asks an endpoint once, as its callers will, and looks whether the model answers that was to be put there."""

from contextlib import closing, suppress
from time import sleep

import msgspec
from botocore import exceptions as aws

from sentigrade.aws.hosting.account import Account, explained
from sentigrade.aws.hosting.endpoints import log_of
from sentigrade.errors import AwsError
from sentigrade.manifest import Manifest

_QUESTION = '{"mytext": "A warm, funny and well-made film."}'
_CONTENT_TYPE = "application/json"
_MOST_ANSWER_BYTES = 1024 * 1024
# While the first container of a serverless endpoint starts, SageMaker may say that it is not ready yet.
_PAUSES = (1, 2, 5, 10, 20, 30)


class _Answer(msgspec.Struct):
    """What tells one model from another, in the answer to one text."""

    model: str
    version: int


def ask_once(account: Account, name: str, manifest: Manifest) -> None:
    """Ask an endpoint; raises AwsError unless the model of this manifest answers."""
    try:
        answer = msgspec.json.decode(_answer(account, name), type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise AwsError(f"the endpoint {name} does not answer as a Sentigrade does: is the image another's?") from None
    if (answer.model, answer.version) != (manifest.name, manifest.version):
        raise AwsError(
            f"at the endpoint {name} answers {answer.model}@{answer.version}, not {manifest.reference}: "
            "see what --env tells the container"
        )


def example_call(account: Account, name: str) -> str:
    """Return a line for a shell that asks an endpoint, with the AWS CLI of either major version."""
    command = "aws sagemaker-runtime invoke-endpoint"
    options = f"--region {account.region} --endpoint-name {name} --content-type {_CONTENT_TYPE}"
    return f"echo '{_QUESTION}' | {command} {options} --body fileb:///dev/stdin /dev/stdout"


def _answer(account: Account, name: str) -> bytes:
    with explained(f"the endpoint {name}"):
        try:
            for pause in _PAUSES:
                with suppress(account.runtime.exceptions.ModelNotReadyException):
                    return _invoke(account, name)
                sleep(pause)
            return _invoke(account, name)
        except account.runtime.exceptions.ModelError as error:
            failed = f"the container at the endpoint {name} fails{_original(error)}"
            raise AwsError(f"{failed}; see {log_of(name)}") from None


def _invoke(account: Account, name: str) -> bytes:
    response = account.runtime.invoke_endpoint(
        EndpointName=name, ContentType=_CONTENT_TYPE, Accept=_CONTENT_TYPE, Body=_QUESTION.encode()
    )
    # As a context manager it would be urllib3's stream, with urllib3's errors.
    with closing(response["Body"]) as body:
        return body.read(_MOST_ANSWER_BYTES)


def _original(error: aws.ClientError) -> str:
    status = error.response.get("OriginalStatusCode")
    return f" with status {status}" if status is not None else ""
