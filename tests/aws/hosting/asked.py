"""What is asked of AWS, written down, as IAM sees it: an action on a resource, with the tags of both."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import botocore.handlers

from tests.aws_server import ACCOUNT
from tests.deploy.stack_values import PSEUDO_PARAMETERS
from tests.s3_permissions import ACTIONS

REGION = PSEUDO_PARAMETERS["AWS::Region"]
_EVENT = "before-parameter-build"
_HERE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"

_VERB = re.compile("^(Create|Describe|Update|Invoke|Stop|Delete)")
# Of each operation of SageMaker's: the type of what it is about, and the parameter with its name.
_ABOUT = {
    "Model": ("model", "ModelName"),
    "EndpointConfig": ("endpoint-config", "EndpointConfigName"),
    "Endpoint": ("endpoint", "EndpointName"),
    "TransformJob": ("transform-job", "TransformJobName"),
    "TrainingJob": ("training-job", "TrainingJobName"),
}


class Asked(NamedTuple):
    """An action, on what, and what a condition may ask about it."""

    action: str
    resource: str
    context: Mapping[str, str]


class Notes:
    """Requests so far, and the tags of what they have made."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._tags: dict[str, Mapping[str, str]] = {}

    def note(self, params: Mapping[str, Any], model: Any, **_others: object) -> None:  # noqa: ANN401 - botocore's own
        service = model.service_model.service_name
        if service == "s3":
            self.asked += list(_of_s3(model.name, params))
        elif service.startswith("sagemaker"):
            self.asked += list(self._of_sagemaker(model.name, params))

    def _of_sagemaker(self, operation: str, params: Mapping[str, Any]) -> Iterator[Asked]:
        action = f"sagemaker:{operation}"
        if operation == "ListTags":
            yield Asked(action, params["ResourceArn"], {})
            return
        about = _ABOUT.get(_VERB.sub("", operation))
        if about is None:
            yield Asked(action, "*", {})
            return
        resource = f"{_HERE}:{about[0]}/{params[about[1]]}"
        given = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in params.get("Tags", ())}
        if given:
            self._tags[resource] = {name.replace("Request", "Resource"): value for name, value in given.items()}
            yield Asked("sagemaker:AddTags", resource, {**given, "sagemaker:TaggingAction": operation})
        yield Asked(action, resource, given or self._tags.get(resource, {}))
        if operation == "UpdateEndpoint":  # which is about both
            config = f"{_HERE}:endpoint-config/{params['EndpointConfigName']}"
            yield Asked(action, config, self._tags[config])
        if role := params.get("ExecutionRoleArn") or params.get("RoleArn"):
            yield Asked("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"})


def _of_s3(operation: str, params: Mapping[str, Any]) -> Iterator[Asked]:
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    context = {"aws:SecureTransport": "true"}
    if operation == "ListObjectsV2":
        yield Asked(ACTIONS[operation], bucket, {**context, "s3:prefix": params.get("Prefix", "")})
        return
    keys = [each["Key"] for each in params["Delete"]["Objects"]] if "Delete" in params else [params["Key"]]
    for key in keys:
        yield Asked(ACTIONS[operation], f"{bucket}/{key}", context)


@contextmanager
def noted() -> Iterator[list[Asked]]:
    """Write down what clients ask for that are made inside the block."""
    notes = Notes()
    handler = (_EVENT, notes.note)
    botocore.handlers.BUILTIN_HANDLERS.append(handler)
    try:
        yield notes.asked
    finally:
        botocore.handlers.BUILTIN_HANDLERS.remove(handler)
