"""What is made on AWS has a name that can be told from others, and a tag that says what for.

Only what bears that tag is ever changed or deleted.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sentigrade.aws.hosting.account import Account, explained
from sentigrade.errors import SettingError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import TagTypeDef

# Its value is `endpoint/NAME` or `job/NAME`; deploy/sagemaker/roles.yaml knows it.
MADE_FOR = "sentigrade:for"
_MODEL = "sentigrade:model"
_DIGEST = "sentigrade:digest"

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
# What is left of 63 characters beside a dash, eight digits of a model's digest, a dash and a time.
_LONGEST_STEM = 39


def require_name(name: str) -> str:
    """Return a name that SageMaker takes; raises SettingError for any other."""
    if not _NAME.fullmatch(name):
        raise SettingError(
            f"{name!r} is no name for SageMaker: use letters, digits and dashes between them, at most 63"
        )
    return name


def new_name(stem: str, digest: str) -> str:
    """Return a name for something new, of which nothing has it yet; the end of a long stem is left out."""
    return f"{name_part(stem)}{digest[:8]}-{datetime.now(UTC):%Y%m%d%H%M%S}"


def name_part(stem: str) -> str:
    """Return how all names of a stem begin."""
    return f"{stem[:_LONGEST_STEM].rstrip('-')}-"


def tags(made_for: str, reference: str, digest: str) -> "Sequence[TagTypeDef]":
    """Return the tags of something new: for what it is, and of which model."""
    named = {MADE_FOR: made_for, _MODEL: reference, _DIGEST: digest}
    return [{"Key": key, "Value": value} for key, value in named.items()]


def is_made_for(account: Account, arn: str, endpoint: str) -> bool:
    """Whether the tag of something says that it was made for this endpoint."""
    ours: TagTypeDef = {"Key": MADE_FOR, "Value": f"endpoint/{endpoint}"}
    with explained(f"the tags of {arn}"):
        pages = account.control.get_paginator("list_tags").paginate(ResourceArn=arn)
        return any(ours in page["Tags"] for page in pages)


def made_for_endpoint(account: Account, endpoint: str, found: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Give those names, of pairs of a name and an ARN, that were made for an endpoint."""
    ours = re.compile(rf"{re.escape(name_part(endpoint))}[0-9a-f]{{8}}-\d{{14}}")
    for name, arn in found:
        if ours.fullmatch(name) and is_made_for(account, arn, endpoint):
            yield name
