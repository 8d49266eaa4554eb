"""The file of API keys out of Secrets Manager, for where no file can be mounted.

Credentials and region come from boto3's default chain alone, as those of a store in S3 do.
"""

import os
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

import boto3
from boto3.exceptions import Boto3Error
from botocore import exceptions as aws
from botocore.config import Config

from sentigrade.api_keys import read_keys
from sentigrade.aws_errors import UNREACHABLE, code_of, may_pass, status_of
from sentigrade.errors import AwsError, AwsUnreachable, SettingError
from sentigrade.settings import environment_name

# The variable that holds the ARN or the name of the secret.
SECRET = "API_KEYS_SECRET"  # noqa: S105 - the variable's name

# Less than the ten seconds that Lambda gives a function to start in.
_PATIENCE = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})

_ADVICE = {
    "ResourceNotFoundException": "there is no such secret in this region; name one by its ARN",
    "InvalidRequestException": "the secret is about to be deleted; `aws secretsmanager restore-secret` keeps it",
    "AccessDeniedException": "the role may not read this secret; allow secretsmanager:GetSecretValue on it, and "
    "kms:Decrypt where its key is your own",
}


def fetch_api_keys(environ: MutableMapping[str, str]) -> None:
    """Write the keys of the secret that API_KEYS_SECRET names to a private file, and have the settings name that file.

    Raises AwsError for a secret that cannot be read, AwsUnreachable while AWS does not answer, and SettingError for one
    that holds anything but keys.
    """
    setting = environment_name("api_keys")
    if environ.get(setting):
        raise SettingError(f"{setting} and {SECRET} are both set; leave one of them out")
    path = _write(_fetch(environ[SECRET]))
    try:
        read_keys(path)
    except SettingError as error:
        raise SettingError(f"{SECRET}, written to a file: {error}") from None
    environ[setting] = str(path)


def _fetch(secret: str) -> str:
    try:
        client = boto3.Session().client("secretsmanager", config=_PATIENCE)
        value = client.get_secret_value(SecretId=secret)
    except aws.ClientError as error:
        code = code_of(error)
        if may_pass(status_of(error), code):
            raise _unreachable(code) from None
        advice = _ADVICE.get(code, f"Secrets Manager answered {code}; check the role and its policy")
        raise AwsError(f"{SECRET}: {advice}") from None
    except UNREACHABLE as error:
        raise _unreachable(type(error).__name__) from None
    except (aws.BotoCoreError, Boto3Error, ValueError) as error:
        reason = f"Secrets Manager cannot be asked ({type(error).__name__}); check the region and the credentials"
        raise AwsError(f"{SECRET}: {reason}") from None
    if "SecretString" not in value:
        raise SettingError(f"{SECRET}: the secret holds bytes; store the file as text (--secret-string file://...)")
    keys: str = value["SecretString"]
    return keys


def _unreachable(why: str) -> AwsUnreachable:
    return AwsUnreachable(f"{SECRET}: Secrets Manager cannot be reached ({why}); it is asked again at the next start")


def _write(keys: str) -> Path:
    try:
        descriptor, path = tempfile.mkstemp(prefix="api-keys-")  # for this user alone
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(keys)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise SettingError(f"{SECRET}: nothing can be written to {tempfile.gettempdir()} ({reason})") from None
    return Path(path)
