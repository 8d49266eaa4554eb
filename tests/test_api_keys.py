"""The file of keys: what is written into it, what is read from it, and what it must not become."""

import fcntl
import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest

from sentigrade.api_keys import add_key, name_of, read_keys, remove_key
from sentigrade.errors import SettingError

HASH = sha256(b"sg_a").hexdigest()
# A key in a line of its own, as a hurried operator may write it.
SECRET = "sg_" + "Zq" * 21


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_new_key_is_random_and_only_its_hash_is_in_the_file(file: Path) -> None:
    key = add_key(file, "alice")
    assert re.fullmatch(r"sg_[A-Za-z0-9_-]{43}", key)
    assert file.read_text() == f"alice sha256:{sha256(key.encode()).hexdigest()}\n"
    assert add_key(file, "bob") != key


def test_each_key_is_known_by_its_name_and_no_other_is(file: Path) -> None:
    keys = {name: add_key(file, name) for name in ("alice", "bob", "c.d-e_9")}
    digests = read_keys(file)
    assert {name: name_of(key, digests) for name, key in keys.items()} == {name: name for name in keys}
    for key in ("", "alice", keys["alice"][:-1], keys["alice"] + "=", keys["alice"].upper(), digests["bob"].hex(), "ÿ"):
        assert name_of(key, digests) is None


def test_a_removed_key_is_gone_and_the_others_and_the_comments_stay(file: Path) -> None:
    file.write_text("# of the team: alice\n\n")
    add_key(file, "alice")
    key = add_key(file, "alice2")
    remove_key(file, "alice")
    assert read_keys(file).keys() == {"alice2"}
    assert name_of(key, read_keys(file)) == "alice2"
    assert file.read_text().startswith("# of the team: alice\n\nalice2 ")


def test_the_file_stays_the_same_one_so_that_a_container_sees_the_change(file: Path) -> None:
    add_key(file, "alice")
    inode = file.stat().st_ino
    add_key(file, "bob")
    remove_key(file, "alice")
    assert file.stat().st_ino == inode
    assert not file.read_bytes().endswith(b"\n\n")


def test_a_line_without_an_end_is_ended_before_the_next_one(file: Path) -> None:
    file.write_text(f"alice sha256:{HASH}")
    add_key(file, "bob")
    assert read_keys(file).keys() == {"alice", "bob"}


def test_keys_that_are_added_at_the_same_time_are_all_there(file: Path) -> None:
    names = [f"caller-{number}" for number in range(20)]
    with ThreadPoolExecutor(4) as operators:
        keys = dict(zip(names, operators.map(partial(add_key, file), names), strict=True))
    assert {name_of(key, read_keys(file)) for key in keys.values()} == set(names)


def test_whoever_reads_while_it_is_written_reads_whole_lines(file: Path) -> None:
    add_key(file, "stays")

    def come_and_go() -> None:
        for number in range(200):
            add_key(file, f"caller-{number}")
            remove_key(file, f"caller-{number}")

    with ThreadPoolExecutor(1) as operator:
        changing = operator.submit(come_and_go)
        while not changing.done():
            assert "stays" in read_keys(file)
        changing.result()


def test_whoever_reads_waits_until_a_line_is_written_to_its_end(file: Path) -> None:
    add_key(file, "alice")
    content = file.read_bytes()
    with ThreadPoolExecutor(1) as reader, file.open("r+b", buffering=0) as operator:
        fcntl.flock(operator, fcntl.LOCK_EX)
        operator.write(b"\n" * 20)
        reading = reader.submit(read_keys, file)
        with pytest.raises(TimeoutError):
            reading.result(0.2)
        os.pwrite(operator.fileno(), content, 0)
        fcntl.flock(operator, fcntl.LOCK_UN)
        assert reading.result().keys() == {"alice"}


def test_a_key_for_which_there_is_not_enough_room_is_refused_and_the_others_stay(file: Path) -> None:
    add_key(file, "alice")
    content = file.read_bytes()
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (len(content) + 20, before[1]))  # of a longer file the kernel writes the beginning
    try:
        with pytest.raises(SettingError, match="keys cannot be used \\(No space left on device\\)"):
            add_key(file, "bob")
    finally:
        setrlimit(RLIMIT_FSIZE, before)
    assert file.read_bytes() == content


@pytest.mark.parametrize("name", ["", "Alice", "two words", "-a", ".a", "a" * 65, "a\n", "ä", "a:b"])
def test_a_name_that_would_not_be_read_again_is_refused(file: Path, name: str) -> None:
    with pytest.raises(SettingError, match="1 to 64 of a-z"):
        add_key(file, name)
    assert not file.exists()


def test_a_name_is_given_once(file: Path) -> None:
    add_key(file, "alice")
    with pytest.raises(SettingError, match="has a key named alice already"):
        add_key(file, "alice")


def test_what_is_not_there_cannot_be_removed(file: Path) -> None:
    add_key(file, "alice")
    with pytest.raises(SettingError, match="no key of this name; `sentigrade key list`"):
        remove_key(file, "bob")


def test_the_last_key_stays_since_a_service_would_go_on_with_it(file: Path) -> None:
    add_key(file, "alice")
    with pytest.raises(SettingError, match="no other key; add another one first"):
        remove_key(file, "alice")
    assert read_keys(file).keys() == {"alice"}


@pytest.mark.parametrize(
    "line",
    [
        SECRET,
        f"alice {SECRET}",
        f"alice sha256:{SECRET}",
        f"alice sha256:{HASH} {SECRET}",
        f"alice: sha256:{HASH} {SECRET}",
        f"alice sha256:{HASH.upper()}{SECRET}",
        f"{SECRET} sha256:{HASH}",
        f"ä{SECRET}",
    ],
)
def test_a_line_that_is_no_hash_is_named_by_its_number_and_never_quoted(file: Path, line: str) -> None:
    content = f"# A comment.\n\nbob sha256:{HASH}\n{line}\n"
    file.write_text(content)
    for use in (read_keys, lambda path: add_key(path, "carol"), lambda path: remove_key(path, "bob")):
        with pytest.raises(
            SettingError, match=r"keys, line 4 is not NAME sha256:HEXDIGEST; let `sentigrade key add`"
        ) as it:
            use(file)
        assert "Zq" not in str(it.value)
    assert file.read_text() == content


def test_a_name_that_stands_twice_is_refused(file: Path) -> None:
    file.write_text(f"a sha256:{HASH}\na sha256:{HASH}\n")
    with pytest.raises(SettingError, match="line 2: this name stands in an earlier line"):
        read_keys(file)


@pytest.mark.parametrize("content", ["", "\n\n", "# Nobody yet.\n"])
def test_a_file_without_a_key_is_refused(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(SettingError, match="holds no key; `sentigrade key add` makes one"):
        read_keys(file)


def test_a_file_that_is_not_one_of_keys_is_not_read_to_its_end(file: Path) -> None:
    with file.open("wb") as huge:
        huge.truncate(10 * 1024**3)
    with pytest.raises(SettingError, match="larger than 1 MiB"):
        read_keys(file)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"nowhere cannot be used \(No such file or directory\)"):
        read_keys(tmp_path / "nowhere")
    with pytest.raises(SettingError, match="Is a directory"):
        read_keys(tmp_path)
    with pytest.raises(SettingError, match="No such file"):
        remove_key(tmp_path / "nowhere", "alice")
    with pytest.raises(SettingError, match="No such file"):
        add_key(tmp_path / "nowhere" / "keys", "alice")


def test_a_file_that_may_not_be_read_is_named(file: Path) -> None:
    add_key(file, "alice")
    file.chmod(0)
    me = os.geteuid()
    os.seteuid(me or 65_534)  # root may read everything
    try:
        with pytest.raises(SettingError, match="Permission denied"):
            read_keys(file)
    finally:
        os.seteuid(me)
