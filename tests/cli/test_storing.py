"""Stores looked after on the command line."""

import json
import os
import pickle
from pathlib import Path

import pytest

from sentigrade.manifest import digest_of
from sentigrade.settings import Settings
from sentigrade.store.catalogue import promoted, versions
from sentigrade.store.finding import open_model
from sentigrade.store.local import LocalObjects
from sentigrade.store.opening import open_store
from sentigrade.store.publishing import Wish, claim, publish
from tests.cli.running import as_json, bad_model, failure, printed, refusal, sentigrade
from tests.fasttext_models import content_of, packed, train
from tests.keys import public_key_of, write_private_key
from tests.live import free_port
from tests.pipelines import fit
from tests.s3_server import S3Server

NO_DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture
def folder(small_store: Path) -> Path:
    """A model folder to publish."""
    return small_store / "sentiment" / "1"


@pytest.fixture
def store(folder: Path, tmp_path: Path) -> LocalObjects:
    """A store in a folder with sentiment@1 (promoted) and @2."""
    objects = LocalObjects(tmp_path / "store")
    for _ in range(2):
        publish(objects, folder)
    return objects


@pytest.fixture(scope="module")
def private_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_private_key(tmp_path_factory.mktemp("key") / "private.pem")


@pytest.fixture(scope="module")
def rsa_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_private_key(tmp_path_factory.mktemp("key") / "rsa.pem", algorithm="RSA")


def identity(objects: LocalObjects, version: int, name: str = "sentiment") -> str:
    """Return the reference that means a version in a folder for ever."""
    digest = digest_of((objects.root / name / str(version) / "manifest.json").read_bytes())
    return f"{name}@{version}#sha256:{digest}"


def damage(objects: LocalObjects, version: int) -> None:
    """Change a file of a version behind the back of its manifest."""
    (objects.root / "sentiment" / str(version) / "model.joblib").write_bytes(b"damaged")


def test_a_model_lives_in_s3_from_its_publishing_to_its_pruning(s3_address: str, folder: Path, tmp_path: Path) -> None:
    settings = {"SENTIGRADE_STORE": s3_address, "SENTIGRADE_CACHE": str(tmp_path / "cache")}
    first, second = (publish(open_store(s3_address), folder).identity for _ in range(2))
    made = as_json("publish", folder, **settings)
    third = made["identity"]
    assert (made["name"], made["version"], made["promoted"]) == ("sentiment", 3, False)
    assert as_json("promote", third, **settings) == {"name": "sentiment", "promoted": 3, "store": s3_address}
    assert as_json("verify", "sentiment", **settings)["identity"] == third
    assert as_json("rollback", "sentiment", **settings) == {"name": "sentiment", "promoted": 1, "store": s3_address}
    listed = [
        (f"sentiment@{it['version']}#sha256:{it['digest']}", it["promoted"]) for it in as_json("list", **settings)
    ]
    assert listed == [(first, True), (second, False), (third, False)]
    image = tmp_path / "image"
    fetched = as_json("fetch", "sentiment@2", "--into", image, **settings)
    assert fetched == {"identity": second, "store": str(image), "notice": None}
    assert as_json("prune", "sentiment", "--keep", "1", **settings) == {"versions": [2], "leftovers": []}
    assert versions(open_store(s3_address), "sentiment") == [1, 3]
    assert "has no sentiment@2; it has sentiment@1, sentiment@3" in refusal("verify", "sentiment@2", **settings)
    assert as_json("verify", "sentiment", "--store", image)["identity"] == second


class TestPublish:
    def test_says_what_the_model_is_called_now_and_how_to_promote_it(self, folder: Path, store: LocalObjects) -> None:
        result = sentigrade("publish", folder, "--store", store.address)
        made = identity(store, 3)
        assert (result.returncode, result.stdout) == (0, f"{made}\n")
        hint = "`sentigrade promote sentiment@3` makes it the one that is served"
        assert result.stderr == f"Published {made} in {store.address}; {hint}.\n"

    def test_makes_the_store_and_promotes_a_first_version(self, folder: Path, tmp_path: Path) -> None:
        result = sentigrade("publish", folder, "--store", f"file://{tmp_path}/new/store")
        made = identity(LocalObjects(tmp_path / "new" / "store"), 1)
        assert result.stdout == f"{made}\n"
        assert result.stderr == f"Published {made} in {tmp_path}/new/store; promoted.\n"

    def test_takes_another_name_and_version(self, folder: Path, store: LocalObjects) -> None:
        wish = ("--name", "reviews", "--version", "7")
        made = as_json("publish", folder, *wish, "--store", store.address)
        assert made == {
            "name": "reviews",
            "version": 7,
            "digest": made["digest"],
            "promoted": True,
            "identity": identity(store, 7, "reviews"),
            "store": store.address,
        }

    @pytest.mark.parametrize(
        ("option", "value", "reason"),
        [
            ("--version", "2", "sentiment@2 is taken in {store}: leave the version out for the next one"),
            ("--version", "1000000000", "1000000000 is too large for a version: give at most nine digits"),
            ("--name", "My Reviews", "'My Reviews' is not a name for a model: use a-z, 0-9, dots, dashes"),
        ],
    )
    def test_says_why_it_does_not_do_what_it_is_asked_for(
        self, option: str, value: str, reason: str, folder: Path, store: LocalObjects
    ) -> None:
        before = sorted(store.list(""))
        said = refusal("publish", folder, "--store", store.address, option, value)
        assert reason.format(store=store.address) in said
        assert sorted(store.list("")) == before

    def test_refuses_to_sign_with_a_key_of_another_kind(self, folder: Path, rsa_key: Path, tmp_path: Path) -> None:
        said = refusal("publish", folder, "--store", tmp_path / "store", "--sign-with", rsa_key)
        assert f"{rsa_key} is no ed25519 key: make one with `openssl genpkey -algorithm ed25519`" in said
        assert list(LocalObjects(tmp_path / "store").list("")) == []

    def test_refuses_a_folder_that_is_not_sound(self, store: LocalObjects, tmp_path: Path) -> None:
        damage(store, 1)
        unsound = store.root / "sentiment" / "1"
        assert "model.joblib is not the file that the manifest describes" in bad_model(
            "publish", unsound, "--store", store.address
        )
        (unsound / "manifest.json").unlink()
        assert "manifest.json is missing" in bad_model("publish", unsound, "--store", store.address)
        assert versions(store, "sentiment") == [2]

    def test_is_refused_to_a_reader(self, s3: S3Server, s3_address: str, folder: Path) -> None:
        said = refusal("publish", folder, "--store", s3_address, **s3.environ("reader"))
        assert "AccessDenied" in said
        assert "check the address, the AWS credentials and what their policy allows" in said


class TestAdopt:
    @pytest.fixture
    def words(self, tmp_path: Path) -> Path:
        """A pickle whose classes are words."""
        path = tmp_path / "My Words (2).pkl"
        path.write_bytes(pickle.dumps(fit(["dull film", "fine film"], ["bad", "good"])))
        return path

    @pytest.fixture
    def grades(self, tmp_path: Path) -> Path:
        """A pickle whose classes are numbers."""
        path = tmp_path / "grades.pkl"
        path.write_bytes(pickle.dumps(fit(["dull", "plain", "fine"], [1, 2, 3])))
        return path

    def test_names_the_model_after_its_file(self, words: Path, store: LocalObjects) -> None:
        result = sentigrade("adopt", words, "--store", store.address)
        made = identity(store, 1, "my-words-2")
        assert (result.returncode, result.stdout) == (0, f"{made}\n")
        assert result.stderr == f"Published {made} in {store.address}; promoted.\n"
        answer = sentigrade("predict", "--store", store.address, "--model", "my-words-2", "a fine film").stdout
        assert json.loads(answer)["label"] == "good"

    def test_takes_a_name_labels_terms_and_a_key(self, grades: Path, store: LocalObjects, private_key: Path) -> None:
        labels = ("--labels", "Poor, Fair,Good", "--ordered")
        given = ("--name", "topics", "--license", "CC0", "--sign-with", private_key)
        made = as_json("adopt", grades, *labels, *given, "--store", store.address)
        assert (made["name"], made["version"], made["promoted"]) == ("topics", 1, True)
        assert made["identity"] == identity(store, 1, "topics")
        shown = as_json("show", "topics", "--store", store.address)
        assert shown["signed"]
        assert shown["manifest"]["license"] == "CC0"
        assert [(label["name"], label["polarity"]) for label in shown["manifest"]["labels"]["items"]] == [
            ("Poor", -1),
            ("Fair", 0),
            ("Good", 1),
        ]
        said = printed("verify", "topics", "--store", store.address, SENTIGRADE_PUBLIC_KEY=public_key_of(private_key))
        assert said == f"{made['identity']} is sound and answers.\n"

    def test_takes_an_archive_of_blazingtext(self, store: LocalObjects, tmp_path: Path) -> None:
        (tmp_path / "model.tar.gz").write_bytes(packed({"model.bin": content_of(train())}))
        made = as_json("adopt", tmp_path / "model.tar.gz", "--name", "films", "--store", store.address)
        assert made["identity"] == identity(store, 1, "films")
        answer = sentigrade("predict", "--store", store.address, "--model", "films", "a fine warm film").stdout
        assert json.loads(answer)["label"] == "good"

    def test_says_what_it_needs_to_be_told(self, grades: Path, tmp_path: Path) -> None:
        into = ("--store", tmp_path / "store")
        said = bad_model("adopt", grades, *into)
        assert (
            "grades.pkl numbers its classes 1, 2, 3: name them, in this order, with `sentigrade adopt --labels`" in said
        )
        said = bad_model("adopt", grades, "--labels", "A,B,", *into)
        assert (
            "grades.pkl cannot be adopted: the label '' needs a letter or a digit; `sentigrade adopt --labels`" in said
        )
        said = refusal("adopt", grades, "--labels", "A,B,C", "--name", "../x", *into)
        assert "'../x' is not a name for a model" in said
        assert list(LocalObjects(tmp_path / "store").list("")) == []

    def test_refuses_a_pickle_of_another_class(self, tmp_path: Path) -> None:
        (tmp_path / "other.pkl").write_bytes(pickle.dumps(Path("somewhere")))
        said = bad_model("adopt", tmp_path / "other.pkl", "--store", tmp_path / "store")
        assert "Path, which is not on the list of classes a model may hold: not opened" in said
        assert list(LocalObjects(tmp_path / "store").list("")) == []


class TestList:
    def test_has_a_line_for_each_version(self, store: LocalObjects, folder: Path, private_key: Path) -> None:
        publish(store, folder, Wish(name="reviews", sign_with=private_key))
        result = sentigrade("list", "--store", store.address)
        assert result.returncode == 0
        assert result.stderr == "* promoted: the version that the bare name means\n"
        reviews, first, second = result.stdout.splitlines()
        assert reviews.startswith("* reviews@1  20")
        assert reviews.endswith(f"Z  linear  {identity(store, 1, 'reviews').partition('#')[2]}  signed")
        assert first.startswith("* sentiment@1  ")
        assert second.startswith("  sentiment@2  ")
        assert second.endswith(f"  {identity(store, 2).partition('#')[2]}")

    def test_gives_scripts_every_fact(self, store: LocalObjects, folder: Path) -> None:
        publish(store, folder, Wish(name="reviews"))
        first, second = as_json("list", "sentiment", "--store", store.address)
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert first == {
            "name": "sentiment",
            "version": 1,
            "promoted": True,
            "digest": identity(store, 1).partition("#sha256:")[2],
            "signed": False,
            "family": "linear",
            "created": manifest["created"],
            "metrics": manifest["metrics"],
        }
        assert (second["version"], second["promoted"]) == (2, False)

    def test_of_nothing_is_empty(self, store: LocalObjects, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert printed("list", "--store", tmp_path / "empty") == ""
        assert as_json("list", "topics", "--store", store.address) == []

    def test_goes_on_after_a_version_that_cannot_be_read(self, store: LocalObjects) -> None:
        (store.root / "sentiment" / "1" / "manifest.json").write_text("{")
        faulty, sound = sentigrade("list", "--store", store.address).stdout.splitlines()
        assert "sentiment/1: manifest.json is not valid" in faulty
        assert identity(store, 2).partition("#")[2] in sound
        faulty = as_json("list", "--store", store.address)[0]
        assert set(faulty) == {"name", "version", "promoted", "fault"}

    def test_says_what_is_no_name_and_no_store(self, store: LocalObjects) -> None:
        assert "'sentiment@1' is not a name for a model" in refusal("list", "sentiment@1", "--store", store.address)
        assert "store nowhere cannot be read (No such file or directory): set SENTIGRADE_STORE" in refusal(
            "list", "--store", "nowhere"
        )


class TestShow:
    def test_prints_what_the_manifest_says(self, store: LocalObjects) -> None:
        lines = printed("show", "sentiment", "--store", store.address).splitlines(keepends=True)
        assert "".join(lines[:3]) == f"identity: {identity(store, 1)}\npromoted: True\nsigned: False\n"
        assert "".join(lines[3:]) == (store.root / "sentiment" / "1" / "manifest.json").read_text()

    def test_gives_scripts_the_same(self, store: LocalObjects) -> None:
        assert as_json("show", "sentiment@2", "--store", store.address) == {
            "identity": identity(store, 2),
            "promoted": False,
            "signed": False,
            "manifest": json.loads((store.root / "sentiment" / "2" / "manifest.json").read_bytes()),
        }

    @pytest.mark.parametrize(
        ("reference", "reason"),
        [
            ("sentiment@7", "has no sentiment@7; it has sentiment@1, sentiment@2"),
            ("topics", "has no promoted version of topics; it has sentiment@1, sentiment@2: promote one, or name one"),
            ("Sentiment", "'Sentiment' is not a model: write a name such as sentiment, name@version"),
            ("./sentiment", "'./sentiment' is not in a store: write name@version"),
            (f"sentiment@2#{NO_DIGEST}", "sentiment@2 in {store} has the sha256 "),
        ],
    )
    def test_says_what_there_is_instead(self, reference: str, reason: str, store: LocalObjects) -> None:
        assert reason.format(store=store.address) in refusal("show", reference, "--store", store.address)


class TestPromoteAndRollback:
    def test_say_what_the_bare_name_means_now(self, store: LocalObjects) -> None:
        said = printed("promote", "sentiment@2", "--store", store.address)
        assert said == f"sentiment means sentiment@2 in {store.address} now.\n"
        assert promoted(store, "sentiment") == 2
        said = printed("rollback", "sentiment", "--store", store.address)
        assert said == f"sentiment means sentiment@1 in {store.address} now.\n"
        assert promoted(store, "sentiment") == 1

    def test_tell_scripts_the_same(self, store: LocalObjects) -> None:
        meant = {"name": "sentiment", "promoted": 2, "store": store.address}
        assert as_json("promote", identity(store, 2), "--store", store.address) == meant
        assert as_json("rollback", "sentiment", "--store", store.address) == {**meant, "promoted": 1}

    @pytest.mark.parametrize(
        ("command", "reference", "reason"),
        [
            ("promote", "sentiment", "sentiment names no version: write sentiment@version"),
            ("promote", f"sentiment@2#{NO_DIGEST}", "sentiment@2 in {store} has another sha256: not promoted"),
            ("promote", "sentiment@7", "store {store} has no sentiment@7; it has sentiment@1, sentiment@2"),
            ("promote", f"sentiment@7#{NO_DIGEST}", "store {store} has no sentiment@7"),
            ("promote", "Sentiment@2", "'Sentiment@2' is not a model"),
            (
                "rollback",
                "sentiment",
                "sentiment has no earlier promoted version in {store}: promote one by its number",
            ),
            ("rollback", "topics", "topics has no earlier promoted version in {store}"),
            ("rollback", "sentiment@2", "'sentiment@2' names one version: give the model's name alone"),
        ],
    )
    def test_say_why_they_leave_it_as_it_is(
        self, command: str, reference: str, reason: str, store: LocalObjects
    ) -> None:
        assert reason.format(store=store.address) in refusal(command, reference, "--store", store.address)
        assert promoted(store, "sentiment") == 1


class TestVerify:
    def test_lets_a_model_answer_and_says_which_it_is(self, store: LocalObjects, folder: Path) -> None:
        said = printed("verify", "sentiment@2", "--store", store.address)
        assert said == f"{identity(store, 2)} is sound and answers.\n"
        assert as_json("verify", folder) == {
            "identity": identity(store, 1),
            "folder": str(folder.resolve()),
            "notice": None,
        }

    def test_refuses_a_damaged_model(self, store: LocalObjects) -> None:
        damage(store, 1)
        said = bad_model("verify", "sentiment", "--store", store.address)
        assert "model.joblib is not the file that the manifest describes: fetch or train the model again" in said

    def test_asks_for_a_signature_unless_a_digest_is_pinned(
        self, store: LocalObjects, folder: Path, private_key: Path
    ) -> None:
        publish(store, folder, Wish(sign_with=private_key))
        settings = {"SENTIGRADE_STORE": store.address, "SENTIGRADE_PUBLIC_KEY": public_key_of(private_key)}
        said = bad_model("verify", "sentiment@2", **settings)
        assert "is not signed: publish it with --sign-with, pin its digest, or unset SENTIGRADE_PUBLIC_KEY" in said
        for reference in ("sentiment@3", identity(store, 2)):
            assert "is sound and answers" in printed("verify", reference, **settings)

    def test_refuses_a_setting_that_is_no_ed25519_key(self, store: LocalObjects, rsa_key: Path) -> None:
        said = refusal("verify", "sentiment", "--store", store.address, SENTIGRADE_PUBLIC_KEY=public_key_of(rsa_key))
        assert "SENTIGRADE_PUBLIC_KEY is no ed25519 key: give the line between BEGIN and END" in said

    def test_refuses_another_digest_and_another_s_signature(
        self, store: LocalObjects, folder: Path, private_key: Path, tmp_path: Path
    ) -> None:
        said = bad_model("verify", f"sentiment@1#{NO_DIGEST}", "--store", store.address)
        assert f"not {'0' * 64} as pinned: not opened" in said
        publish(store, folder, Wish(sign_with=write_private_key(tmp_path / "another.pem")))
        key = public_key_of(private_key)
        said = bad_model("verify", "sentiment@3", "--store", store.address, SENTIGRADE_PUBLIC_KEY=key)
        assert "signature was not made with the key of SENTIGRADE_PUBLIC_KEY: not opened" in said


class TestFetch:
    def test_makes_a_store_with_the_model_promoted_and_signed_as_it_was(
        self, store: LocalObjects, folder: Path, private_key: Path, tmp_path: Path
    ) -> None:
        publish(store, folder, Wish(sign_with=private_key))
        settings = {"SENTIGRADE_STORE": store.address, "SENTIGRADE_PUBLIC_KEY": public_key_of(private_key)}
        said = printed("fetch", "sentiment@3", "--into", tmp_path / "image", **settings)
        assert said == f"{identity(store, 3)} is in {tmp_path / 'image'}.\n"
        settings["SENTIGRADE_STORE"] = str(tmp_path / "image")
        assert as_json("verify", "sentiment", **settings)["identity"] == identity(store, 3)

    def test_twice_is_fetching_once(self, store: LocalObjects, tmp_path: Path) -> None:
        image = LocalObjects(tmp_path / "image")
        fetch = ("fetch", identity(store, 2), "--into", image.address, "--store", store.address)
        first, before = as_json(*fetch), sorted(image.list(""))
        assert as_json(*fetch) == first
        assert sorted(image.list("")) == before
        assert promoted(image, "sentiment") == 2

    def test_leaves_alone_what_somebody_may_still_be_copying(self, store: LocalObjects, tmp_path: Path) -> None:
        image = LocalObjects(tmp_path / "image")
        claim(image, "sentiment", 1)
        image.write("sentiment/1/model.joblib", b"half", over=None)
        said = refusal("fetch", "sentiment", "--into", image.address, "--store", store.address)
        assert "is unfinished: if nobody is copying into it, remove it and try again" in said
        assert image.read("sentiment/1/model.joblib", at_most=4)

    def test_leaves_another_model_of_the_same_number_alone(
        self, store: LocalObjects, model_folder: Path, tmp_path: Path
    ) -> None:
        manifest = (model_folder / "manifest.json").read_text()
        (model_folder / "manifest.json").write_text(manifest.replace("self-written", "another"))
        other = LocalObjects(tmp_path / "image")
        publish(other, model_folder)
        before = sorted(other.list(""))
        said = refusal("fetch", "sentiment@1", "--into", other.address, "--store", store.address)
        assert f"{other.address} holds another sentiment@1: copy into another store, or remove it" in said
        assert sorted(other.list("")) == before

    def test_copies_nothing_that_must_not_be_used(self, store: LocalObjects, private_key: Path, tmp_path: Path) -> None:
        damage(store, 2)
        settings = {"SENTIGRADE_STORE": store.address, "SENTIGRADE_PUBLIC_KEY": public_key_of(private_key)}
        into = ("--into", tmp_path / "image")
        assert "is not signed" in bad_model("fetch", "sentiment@1", *into, **settings)
        assert "not the file that the manifest describes" in bad_model("fetch", identity(store, 2), *into, **settings)
        assert "has no sentiment@7" in refusal("fetch", "sentiment@7", *into, **settings)
        assert list(LocalObjects(tmp_path / "image").list("")) == []


class TestPrune:
    def test_says_what_it_has_removed(self, store: LocalObjects, folder: Path) -> None:
        assert claim(store, "sentiment") == 3
        for _ in range(5):
            publish(store, folder)
        os.utime(store.root / "sentiment" / "3" / ".claim", (0, 0))
        said = printed("prune", "sentiment", "--store", store.address)
        assert said == "removed sentiment@2\nremoved what a dead publisher left of sentiment@3\n"
        assert as_json("prune", "sentiment", "--store", store.address) == {"versions": [], "leftovers": []}
        assert versions(store, "sentiment") == [1, 4, 5, 6, 7, 8]

    def test_takes_a_name_and_no_version(self, store: LocalObjects) -> None:
        said = refusal("prune", "sentiment@2", "--keep", "1", "--store", store.address)
        assert "'sentiment@2' names one version: give the model's name alone" in said
        assert "'Sentiment' is not a model" in refusal("prune", "Sentiment", "--store", store.address)
        assert "store nowhere cannot be read" in refusal("prune", "sentiment", "--store", "nowhere")
        assert versions(store, "sentiment") == [1, 2]


class TestAStoreThatIsAway:
    """Nobody listens where the S3 server should be."""

    @pytest.fixture
    def away(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{free_port()}"}

    @pytest.mark.parametrize("command", [("list",), ("publish", "{folder}")])
    def test_is_a_failure_that_may_pass(
        self, command: tuple[str, ...], away: dict[str, str], s3_address: str, folder: Path, tmp_path: Path
    ) -> None:
        settings = {"SENTIGRADE_STORE": s3_address, "SENTIGRADE_CACHE": str(tmp_path / "cache"), **away}
        arguments = [argument.format(folder=folder) for argument in command]
        assert f"store {s3_address} cannot be reached: " in failure(os.EX_TEMPFAIL, *arguments, **settings)

    def test_is_made_up_for_by_the_copy_that_was_fetched_earlier_with_a_warning(
        self, away: dict[str, str], s3_address: str, folder: Path, tmp_path: Path
    ) -> None:
        made = publish(open_store(s3_address), folder)
        settings = {"SENTIGRADE_STORE": s3_address, "SENTIGRADE_CACHE": str(tmp_path / "cache")}
        open_model("sentiment", Settings(store=s3_address, cache=settings["SENTIGRADE_CACHE"]))
        settings.update(away)
        result = sentigrade("verify", "sentiment", **settings)
        assert (result.returncode, result.stdout) == (0, f"{made.identity} is sound and answers.\n")
        assert result.stderr.startswith(f"sentigrade: warning: store {s3_address} cannot be reached: ")
        assert result.stderr.endswith("; serving the copy that was fetched earlier\n")
        fetch = ("fetch", "sentiment", "--into", tmp_path / "image")
        warned = sentigrade(*fetch, **settings)
        assert (warned.returncode, warned.stdout) == (0, f"{made.identity} is in {tmp_path / 'image'}.\n")
        assert warned.stderr.endswith("; serving the copy that was fetched earlier\n")
        assert as_json(*fetch, **settings)["notice"].endswith("serving the copy that was fetched earlier")
