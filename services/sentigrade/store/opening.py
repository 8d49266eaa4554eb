"""Opens a store by its address."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from sentigrade.errors import StoreError
from sentigrade.store.local import LocalObjects
from sentigrade.store.objects import Objects

_S3 = "s3://"


def open_store(address: str, *, create: bool = False, patient: bool = False) -> Objects:
    """Open a store: a folder, file:///folder or s3://bucket/prefix.

    A patient one waits for S3 for minutes, not seconds. Raises StoreError when a folder cannot be read; one that is not
    there is made when `create` asks for it.
    """
    if address.startswith(_S3):
        from sentigrade.store.s3 import S3Objects  # noqa: PLC0415 - boto3 takes a while, and few need it

        return S3Objects(address, patient=patient)
    if not address or ("://" in address and not address.startswith("file://")):
        raise StoreError(f"{address!r} is no store: give a folder, file:///folder or s3://bucket/prefix")
    root = Path(unquote(urlsplit(address).path)) if address.startswith("file:") else Path(address)
    try:
        if create:
            root.mkdir(parents=True, exist_ok=True)
        next(root.iterdir(), None)
    except OSError as error:
        raise StoreError(f"store {root} cannot be read ({error.strerror}): set SENTIGRADE_STORE") from None
    return LocalObjects(root)
