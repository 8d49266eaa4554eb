"""The lock files of the peers' environments."""

import re

import pytest

from bench.peers.roster import PEERS
from tests.live import REPOSITORY

FOLDER = REPOSITORY / "bench" / "peers"
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    return dict(PIN.findall(text))


@pytest.mark.parametrize("peer", PEERS)
def test_every_package_of_a_peer_is_pinned_with_hashes(peer: str) -> None:
    requirements = re.split(r"\n(?=[a-z])", (FOLDER / f"{peer}.txt").read_text())
    assert all(PIN.match(requirement) and "--hash=sha256:" in requirement for requirement in requirements)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peers_lock_file_names_no_host(peer: str) -> None:
    text = (FOLDER / f"{peer}.txt").read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_has_the_version_that_its_input_names(peer: str) -> None:
    locked = pins((FOLDER / f"{peer}.txt").read_text())
    assert locked[peer] == pins((FOLDER / f"{peer}.in").read_text())[peer]


@pytest.mark.parametrize("peer", PEERS)
def test_what_scores_is_the_same_in_every_environment(peer: str) -> None:
    ours = pins((REPOSITORY / "requirements" / "core.txt").read_text())
    theirs = pins((FOLDER / f"{peer}.txt").read_text())
    shared = ours.keys() & theirs.keys()
    assert {"joblib", "msgspec", "numpy", "spacy"} <= shared
    assert {name: theirs[name] for name in shared} == {name: ours[name] for name in shared}
