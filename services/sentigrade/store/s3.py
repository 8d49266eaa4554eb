"""Objects in an S3 bucket, or in anything that speaks S3.

Credentials, region and endpoint come from boto3's default chain alone: the environment, shared files
(AWS_SHARED_CREDENTIALS_FILE may be a mounted secret), the role of a container or of an instance.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import boto3
from boto3.exceptions import Boto3Error, RetriesExceededError, S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore import exceptions as aws
from botocore.config import Config

from sentigrade.aws_errors import UNREACHABLE, code_of, status_of
from sentigrade.errors import StoreError, StoreUnreachable
from sentigrade.store.objects import Advance, Content, Stored
from sentigrade.store.ranges import RangedFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Two attempts, and none that hangs: whoever starts while the store is down waits for as long as this takes.
_HASTE = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
# Whoever has worked for an hour waits for a few minutes.
_PATIENCE = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 8})
# boto3 repeats what fails before the first byte of an answer. What breaks off behind it is asked for so many times.
_BODIES = 4
_BROKEN_OFF = (aws.IncompleteReadError, aws.ReadTimeoutError, aws.ResponseStreamingError)
_TRANSFER = TransferConfig(max_concurrency=4)
_MOST_KEYS_A_DELETION = 1000

_UNREACHABLE_STATUSES = frozenset([408, 429, 500, 502, 503, 504])
_UNREACHABLE_CODE = re.compile("RequestTimeout|SlowDown|Throttl")
_MISSING_CODES = frozenset(["404", "NoSuchKey"])
# Somebody else wrote first, or is writing at this moment.
_CONFLICT_CODES = frozenset(["PreconditionFailed", "ConditionalRequestConflict"])


class _TooLong(StoreError):
    """An object is longer than anything that is looked for."""


class S3Objects:
    """The objects of a bucket, below a prefix that may be empty."""

    def __init__(self, address: str, *, patient: bool = False) -> None:
        """Open `s3://bucket/prefix`; raises StoreError when it names no bucket. Nothing is asked of S3 yet.

        A patient one tries again and again where S3 does not answer.
        """
        self._bucket, _, prefix = address.removeprefix("s3://").partition("/")
        if not self._bucket:
            raise StoreError(f"{address!r} names no bucket: write s3://bucket or s3://bucket/prefix")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        with self._mapped():
            self._client = _client(_PATIENCE if patient else _HASTE)

    @property
    def address(self) -> str:
        """The bucket and the prefix."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def list(self, prefix: str) -> Iterator[Stored]:
        """Return the objects whose keys start with `prefix`, as many as there are."""
        with self._mapped():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(self._prefix)
                    if not key.endswith("/"):  # some tools write an empty object for a folder
                        yield Stored(key, found["Size"], found["LastModified"].timestamp(), found["ETag"])

    def find(self, key: str) -> Stored | None:
        """Return an object's facts; its tag is S3's ETag."""
        with self._mapped():
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=self._prefix + key)
            except aws.ClientError as error:
                if code_of(error) in _MISSING_CODES:
                    return None
                raise
        return Stored(key, found["ContentLength"], found["LastModified"].timestamp(), found["ETag"])

    def open(self, stored: Stored, *, block_bytes: int) -> BinaryIO:
        """Open an object; each block is a request of its own, for the very object that was found."""

        def fetch(first: int, last: int) -> bytes:
            for _ in range(_BODIES - 1):
                with suppress(*_BROKEN_OFF):
                    return self._fetch(stored, f"bytes={first}-{last}")
            with self._mapped():
                return self._fetch(stored, f"bytes={first}-{last}")

        return RangedFile.open(fetch, stored.bytes, block_bytes)

    def _fetch(self, stored: Stored, span: str) -> bytes:
        """Return some bytes of an object; what breaks off in the middle is boto3's own error."""
        with self._mapped():
            try:
                response = self._client.get_object(
                    Bucket=self._bucket, Key=self._prefix + stored.key, Range=span, IfMatch=stored.tag
                )
            except aws.ClientError as error:
                if code_of(error) in _CONFLICT_CODES | _MISSING_CODES:
                    raise StoreError(f"{self.address}/{stored.key} has changed since it was found") from None
                raise
        with closing(response["Body"]) as body:
            return body.read()

    def read(self, key: str, *, at_most: int) -> Content | None:
        """Return a small object; its tag is S3's ETag."""
        with self._mapped():
            try:
                response = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            except aws.ClientError as error:
                if code_of(error) in _MISSING_CODES:
                    return None
                raise
            # As a context manager it would be urllib3's stream, with urllib3's errors.
            with closing(response["Body"]) as body:
                if response["ContentLength"] > at_most:
                    raise _TooLong(f"{self.address}/{key} is longer than {at_most:,} bytes: not read")
                return Content(body.read(), response["ETag"])

    def write(self, key: str, raw: bytes, *, over: str | None) -> bool:
        """Write with S3's conditional put."""
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}
        with self._mapped():
            try:
                self._client.put_object(
                    Bucket=self._bucket, Key=self._prefix + key, Body=raw, ChecksumAlgorithm="SHA256", **condition
                )
            except aws.ClientError as error:
                if code_of(error) not in _CONFLICT_CODES | _MISSING_CODES:
                    raise
            else:
                return True
        return self._holds(key, raw)

    def _holds(self, key: str, raw: bytes) -> bool:
        """Whether an object is what we sent: an attempt whose answer was lost has written it, and the next found it."""
        try:
            found = self.read(key, at_most=len(raw))
        except _TooLong:
            return False
        return found is not None and found.raw == raw

    def upload(self, key: str, path: Path, advance: Advance) -> None:
        """Upload a file as `write_stream` does."""
        with path.open("rb") as file:
            self.write_stream(key, file, advance)

    def write_stream(self, key: str, file: BinaryIO, advance: Advance) -> None:
        """Upload, in parts when it is long; S3 checks its SHA-256."""
        with self._mapped():
            self._client.upload_fileobj(
                file,
                self._bucket,
                self._prefix + key,
                ExtraArgs={"ChecksumAlgorithm": "SHA256"},
                Callback=advance,
                Config=_TRANSFER,
            )

    def download(self, key: str, path: Path, advance: Advance) -> None:
        """Download an object, in parts when it is long."""
        with self._mapped():
            self._client.download_file(self._bucket, self._prefix + key, str(path), Callback=advance, Config=_TRANSFER)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects, a thousand a request."""
        remaining = iter(keys)
        while some := list(islice(remaining, _MOST_KEYS_A_DELETION)):
            with self._mapped():
                response = self._client.delete_objects(
                    Bucket=self._bucket,
                    Delete={"Objects": [{"Key": self._prefix + key} for key in some], "Quiet": True},
                )
            for failure in response.get("Errors", ()):
                raise StoreError(f"{self.address}: {failure['Key']} was not deleted: {failure['Message']}")

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """Turn boto3's errors into ours."""
        try:
            yield
        except (*UNREACHABLE, RetriesExceededError) as error:
            hint = f"; {_advice('')}" if isinstance(error, aws.NoCredentialsError) else ""
            raise StoreUnreachable(f"store {self.address} cannot be reached: {_sentence(error)}{hint}") from error
        except aws.ClientError as error:
            raise self._refusal(error) from error
        except S3UploadFailedError as error:
            # It was raised while what went wrong was being handled.
            cause = error.__context__
            raise self._refusal(cause if isinstance(cause, aws.ClientError) else error) from error
        except (aws.BotoCoreError, Boto3Error, ValueError) as error:  # botocore's parsers raise ValueError too
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> StoreError:
        code = ""
        if isinstance(error, aws.ClientError):
            code = code_of(error)
            if status_of(error) in _UNREACHABLE_STATUSES or _UNREACHABLE_CODE.match(code):
                return StoreUnreachable(f"store {self.address} cannot be reached: {_sentence(error)}")
        return StoreError(f"store {self.address}: {_sentence(error)}; {_advice(code)}")


def _client(patience: Config) -> "S3Client":
    session = boto3.Session()
    client = session.client("s3", config=patience)
    if ".amazonaws.com" in client.meta.endpoint_url:
        return client
    # Servers other than Amazon's seldom know a host name for each bucket.
    return session.client("s3", config=patience.merge(Config(s3={"addressing_style": "path"})))


def _sentence(error: Exception) -> str:
    return str(error).strip().rstrip(".")


def _advice(code: str) -> str:
    if code == "NoSuchBucket":
        return "name a bucket that exists"
    return "check the address, the AWS credentials and what their policy allows (deploy/iam)"
