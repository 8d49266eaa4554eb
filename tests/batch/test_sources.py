import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sentigrade.batch.sources import absolute, open_source
from sentigrade.errors import DataError, SettingError, StoreError, StoreUnreachable
from sentigrade.store import s3 as s3_objects
from sentigrade.store.opening import open_store
from tests.environment import set_variables
from tests.live import free_port
from tests.s3_server import S3Server

FILES = (
    *("a.csv", "b.jsonl.gz", "notes/c.txt", "2024/01/d.csv", "2024/02/d.csv", "2024/02/e.parquet", "2024/x[1].csv"),
    *("_SUCCESS", "_aside/a.csv.jsonl", "_batch/job.json", ".hidden.csv", "2024/.cache/f.csv", "2024/_tmp.csv"),
)
NAMED = sorted(name for name in FILES if not any(part.startswith((".", "_")) for part in name.split("/")))


@pytest.fixture(params=["a folder", "S3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a place that holds FILES: in a folder, then in S3."""
    address = str(tmp_path / "in") if request.param == "a folder" else request.getfixturevalue("s3_address")
    fill(address, *FILES)
    return str(address)


def fill(address: str, *names: str) -> None:
    objects = open_store(address, create=True)
    for name in names:
        objects.write(name, b"text\n", over=None)


def found(address: str) -> list[str]:
    return [file.key for file in open_source(address).files]


class TestEverywhere:
    def test_a_folder_or_prefix_is_all_files_below_it_but_hidden_ones(self, root: str) -> None:
        assert found(root) == found(f"{root}/") == NAMED

    @pytest.mark.parametrize(
        ("pattern", "names"),
        [
            ("*.csv", ["a.csv"]),
            ("?.*", ["a.csv", "b.jsonl.gz"]),
            ("[!a].jsonl*", ["b.jsonl.gz"]),
            ("*/*.txt", ["notes/c.txt"]),
            ("**/*.csv", ["2024/01/d.csv", "2024/02/d.csv", "2024/x[1].csv", "a.csv"]),
            ("**", NAMED),
            ("*/**/d.csv", ["2024/01/d.csv", "2024/02/d.csv"]),
            ("**.csv", ["a.csv"]),
        ],
    )
    def test_a_pattern_is_the_files_that_it_matches(self, pattern: str, names: list[str], root: str) -> None:
        assert found(f"{root}/{pattern}") == names

    @pytest.mark.parametrize(
        ("pattern", "names"),
        [
            ("2024/*/d.csv", ["01/d.csv", "02/d.csv"]),
            ("2024/0[2-9]/*", ["02/d.csv", "02/e.parquet"]),
            ("2024/**/d.csv", ["01/d.csv", "02/d.csv"]),
            ("2024/02/*", ["d.csv", "e.parquet"]),
            ("2024/x[[]1].csv", ["x[1].csv"]),
        ],
    )
    def test_names_begin_below_the_folders_before_a_pattern(self, pattern: str, names: list[str], root: str) -> None:
        assert found(f"{root}/{pattern}") == names

    @pytest.mark.parametrize("name", ["a.csv", "2024/02/e.parquet", "2024/_tmp.csv"])
    def test_a_file_is_itself_even_a_hidden_one(self, name: str, root: str) -> None:
        source = open_source(f"{root}/{name}")
        assert [file.key for file in source.files] == [name.rpartition("/")[2]]
        assert not source.is_deep

    @pytest.mark.parametrize(
        "name",
        ["nothing.csv", "nothing", "nothing/*.csv", "*.tsv", "[z-a].csv", "a.csv/*", "a.csv/", "2024/.c*/*", "*/"],
    )
    def test_what_names_no_file_is_an_error_that_says_what_to_give(self, name: str, root: str) -> None:
        with pytest.raises(DataError, match=r"names no file: give a file, a folder, or a pattern such as reviews/\*"):
            open_source(f"{root}/{name}")

    def test_a_hidden_folder_is_read_when_it_is_named_itself(self, root: str) -> None:
        assert found(f"{root}/_aside") == found(f"{root}/_aside/*") == ["a.csv.jsonl"]

    def test_a_file_of_another_format_among_them_is_refused_by_its_name(self, root: str) -> None:
        fill(root, "2024/02/cover.png")
        with pytest.raises(
            DataError, match="2024/02/cover.png is in none of the formats .*name the files that are meant"
        ):
            open_source(root)
        assert found(f"{root}/*.csv") == ["a.csv"]

    def test_a_folder_may_be_called_as_a_file(self, root: str) -> None:
        fill(root, "export.csv/part-0.csv", "v1.2/part-0.csv")
        assert found(f"{root}/export.csv") == found(f"{root}/export.csv/") == found(f"{root}/v1.2") == ["part-0.csv"]

    def test_a_prefix_is_not_the_beginning_of_a_name(self, root: str) -> None:
        fill(root, "202/a.csv")
        assert found(f"{root}/202") == ["a.csv"]

    def test_each_file_has_its_size_and_a_tag_that_changes_with_it(self, root: str) -> None:
        (before,) = open_source(f"{root}/a.csv").files
        objects = open_store(root)
        objects.delete(["a.csv"])
        objects.write("a.csv", b"text\nanother\n", over=None)
        (after,) = open_source(f"{root}/a.csv").files
        assert (before.bytes, after.bytes) == (5, 13)
        assert before.tag != after.tag

    def test_files_are_opened_as_they_were_found(self, root: str) -> None:
        source = open_source(f"{root}/2024/*/d.csv")
        for file in source.files:
            with source.objects.open(file, block_bytes=1024) as content:
                assert content.read() == b"text\n"


class TestInAFolder:
    def test_paths_begin_here_unless_they_begin_with_a_slash(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(str(tmp_path), "a.csv", "in/b.csv")
        monkeypatch.chdir(tmp_path)
        assert found("a.csv") == found("*.csv") == found("./*.csv") == ["a.csv"]
        assert found("in") == found("in/") == found("./in/b.csv") == found(f"{tmp_path}/in/*") == ["b.csv"]
        assert found(".") == ["a.csv", "in/b.csv"]
        assert absolute(open_source("in/*").objects.address) == str(tmp_path / "in")

    def test_a_name_that_looks_like_a_pattern_names_the_file_that_is_there(self, tmp_path: Path) -> None:
        fill(str(tmp_path), "x[1].csv", "x1.csv")
        assert found(f"{tmp_path}/x[1].csv") == ["x[1].csv"]
        assert found(f"{tmp_path}/x[12].csv") == ["x1.csv"]

    def test_links_to_files_are_followed_and_a_loop_of_folders_is_not(self, tmp_path: Path) -> None:
        fill(str(tmp_path), "elsewhere/b.csv", "in/a.csv")
        folder = tmp_path / "in"
        (folder / "link.csv").symlink_to(tmp_path / "elsewhere" / "b.csv")
        (folder / "loop").symlink_to(folder)
        (folder / "nowhere.csv").symlink_to(tmp_path / "nothing")
        assert found(str(folder)) == found(f"{folder}/**/*.csv") == ["a.csv", "link.csv"]
        (tmp_path / "linked").symlink_to(folder)
        assert found(str(tmp_path / "linked")) == ["a.csv", "link.csv"]

    def test_what_is_no_file_is_no_input(self, tmp_path: Path) -> None:
        fill(str(tmp_path), "a.csv")
        os.mkfifo(tmp_path / "pipe.csv")
        assert found(str(tmp_path)) == ["a.csv"]

    def test_a_folder_that_may_not_be_read_is_an_error_and_not_left_out(self) -> None:
        me = os.geteuid()
        with TemporaryDirectory() as root:
            Path(root).chmod(0o755)
            fill(root, "a.csv", "secret/b.csv")
            Path(root, "secret").chmod(0)
            os.seteuid(me or 65_534)  # root may read everything
            try:
                with pytest.raises(StoreError, match=r"secret cannot be read \(Permission denied\): name the files"):
                    open_source(root)
                assert found(f"{root}/*.csv") == ["a.csv"]
            finally:
                os.seteuid(me)
                Path(root, "secret").chmod(0o700)


class TestInABucket:
    def test_a_bucket_without_a_prefix_is_a_source_too(self, s3: S3Server, s3_address: str) -> None:
        fill(s3_address, "a.csv")
        name = s3_address.rpartition("/")[2]
        assert f"{name}/a.csv" in found(f"{s3.store}/{name}*/a.csv")
        assert open_source(f"{s3.store}/*/a.csv").objects.address == s3.store

    @pytest.mark.parametrize("address", ["s3://no-such-bucket", "s3://no-such-bucket/a", "s3://no-such-bucket/a.csv/*"])
    def test_a_bucket_that_is_not_there_is_an_error(self, address: str, s3: S3Server) -> None:
        with pytest.raises(StoreError, match="NoSuchBucket.*name a bucket that exists"):
            open_source(address)

    def test_a_reader_may_be_asked_for_files(
        self, s3: S3Server, s3_address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(s3_address, "a.csv")
        set_variables(monkeypatch, s3.environ("reader"))
        assert found(f"{s3_address}/a.csv") == found(s3_address) == ["a.csv"]


class TestASinkNearby:
    @pytest.mark.parametrize("sink", ["in", "in/", "in/out", "in/2024/../out", "./in/out"])
    def test_below_a_folder_it_is_refused(self, sink: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        fill(str(tmp_path / "in"), "a.csv", "2024/b.csv")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SettingError, match=f"{sink} lies within the source: name a sink beside it"):
            open_source("in").require_apart_from(sink)

    def test_a_link_to_it_is_no_way_round(self, tmp_path: Path) -> None:
        fill(str(tmp_path / "in"), "a.csv")
        (tmp_path / "out").symlink_to(tmp_path / "in")
        with pytest.raises(SettingError, match="lies within the source"):
            open_source(str(tmp_path / "in")).require_apart_from(str(tmp_path / "out" / "deeper"))

    @pytest.mark.parametrize("source", ["*.csv", "a.csv", "**/*.csv", "[a-c].csv"])
    def test_where_the_inputs_lie_it_is_refused(self, source: str, tmp_path: Path) -> None:
        fill(str(tmp_path), "a.csv")
        with pytest.raises(SettingError, match="lies within the source"):
            open_source(f"{tmp_path}/{source}").require_apart_from(str(tmp_path))

    @pytest.mark.parametrize("source", ["in/*.csv", "in/a.csv", "in/2024/**"])
    def test_where_no_output_would_be_an_input_it_is_welcome(self, source: str, tmp_path: Path) -> None:
        fill(str(tmp_path / "in"), "a.csv", "2024/b.csv")
        for sink in ("in/out", "out", "inner", "in2"):
            open_source(f"{tmp_path}/{source}").require_apart_from(str(tmp_path / sink))

    def test_in_s3_it_is_the_same(self, s3_address: str) -> None:
        fill(s3_address, "in/a.csv")
        source = open_source(f"{s3_address}/in")
        for sink in ("in", "in/", "in/out"):
            with pytest.raises(SettingError, match="lies within the source"):
                source.require_apart_from(f"{s3_address}/{sink}")
        source.require_apart_from(f"{s3_address}/in2")
        source.require_apart_from("in")


def test_an_address_is_made_absolute_for_processes_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute("in/../out/") == str(tmp_path / "out")
    assert absolute("s3://bucket/prefix/") == "s3://bucket/prefix"


def test_a_store_that_is_away_is_unreachable_and_no_empty_source(
    s3_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr(s3_objects, "_PATIENCE", s3_objects._HASTE)
    with pytest.raises(StoreUnreachable, match="cannot be reached"):
        open_source(s3_address)
