"""The tampering table: nothing that somebody slipped into a store is opened, whatever way it came in.

What is slipped in is a pickle that imports a module of the attacker's, which leaves a mark. Each case first shows that
it does so when it is loaded plainly.
"""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from sentigrade.errors import ModelFolderError
from sentigrade.manifest import digest_of
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model
from sentigrade.store.local import LocalObjects
from sentigrade.store.opening import open_store
from sentigrade.store.publishing import Wish, publish
from sentigrade.trust import open_private_key, sign
from tests.keys import public_key_of, write_private_key

MODULE = "smuggled_module"
EVIL = f"c{MODULE}\nrun\n(tR.".encode()


class Evil:
    """The attacker's module, and the mark that its import leaves."""

    def __init__(self, folder: Path) -> None:
        self._mark = folder / "mark"
        (folder / f"{MODULE}.py").write_text(
            f"import pathlib\npathlib.Path({str(self._mark)!r}).touch()\ndef run(): return None\n"
        )

    def has_run(self) -> bool:
        """Whether the module was imported since the last time that this was asked."""
        ran = self._mark.exists() or MODULE in sys.modules
        self._mark.unlink(missing_ok=True)
        sys.modules.pop(MODULE, None)
        return ran


class Publisher(NamedTuple):
    """Published versions in a folder on their way into a store: an attacker who may write there changes them."""

    root: Path
    private_key: Path

    def version(self, number: int) -> Path:
        return self.root / "sentiment" / str(number)


@pytest.fixture
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evil:
    (tmp_path / "modules").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "modules")
    return Evil(tmp_path / "modules")


@pytest.fixture(scope="module")
def untouched(small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    """Two published and signed versions, the first of them promoted."""
    folder = tmp_path_factory.mktemp("publisher")
    private_key = write_private_key(folder / "private.pem")
    for _ in range(2):
        publish(LocalObjects(folder / "store"), small_store / "sentiment" / "1", Wish(sign_with=private_key))
    return Publisher(folder / "store", private_key)


@pytest.fixture
def publisher(untouched: Publisher, tmp_path: Path) -> Publisher:
    """The same, to be tampered with."""
    return Publisher(shutil.copytree(untouched.root, tmp_path / "published"), untouched.private_key)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def vouch_for(folder: Path, name: str, content: bytes) -> None:
    """Make the manifest say what an attacker wants it to say."""
    entry = {"role": "model", "sha256": digest_of(content), "bytes": len(content)}
    rewrite(folder, lambda manifest: manifest.update(files={name: entry}))


def only_vouched_for(folder: Path, content: bytes) -> None:
    for file in [*folder.iterdir()]:
        if file.name not in ("manifest.json", "manifest.json.sig", ".claim"):
            file.unlink()
    (folder / "model.joblib").write_bytes(content)
    vouch_for(folder, "model.joblib", content)


def change_bytes(publisher: Publisher) -> None:
    path = publisher.version(1) / "model.joblib"
    path.write_bytes(EVIL + path.read_bytes()[len(EVIL) :])


def swap_file(publisher: Publisher) -> None:
    (publisher.version(1) / "model.joblib").write_bytes(EVIL)


def swap_manifest(publisher: Publisher) -> None:
    only_vouched_for(publisher.version(1), EVIL)


def add_file(publisher: Publisher) -> None:
    (publisher.version(1) / "extra.joblib").write_bytes(EVIL)


def add_folder(publisher: Publisher) -> None:
    (publisher.version(1) / "inner").mkdir()
    (publisher.version(1) / "inner" / "model.joblib").write_bytes(EVIL)


def link_out(publisher: Publisher) -> None:
    (publisher.root / "evil.joblib").write_bytes(EVIL)
    path = publisher.version(1) / "model.joblib"
    path.unlink()
    path.symlink_to(publisher.root / "evil.joblib")
    vouch_for(publisher.version(1), "model.joblib", EVIL)


def point_out(publisher: Publisher) -> None:
    (publisher.root / "sentiment" / "evil.joblib").write_bytes(EVIL)
    vouch_for(publisher.version(1), "../evil.joblib", EVIL)


def replay(publisher: Publisher) -> None:
    """Put the (evil) second version under the first one's number, signature and all."""
    only_vouched_for(publisher.version(2), EVIL)
    for file in [*publisher.version(1).iterdir()]:
        file.unlink()
    for file in publisher.version(2).iterdir():
        (publisher.version(1) / file.name).write_bytes(file.read_bytes())


def sign_with_another_key(publisher: Publisher) -> None:
    only_vouched_for(publisher.version(1), EVIL)
    raw = (publisher.version(1) / "manifest.json").read_bytes()
    (publisher.version(1) / "manifest.json.sig").write_bytes(sign(raw, Ed25519PrivateKey.generate()))


def sign_nothing(publisher: Publisher) -> None:
    only_vouched_for(publisher.version(1), EVIL)
    (publisher.version(1) / "manifest.json.sig").unlink()


def smuggle_class(publisher: Publisher) -> None:
    """Let the publisher's own manifest vouch for the pickle, and sign it: he was deceived."""
    only_vouched_for(publisher.version(1), EVIL)
    raw = (publisher.version(1) / "manifest.json").read_bytes()
    (publisher.version(1) / "manifest.json.sig").write_bytes(sign(raw, open_private_key(publisher.private_key)))


Tamper = Callable[[Publisher], None]

# How it is done, and why it is refused by who believes the store, asks for a signature, or has pinned the digest.
NOT_DESCRIBED = "not the file that the manifest describes"
CASES: dict[str, tuple[Tamper, str, str, str]] = {
    "a changed byte": (change_bytes, NOT_DESCRIBED, NOT_DESCRIBED, NOT_DESCRIBED),
    "a swapped file": (swap_file, NOT_DESCRIBED, NOT_DESCRIBED, NOT_DESCRIBED),
    "a swapped manifest": (swap_manifest, MODULE, "signature was not made with the key", "as pinned"),
    "an extra file": (add_file, "extra.joblib, which its manifest does not list", "does not list", "does not list"),
    "an extra folder": (add_folder, "which its manifest does not list", "does not list", "does not list"),
    "a link out of the folder": (link_out, "is a link|does not list|not the file", "signature was not", "as pinned"),
    "a path in the manifest": (point_out, "manifest.json is not valid", "is not valid", "is not valid"),
    "a replayed version": (replay, "holds sentiment@2: a model folder cannot be moved", "cannot be", "cannot be"),
    "another's signature": (sign_with_another_key, MODULE, "signature was not made with the key", "as pinned"),
    "no signature": (sign_nothing, MODULE, "is not signed", "as pinned"),
    "a smuggled class": (smuggle_class, MODULE, MODULE, "as pinned"),
}


def into_store(publisher: Publisher, address: str) -> None:
    """Put everything where it is served from, links resolved as an upload does."""
    store = open_store(address)
    for path in sorted(publisher.root.rglob("*")):
        if path.is_file() or path.is_symlink():
            key = path.relative_to(publisher.root).as_posix()
            if isinstance(store, LocalObjects) and path.is_symlink():
                (store.root / key).symlink_to(path.readlink())
            else:
                store.upload(key, path, lambda _: None)


@pytest.mark.parametrize("trust", ["the store", "a signature", "a pinned digest"])
@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_and_leaves_no_mark(  # noqa: PLR0917 - two choices and four fixtures
    case: str, trust: str, evil: Evil, publisher: Publisher, settings: Settings, tmp_path: Path
) -> None:
    pinned = digest_of((publisher.version(1) / "manifest.json").read_bytes())
    tamper, *reasons = CASES[case]
    tamper(publisher)
    into_store(publisher, settings.store)

    (tmp_path / "evil.pkl").write_bytes(EVIL)
    joblib.load(tmp_path / "evil.pkl")
    assert evil.has_run()  # loaded plainly, it does its work

    reference, reason = "sentiment", reasons[0]
    if trust == "a signature":
        settings, reason = replace(settings, public_key=public_key_of(publisher.private_key)), reasons[1]
    elif trust == "a pinned digest":
        reference, reason = f"sentiment@1#sha256:{pinned}", reasons[2]
    with pytest.raises(ModelFolderError, match=reason):
        open_model(reference, settings)
    assert not evil.has_run()


@pytest.mark.parametrize("trust", ["the store", "a signature", "a pinned digest"])
def test_what_nobody_touched_is_opened(trust: str, publisher: Publisher, settings: Settings) -> None:
    into_store(publisher, settings.store)
    reference = "sentiment"
    if trust == "a signature":
        settings = replace(settings, public_key=public_key_of(publisher.private_key))
    elif trust == "a pinned digest":
        reference = f"sentiment@1#sha256:{digest_of((publisher.version(1) / 'manifest.json').read_bytes())}"
    assert open_model(reference, settings).manifest.reference == "sentiment@1"


def test_a_promotion_that_was_taken_back_is_refused_by_a_pin_alone(publisher: Publisher, settings: Settings) -> None:
    pinned = digest_of((publisher.version(2) / "manifest.json").read_bytes())
    into_store(publisher, settings.store)  # `promoted` says 1 again
    signed = replace(settings, public_key=public_key_of(publisher.private_key))
    assert open_model("sentiment", signed).manifest.version == 1
    with pytest.raises(ModelFolderError, match="as pinned"):
        open_model(f"sentiment#sha256:{pinned}", settings)
