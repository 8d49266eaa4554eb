from pathlib import Path
from threading import Barrier, Thread

import pytest

from sentigrade.errors import ModelLoadedAlready, UnknownModel
from sentigrade.web.multi_model.register import Entry, Register, key_of


def entry(name: str, digest: str = "0" * 64) -> Entry:
    return Entry(name=name, url=f"/opt/ml/models/{name}", folder=f"/opt/ml/models/{name}/1", digest=digest)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "loaded")


@pytest.mark.parametrize("name", ["reviews", "a/b/../c", "..", "día", "a" * 1024])
def test_what_was_added_is_found_by_every_process(register: Register, tmp_path: Path, name: str) -> None:
    register.add(entry(name))
    other = Register(tmp_path / "loaded")
    assert other.find(name) == entry(name)
    assert other.keys() == {key_of(name)}


def test_entries_come_by_name(register: Register) -> None:
    for name in ("c", "a", "b"):
        register.add(entry(name))
    assert [found.name for found in register.entries()] == ["a", "b", "c"]


def test_a_name_is_taken_until_it_is_removed(register: Register) -> None:
    register.require_free("reviews")
    register.add(entry("reviews"))
    with pytest.raises(ModelLoadedAlready):
        register.require_free("reviews")
    with pytest.raises(ModelLoadedAlready):
        register.add(entry("reviews", digest="1" * 64))
    register.remove("reviews")
    register.add(entry("reviews", digest="1" * 64))
    assert register.find("reviews").digest == "1" * 64


def test_of_many_who_add_at_once_one_succeeds(register: Register) -> None:
    start, refused = Barrier(8), []

    def add(number: int) -> None:
        start.wait()
        try:
            register.add(entry("reviews", digest=f"{number:064}"))
        except ModelLoadedAlready:
            refused.append(number)

    threads = [Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (added,) = set(range(8)) - set(refused)
    assert register.find("reviews").digest == f"{added:064}"


def test_an_entry_is_seen_whole_or_not_at_all(register: Register) -> None:
    def add() -> None:
        for number in range(500):
            register.add(entry(str(number)))

    thread = Thread(target=add)
    thread.start()
    seen = 0
    while thread.is_alive():
        seen = max(seen, len(register.entries()))
    thread.join()
    assert 0 < seen <= len(register.entries()) == 500


def test_a_name_without_an_entry_is_unknown(register: Register) -> None:
    with pytest.raises(UnknownModel):
        register.find("reviews")
    with pytest.raises(UnknownModel):
        register.remove("reviews")


def test_nothing_but_entries_stays_behind(register: Register, tmp_path: Path) -> None:
    register.add(entry("reviews"))
    with pytest.raises(ModelLoadedAlready):
        register.add(entry("reviews"))
    assert [file.name for file in (tmp_path / "loaded").iterdir()] == [key_of("reviews")]


def test_what_a_killed_worker_left_half_written_is_in_nobody_s_way(register: Register, tmp_path: Path) -> None:
    (tmp_path / "loaded" / ".tmpabc").write_bytes(b'{"na')
    assert register.keys() == set()
    register.add(entry("reviews"))
    assert register.entries() == [entry("reviews")]
