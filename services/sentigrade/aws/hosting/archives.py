"""The packed models below a place in S3: one folder for each endpoint or job, so that nobody else uses them."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sentigrade.aws.hosting.packing import ARCHIVE, Packable, pack
from sentigrade.errors import SettingError
from sentigrade.store.opening import open_store
from sentigrade.store.progress import Progress

_KEY = re.compile(rf"(?P<owner>[a-zA-Z0-9-]+)/[0-9a-f]{{64}}/{re.escape(ARCHIVE)}")
_IN_S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]+[a-z0-9](/.*)?")


class Archives:
    """The archives of one owner, an endpoint or a job, below `s3://bucket/prefix`."""

    def __init__(self, address: str, owner: str) -> None:
        """Nothing is asked of S3 yet; raises SettingError for an address that is none in S3."""
        require_in_s3(address)
        self._objects = open_store(address, patient=True)
        self._owner = owner

    def address(self, digest: str) -> str:
        """Return where the archive of the model with this digest lies, or will lie."""
        return f"{self._objects.address}/{self._key(digest)}"

    def upload(self, model: Packable, progress: Progress) -> bool:
        """Pack and upload a model, unless it is there already; returns whether there was no archive of it before."""
        key = self._key(model.digest)
        with tempfile.TemporaryDirectory(prefix="sentigrade-") as folder:
            archive = Path(folder, ARCHIVE)
            pack(model, archive)
            length = archive.stat().st_size
            found = self._objects.find(key)
            if found and found.bytes == length:
                return False
            with progress(model.manifest.reference, length) as advance:
                self._objects.upload(key, archive, advance)
        return found is None

    def list(self) -> Iterator[str]:
        """Give the addresses of all archives of this owner."""
        for stored in self._objects.list(f"{self._owner}/"):
            if _KEY.fullmatch(stored.key):
                yield f"{self._objects.address}/{stored.key}"

    def _key(self, digest: str) -> str:
        return f"{self._owner}/{digest}/{ARCHIVE}"


def require_in_s3(address: str) -> None:
    """Raise SettingError for what is no place in S3."""
    if not _IN_S3.fullmatch(address):
        raise SettingError(f"{address!r} is no place in S3: write s3://bucket/prefix")


def delete_archive(address: str) -> None:
    """Delete an archive; one that is gone is none to delete."""
    folder, _, key = address.rpartition("/")
    open_store(folder, patient=True).delete([key])


def root_of(address: str, owner: str) -> str | None:
    """Return the `s3://bucket/prefix` below which an archive of this owner lies; None for what is not one."""
    parts = address.rsplit("/", 3)
    if len(parts) != 4 or not (match := _KEY.fullmatch("/".join(parts[1:]))) or match["owner"] != owner:
        return None
    return parts[0]
