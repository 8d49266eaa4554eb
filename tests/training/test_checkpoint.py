"""What a killed training finds again, and what it does when that is damaged."""

import math
import pickle
import random
import resource
from io import BytesIO
from pathlib import Path

import pytest
import torch

from sentigrade.errors import DataError
from sentigrade.training.checkpoint import Checkpoint, remove_checkpoints

pytestmark = pytest.mark.torch

STATE = {"network": {"weight": torch.arange(600.0)}, "progress": {"least": math.inf, "step": 3}}


def same(state: object) -> bool:
    match state:
        case {"network": {"weight": weight}, "progress": {"least": math.inf, "step": 3}}:
            return bool(torch.equal(weight, STATE["network"]["weight"]))
    return False


def test_what_was_written_last_is_read_back(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "new" / "folder", "one")
    assert checkpoint.read() is None
    checkpoint.write({"progress": {}})
    checkpoint.write(STATE)
    assert same(checkpoint.read())


def test_no_other_training_goes_on_from_it(tmp_path: Path) -> None:
    Checkpoint(tmp_path, "one").write(STATE)
    assert Checkpoint(tmp_path, "other").read() is None


def test_the_next_is_due_after_a_while(tmp_path: Path) -> None:
    assert not Checkpoint(tmp_path, "one").due()
    always = Checkpoint(tmp_path, "one", seconds=0)
    always.write(STATE)
    assert always.due()


def test_a_damaged_file_is_refused_wherever_it_is_damaged(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "one")
    checkpoint.write(STATE)
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    chance = random.Random(1)  # noqa: S311 - nothing is kept secret by it
    places = chance.sample(range(len(content)), 150)
    flipped = [content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :] for place in places]
    refused = 0
    for damaged in (b"", b"no checkpoint", *(content[:place] for place in places), *flipped):
        file.write_bytes(damaged)
        try:
            assert same(checkpoint.read())
        except DataError as error:
            refused += 1
            assert f"{file} cannot be read: remove it, to begin again" in str(error)  # noqa: PT017 - some are whole
    assert refused > 200


class Harm:
    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path("harmed"),)


def test_nothing_in_a_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    checkpoint = Checkpoint(tmp_path, "one")
    as_torch_writes = BytesIO()
    torch.save({"network": Harm()}, as_torch_writes)
    for content in (as_torch_writes.getvalue(), pickle.dumps(Harm())):
        (tmp_path / "one.checkpoint").write_bytes(content)
        with pytest.raises(DataError, match="cannot be read"):
            checkpoint.read()
    assert not Path("harmed").exists()


def test_where_there_is_no_room_the_last_one_stays(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "one")
    checkpoint.write(STATE)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(DataError, match="one.checkpoint cannot be written: is there room for it"):
            checkpoint.write({"network": torch.zeros(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [file.name for file in tmp_path.iterdir()] == ["one.checkpoint"]
    assert same(checkpoint.read())


def test_a_folder_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="no checkpoints can be kept in .*file: "):
        Checkpoint(tmp_path / "file", "one")


def test_what_ended_trainings_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    for name in ("one", "other"):
        Checkpoint(tmp_path, name).write(STATE)
    remove_checkpoints(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]
