"""What makes a manifest worth believing: a digest that the operator pinned, or a signature.

A manifest vouches for its files by their hashes; who vouches for the manifest is decided here, before anything that it
names is opened. The signature is plain ed25519 (RFC 8032) over the bytes of manifest.json, in base64, so
`openssl pkeyutl` makes and checks the same.
"""

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sentigrade.errors import ModelFolderError, SettingError
from sentigrade.manifest import Manifest, digest_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Trust(NamedTuple):
    """What a manifest must match.

    `name` and `version` are those of the place where it lies, None where any will do; `digest` is its sha256;
    `public_key`, base64 of a DER-encoded ed25519 key, asks for a signature.
    """

    name: str | None = None
    version: int | None = None
    digest: str | None = None
    public_key: str = ""

    def require(self, manifest: Manifest, raw: bytes, signature: bytes | None, where: object) -> None:
        """Raise ModelFolderError unless a manifest, read as the bytes `raw`, may be believed."""
        if self.name not in (None, manifest.name) or self.version not in (None, manifest.version):
            # A folder that was copied elsewhere, or an old version put back under a new number.
            raise ModelFolderError(
                f"{where} holds {manifest.reference}: a model folder cannot be moved; publish it again"
            )
        if self.digest is not None and digest_of(raw) != self.digest:
            raise ModelFolderError(
                f"{where}: the manifest's sha256 is {digest_of(raw)}, not {self.digest} as pinned: not opened"
            )
        if self.public_key:
            _require_signature(open_public_key(self.public_key), raw, signature, where)


def _require_signature(key: "Ed25519PublicKey", raw: bytes, signature: bytes | None, where: object) -> None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only those who sign pay for it

    if signature is None:
        raise ModelFolderError(
            f"{where} is not signed: publish it with --sign-with, pin its digest, or unset SENTIGRADE_PUBLIC_KEY"
        )
    try:
        key.verify(base64.b64decode(signature, validate=False), raw)
    except (InvalidSignature, binascii.Error):
        raise ModelFolderError(
            f"{where}: the manifest's signature was not made with the key of SENTIGRADE_PUBLIC_KEY: not opened"
        ) from None


def open_public_key(encoded: str) -> "Ed25519PublicKey":
    """Return the key of the setting; raises SettingError when it is none."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    try:
        key = load_der_public_key(base64.b64decode(encoded, validate=True))
    except (ValueError, UnsupportedAlgorithm):  # binascii.Error is a ValueError
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise SettingError(
            "SENTIGRADE_PUBLIC_KEY is no ed25519 key: give the line between BEGIN and END that "
            "`openssl pkey -in private.pem -pubout` prints"
        )
    return key


def open_private_key(path: Path) -> "Ed25519PrivateKey":
    """Return the key of a PEM file without a password; raises SettingError when there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SettingError(f"{path} cannot be read as a private key: {error.strerror}") from None
    except TypeError:
        raise SettingError(
            f"{path} is locked with a password: `openssl pkey -in {path} -out open.pem` writes it without one"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingError(f"{path} is no ed25519 key: make one with `openssl genpkey -algorithm ed25519`")
    return key


def sign(raw: bytes, key: "Ed25519PrivateKey") -> bytes:
    """Return the signature over the bytes of a manifest, as manifest.json.sig holds it."""
    return base64.b64encode(key.sign(raw)) + b"\n"
