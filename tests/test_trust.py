"""Who vouches for a manifest: openssl's signatures are ours, and nothing else passes for one."""

import base64
import subprocess
from pathlib import Path

import pytest

from sentigrade.errors import ModelFolderError, SettingError
from sentigrade.manifest import Manifest, digest_of, parse_manifest
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.trust import Trust, open_private_key, open_public_key, sign
from tests.keys import public_key_of, write_private_key

# Kinds of keys that openssl makes and that sign no manifest; the last two `cryptography` does not even know.
OTHER_KINDS = ["RSA", "X25519", "ED448", "EC:secp112r1", "EC:SM2"]


def other_key(kind: str, path: Path) -> Path:
    """Write a private key that is no ed25519 key."""
    algorithm, _, curve = kind.partition(":")
    options = ["-pkeyopt", f"ec_paramgen_curve:{curve}"] if curve else []
    command = ["openssl", "genpkey", "-algorithm", algorithm, *options, "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def raw(small_store: Path) -> bytes:
    """The bytes of a manifest."""
    return (small_store / "sentiment" / "1" / "manifest.json").read_bytes()


@pytest.fixture(scope="module")
def manifest(raw: bytes) -> Manifest:
    return parse_manifest(raw, "here")


@pytest.fixture(scope="module")
def private_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_private_key(tmp_path_factory.mktemp("key") / "private.pem")


@pytest.fixture(scope="module")
def trust(private_key: Path) -> Trust:
    """Trust in whatever is signed with the private key."""
    return Trust(public_key=public_key_of(private_key))


@pytest.fixture(scope="module")
def signature(raw: bytes, private_key: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The signature that openssl makes, in base64 as openssl writes it: over two lines."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / "manifest.json").write_bytes(raw)
    signed = openssl("pkeyutl", "-sign", "-rawin", "-inkey", private_key, "-in", folder / "manifest.json")
    (folder / "signature").write_bytes(signed)
    return openssl("base64", "-in", folder / "signature")


class TestASignature:
    def test_of_openssl_s_is_accepted(self, trust: Trust, manifest: Manifest, raw: bytes, signature: bytes) -> None:
        assert signature.count(b"\n") == 2
        trust.require(manifest, raw, signature, "here")
        trust.require(manifest, raw, signature.replace(b"\n", b""), "here")

    def test_of_ours_is_openssl_s(self, raw: bytes, private_key: Path, signature: bytes, tmp_path: Path) -> None:
        ours = sign(raw, open_private_key(private_key))
        assert base64.b64decode(ours) == base64.b64decode(signature)
        (tmp_path / "manifest.json").write_bytes(raw)
        (tmp_path / "signature").write_bytes(base64.b64decode(ours))
        (tmp_path / "public.pem").write_bytes(openssl("pkey", "-in", private_key, "-pubout"))
        keys = ("-pubin", "-inkey", tmp_path / "public.pem")
        said = openssl(
            "pkeyutl", "-verify", "-rawin", *keys, "-in", tmp_path / "manifest.json", "-sigfile", tmp_path / "signature"
        )
        assert said == b"Signature Verified Successfully\n"

    def test_is_of_every_byte(self, trust: Trust, manifest: Manifest, raw: bytes, signature: bytes) -> None:
        for changed in (raw + b"\n", raw[:-1], raw.replace(b"self-written", b"self-Written")):
            with pytest.raises(ModelFolderError, match=r"^here: .* was not made with the key of SENTIGRADE_PUBLIC_KEY"):
                trust.require(manifest, changed, signature, "here")

    @pytest.mark.parametrize(
        "text", [b"", b"not base64", b"!!!!", b"\xff\x00", b"AAAA", b"A" * 87, b"A" * 88, b"=" * 88]
    )
    def test_that_is_none_is_refused(self, text: bytes, trust: Trust, manifest: Manifest, raw: bytes) -> None:
        with pytest.raises(ModelFolderError, match="signature was not made with the key"):
            trust.require(manifest, raw, text, "here")

    def test_that_is_missing_is_asked_for(self, trust: Trust, manifest: Manifest, raw: bytes) -> None:
        with pytest.raises(
            ModelFolderError, match="here is not signed: publish it with --sign-with, pin its digest, or"
        ):
            trust.require(manifest, raw, None, "here")

    def test_of_another_s_is_refused(self, trust: Trust, manifest: Manifest, raw: bytes, tmp_path: Path) -> None:
        another = sign(raw, open_private_key(write_private_key(tmp_path / "another.pem")))
        with pytest.raises(ModelFolderError, match="was not made with the key of SENTIGRADE_PUBLIC_KEY: not opened"):
            trust.require(manifest, raw, another, "here")

    def test_is_not_looked_at_when_nobody_asks(self, manifest: Manifest, raw: bytes) -> None:
        Trust().require(manifest, raw, b"not base64", "here")


class TestADigest:
    def test_must_be_the_manifest_s(self, manifest: Manifest, raw: bytes) -> None:
        Trust(digest=digest_of(raw)).require(manifest, raw, None, "here")
        reason = f"the manifest's sha256 is {digest_of(raw)}, not {'0' * 64} as pinned: not opened"
        with pytest.raises(ModelFolderError, match=reason):
            Trust(digest="0" * 64).require(manifest, raw, None, "here")

    def test_and_a_key_ask_for_both(self, trust: Trust, manifest: Manifest, raw: bytes, signature: bytes) -> None:
        both = trust._replace(digest=digest_of(raw))
        both.require(manifest, raw, signature, "here")
        with pytest.raises(ModelFolderError, match="is not signed"):
            both.require(manifest, raw, None, "here")
        with pytest.raises(ModelFolderError, match="as pinned"):
            trust._replace(digest="0" * 64).require(manifest, raw, signature, "here")

    def test_that_is_pinned_in_a_reference_needs_no_signature(
        self, trust: Trust, small_store: Path, raw: bytes
    ) -> None:
        settings = Settings(store=str(small_store), public_key=trust.public_key)
        folder = small_store / "sentiment" / "1"
        for reference in ("sentiment", str(folder)):
            with pytest.raises(ModelFolderError, match="is not signed"):
                open_model(reference, settings)
            open_model(f"{reference}#sha256:{digest_of(raw)}", settings)
            with pytest.raises(ModelFolderError, match="as pinned"):
                open_model(f"{reference}#sha256:{'0' * 64}", settings)


@pytest.mark.parametrize(("name", "version"), [("reviews", None), ("sentiment", 2), ("reviews", 1)])
def test_another_name_or_version_is_refused_whoever_vouches_for_it(
    name: str, version: int | None, manifest: Manifest, raw: bytes
) -> None:
    Trust("sentiment", 1, digest_of(raw)).require(manifest, raw, None, "here")
    with pytest.raises(ModelFolderError, match="here holds sentiment@1: a model folder cannot be moved"):
        Trust(name, version, digest_of(raw)).require(manifest, raw, None, "here")


class TestAPublicKey:
    @pytest.mark.parametrize("kind", OTHER_KINDS)
    def test_of_another_kind_is_refused(self, kind: str, tmp_path: Path) -> None:
        with pytest.raises(SettingError, match="SENTIGRADE_PUBLIC_KEY is no ed25519 key: give the line between"):
            open_public_key(public_key_of(other_key(kind, tmp_path / "other.pem")))

    @pytest.mark.parametrize("text", ["AAAA", "A", "no base64", "===="])
    def test_that_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(SettingError, match="`openssl pkey -in private.pem -pubout` prints"):
            open_public_key(text)

    def test_that_is_private_is_refused(self, private_key: Path) -> None:
        lines = private_key.read_text().splitlines()
        with pytest.raises(SettingError, match="is no ed25519 key"):
            open_public_key("".join(lines[1:-1]))


class TestAPrivateKey:
    @pytest.mark.parametrize("kind", OTHER_KINDS)
    def test_of_another_kind_is_refused(self, kind: str, tmp_path: Path) -> None:
        with pytest.raises(
            SettingError, match="other.pem is no ed25519 key: make one with `openssl genpkey -algorithm"
        ):
            open_private_key(other_key(kind, tmp_path / "other.pem"))

    @pytest.mark.parametrize(
        "content", [b"", b"\xff", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    )
    def test_that_is_none_is_refused(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "none.pem").write_bytes(content)
        with pytest.raises(SettingError, match="none.pem is no ed25519 key: make one with `openssl genpkey"):
            open_private_key(tmp_path / "none.pem")

    def test_that_is_public_is_refused(self, private_key: Path, tmp_path: Path) -> None:
        (tmp_path / "public.pem").write_bytes(openssl("pkey", "-in", private_key, "-pubout"))
        with pytest.raises(SettingError, match="public.pem is no ed25519 key"):
            open_private_key(tmp_path / "public.pem")

    def test_that_is_missing_is_said_to_be(self, tmp_path: Path) -> None:
        with pytest.raises(SettingError, match="none.pem cannot be read as a private key: No such file or directory"):
            open_private_key(tmp_path / "none.pem")
        with pytest.raises(SettingError, match="cannot be read as a private key: Is a directory"):
            open_private_key(tmp_path)

    def test_with_a_password_is_opened_after_openssl_has_taken_it_away(self, private_key: Path, tmp_path: Path) -> None:
        locked = tmp_path / "locked.pem"
        openssl("pkey", "-in", private_key, "-aes256", "-passout", "pass:word", "-out", locked)
        with pytest.raises(
            SettingError, match=f"locked with a password: `openssl pkey -in {locked} -out open.pem` writes"
        ):
            open_private_key(locked)
        openssl("pkey", "-in", locked, "-passin", "pass:word", "-out", tmp_path / "open.pem")
        assert open_private_key(tmp_path / "open.pem").sign(b"") == open_private_key(private_key).sign(b"")
