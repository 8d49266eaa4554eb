"""Servers in one folder: who is found at the public names, whoever comes, goes and dies."""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from sentigrade.errors import SettingError
from sentigrade.settings import Settings
from sentigrade.web.addresses import Addresses

PUBLIC = ("web.sock", "rows.sock")
Start = Callable[[], "Server"]


class Server:
    """What gunicorn does with the addresses, in this process."""

    def __init__(self, folder: Path) -> None:
        self.addresses = Addresses(Settings(bind=f"unix:{folder}/web.sock"))
        self.names = [Path(own.removeprefix("unix:")) for own in self.addresses.own]
        self._sockets = [socket.socket(socket.AF_UNIX) for _ in self.names]
        with self.addresses.opening():
            for listening, name in zip(self._sockets, self.names, strict=True):
                listening.bind(str(name))
                listening.listen()
        self.tick()

    def tick(self, *, ready: bool = False) -> None:
        self.addresses.manage(ready=ready)

    def die(self) -> None:
        """End without a last word."""
        for listening in self._sockets:
            listening.close()

    def stop(self) -> None:
        self.addresses.leave()
        self.die()
        for name in self.names:
            name.unlink()

    def is_found(self) -> bool:
        """Whether whoever connects to the public names comes here; nobody else must be found at one of them."""
        self.callers()
        for name in PUBLIC:
            with socket.socket(socket.AF_UNIX) as caller:
                caller.connect(str(self.names[0].with_name(name)))
        found = self.callers()
        assert found in ([0, 0], [1, 1])
        return found == [1, 1]

    def callers(self) -> list[int]:
        """How many have connected to each socket since the last look."""
        return [sum(1 for _ in iter(partial(accepted, listening), None)) for listening in self._sockets]


def accepted(listening: socket.socket) -> bool | None:
    listening.setblocking(False)
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return None
    return True


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    servers: list[Server] = []

    def start() -> Server:
        servers.append(Server(tmp_path))
        return servers[-1]

    yield start
    for server in servers:
        server.die()


def test_the_first_server_is_found_before_it_is_ready(start: Start) -> None:
    assert start().is_found()


def test_one_that_is_not_ready_takes_nothing_over(start: Start) -> None:
    old, new = start(), start()
    new.tick()
    assert not new.is_found()
    new.tick(ready=True)
    assert new.is_found()
    assert not old.is_found()


def test_whoever_looks_costs_the_other_server_no_connection(start: Start) -> None:
    old = start()
    new = start()
    new.tick()
    assert old.callers() == [0, 0]


def test_a_server_that_was_replaced_does_not_come_back_when_its_workers_are_exchanged(start: Start) -> None:
    old, new = start(), start()
    old.tick(ready=True)
    new.tick(ready=True)
    old.tick()
    old.tick(ready=True)
    assert new.is_found()


def test_a_server_that_was_replaced_comes_back_when_its_successor_dies(start: Start) -> None:
    old, new = start(), start()
    new.tick(ready=True)
    new.die()
    old.tick()
    assert old.is_found()


def test_one_that_waits_takes_the_place_of_one_that_has_gone(start: Start) -> None:
    old, new = start(), start()
    old.stop()
    new.tick()
    assert new.is_found()


def test_a_server_that_stops_leaves_the_names_to_its_successor_and_no_trace(start: Start, tmp_path: Path) -> None:
    old, new = start(), start()
    new.tick(ready=True)
    old.stop()
    assert new.is_found()
    new.stop()
    assert list(tmp_path.iterdir()) == []


def test_one_that_stops_before_it_is_ready_leaves_the_other_alone(start: Start, tmp_path: Path) -> None:
    old, new = start(), start()
    new.stop()
    assert old.is_found()
    assert {path.name for path in tmp_path.iterdir()} == {*PUBLIC, *(name.name for name in old.names)}


def test_names_of_dead_servers_go_and_those_of_the_living_stay(start: Start, tmp_path: Path) -> None:
    dead, living = start(), start()
    dead.die()
    (tmp_path / ".profile").touch()
    (tmp_path / ".0123abcd").touch()  # no socket
    new = start()
    names = {path.name for path in tmp_path.iterdir()}
    assert names.isdisjoint(name.name for name in dead.names)
    assert names.issuperset(name.name for name in living.names + new.names)
    assert {".profile", ".0123abcd"} <= names


def test_a_server_whose_folder_is_cleared_away_goes_on(start: Start, tmp_path: Path) -> None:
    server = start()
    for path in tmp_path.iterdir():
        path.unlink()
    server.tick()
    tmp_path.rmdir()
    server.tick()
    server.addresses.leave()


def test_a_name_that_is_removed_comes_back(start: Start, tmp_path: Path) -> None:
    server = start()
    (tmp_path / "web.sock").unlink()
    server.tick()
    assert server.is_found()


def test_a_server_that_has_one_name_already_takes_the_other_and_can_come_back(start: Start, tmp_path: Path) -> None:
    start()
    server = start()
    (tmp_path / "web.sock").unlink()
    server.tick()
    server.tick(ready=True)
    assert not list(tmp_path.glob("*.link"))
    successor = start()
    successor.tick(ready=True)
    successor.die()
    server.tick()
    assert server.is_found()


def test_a_file_in_the_place_of_a_socket_is_kept_and_named(tmp_path: Path) -> None:
    (tmp_path / "web.sock").write_text("letters")
    with pytest.raises(SettingError, match=r"SENTIGRADE_BIND: .*web\.sock is there and is no socket"):
        Addresses(Settings(bind=f"unix:{tmp_path}/web.sock"))
    assert (tmp_path / "web.sock").read_text() == "letters"


@pytest.mark.parametrize("folder", ["file", "file/folder"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingError, match=rf"SENTIGRADE_BIND: {tmp_path}/{folder} cannot be used \("):
        Addresses(Settings(bind=f"unix:{tmp_path}/{folder}/web.sock"))


def test_a_folder_of_somebody_else_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    own = os.geteuid()
    if own == 0:
        os.seteuid(65534)  # root may write anywhere
    try:
        with pytest.raises(SettingError, match=rf"SENTIGRADE_BIND: {tmp_path} cannot be used \(Permission denied\)"):
            Addresses(Settings(bind=f"unix:{tmp_path}/web.sock"))
    finally:
        os.seteuid(own)
        tmp_path.chmod(0o700)


def test_the_address_for_rows_is_no_address_for_everything_else(tmp_path: Path) -> None:
    for path in (tmp_path / "rows.sock", f"{tmp_path}//rows.sock"):
        with pytest.raises(SettingError, match=r"SENTIGRADE_BIND: .*rows\.sock is the address for rows"):
            Addresses(Settings(bind=f"unix:{path}"))


def test_own_names_are_no_longer_than_the_longest_public_one(tmp_path: Path) -> None:
    addresses = Addresses(Settings(bind=f"unix:{tmp_path}/web.sock"))
    assert max(map(len, addresses.own)) <= len(os.fspath(f"unix:{tmp_path}/rows.sock"))


def test_a_host_and_port_are_listened_at_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    addresses = Addresses(Settings(bind="127.0.0.1:8000"))
    with caplog.at_level(logging.INFO), addresses.opening():
        addresses.manage(ready=True)
        addresses.leave()
    assert addresses.own == ["127.0.0.1:8000", "127.0.0.1:8001"]
    assert caplog.records == []
