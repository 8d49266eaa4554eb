"""Publishing: every version is somebody's own, and none is seen before it is whole."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sentigrade.errors import ModelFolderError, StoreError
from sentigrade.manifest import digest_of
from sentigrade.model_folder import read_manifest, verify_files
from sentigrade.settings import Settings
from sentigrade.store.catalogue import promoted, read_published, versions
from sentigrade.store.finding import find, open_model
from sentigrade.store.objects import Objects
from sentigrade.store.opening import open_store
from sentigrade.store.publishing import Wish, claim, publish

# For each line that it reads it starts a process that publishes without end, and says which.
PUBLISHERS = """
import os, sys
from pathlib import Path
from sentigrade.store.opening import open_store
from sentigrade.store.publishing import publish
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        objects = open_store(sys.argv[1])
        while True:
            publish(objects, Path(sys.argv[2]))
    print(child, flush=True)
    os.waitpid(child, 0)
"""


def test_versions_are_numbered_from_one_and_the_first_is_promoted(objects: Objects, model_folder: Path) -> None:
    publications = [publish(objects, model_folder) for _ in range(3)]
    assert [(made.name, made.version, made.promoted) for made in publications] == [
        ("sentiment", 1, True),
        ("sentiment", 2, False),
        ("sentiment", 3, False),
    ]
    assert versions(objects, "sentiment") == [1, 2, 3]
    assert promoted(objects, "sentiment") == 1


def test_what_was_published_opens_as_the_version_it_became(settings: Settings, model_folder: Path) -> None:
    objects = open_store(settings.store)
    publish(objects, model_folder)
    made = publish(objects, model_folder)
    model = open_model("sentiment@2", settings)
    assert model.identity == made.identity
    assert (model.manifest.version, model.digest) == (2, made.digest)


def test_another_name_is_another_model(objects: Objects, model_folder: Path) -> None:
    publish(objects, model_folder)
    assert publish(objects, model_folder, Wish(name="reviews"))[:2] == ("reviews", 1)
    assert read_published(objects, "reviews", 1).manifest.name == "reviews"


@pytest.mark.parametrize("name", ["Reviews", "../reviews", "", "a/b", "-a"])
def test_a_name_that_is_none_is_refused(objects: Objects, model_folder: Path, name: str) -> None:
    if name == "":
        name = " "
    with pytest.raises(StoreError, match="not a name for a model"):
        publish(objects, model_folder, Wish(name=name))
    assert list(objects.list("")) == []


def test_a_copy_that_keeps_name_and_version_keeps_its_digest(objects: Objects, model_folder: Path) -> None:
    made = publish(objects, model_folder, Wish(version=1))
    assert made.digest == digest_of((model_folder / "manifest.json").read_bytes())


def test_a_wished_version_that_is_taken_is_refused(objects: Objects, model_folder: Path) -> None:
    publish(objects, model_folder, Wish(version=7))
    with pytest.raises(StoreError, match="sentiment@7 is taken"):
        publish(objects, model_folder, Wish(version=7))
    assert publish(objects, model_folder).version == 8


def test_a_version_has_nine_digits_at_most(objects: Objects, model_folder: Path) -> None:
    assert publish(objects, model_folder, Wish(version=999_999_999)).promoted
    with pytest.raises(StoreError, match="no version is left"):
        publish(objects, model_folder)


def test_a_folder_that_is_not_sound_is_not_published(objects: Objects, model_folder: Path) -> None:
    (model_folder / "model.joblib").write_bytes(b"other")
    with pytest.raises(ModelFolderError, match="not the file that the manifest describes"):
        publish(objects, model_folder)
    assert list(objects.list("")) == []


def test_twenty_publishers_at_once_get_twenty_versions(address: str, model_folder: Path, settings: Settings) -> None:
    with ThreadPoolExecutor(20) as publishers:
        made = list(publishers.map(lambda _: publish(open_store(address), model_folder), range(20)))
    assert sorted(publication.version for publication in made) == [*range(1, 21)]
    assert sum(publication.promoted for publication in made) == 1
    for publication in made:
        assert read_manifest(*find(publication.identity, settings)[:2])[1] == publication.digest


def test_a_claim_is_not_a_version(objects: Objects, model_folder: Path) -> None:
    assert claim(objects, "sentiment") == 1
    assert versions(objects, "sentiment") == []
    assert publish(objects, model_folder).version == 2


def test_a_publisher_killed_at_any_moment_leaves_no_half_version(
    address: str, model_folder: Path, settings: Settings
) -> None:
    seed = time.time_ns()
    print(f"seed {seed}")
    moments = random.Random(seed)  # noqa: S311 - not a secret
    command = [sys.executable, "-c", PUBLISHERS, address, str(model_folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as publishers:
        assert publishers.stdin
        assert publishers.stdout
        for _ in range(8):
            publishers.stdin.write("\n")
            publishers.stdin.flush()
            victim = int(publishers.stdout.readline())
            time.sleep(moments.uniform(0.05, 0.5))
            os.kill(victim, signal.SIGKILL)
        publishers.stdin.close()
    objects = open_store(address)
    undisturbed = publish(objects, model_folder).version
    visible = versions(objects, "sentiment")
    assert visible[-1] == undisturbed
    for version in visible:
        found = find(f"sentiment@{version}", settings)
        verify_files(found.folder, read_manifest(found.folder, found.trust)[0])


def test_a_dead_publisher_s_number_is_not_given_again(objects: Objects, model_folder: Path) -> None:
    objects.write("sentiment/4/.claim", b"", over=None)
    objects.upload("sentiment/4/model.joblib", model_folder / "model.joblib", lambda _: None)
    made = publish(objects, model_folder)
    assert made.version == 5
    assert json.loads(read_published(objects, "sentiment", 5).raw)["version"] == 5
