"""`sentigrade`, with what it asks of S3 written down: python -m tests.deploy.recording FILE COMMAND [ARGUMENTS...]."""

import json
import os
import sys
from typing import Any

import botocore.handlers

from sentigrade.cli import main


def record_to(path: str) -> None:
    """Have each request to S3, of this process and of those that it forks, add a line to a file."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def record(params: dict[str, Any], model: Any, **_others: object) -> None:  # noqa: ANN401 - botocore's own
        keys = [each["Key"] for each in params["Delete"]["Objects"]] if "Delete" in params else [params.get("Key")]
        for key in keys:
            request = (model.name, params["Bucket"], key, params.get("Prefix"))
            os.write(file, json.dumps(request).encode() + b"\n")

    botocore.handlers.BUILTIN_HANDLERS.append(("before-parameter-build.s3", record))


if __name__ == "__main__":
    record_to(sys.argv.pop(1))
    main()
