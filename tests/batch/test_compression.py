import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.batch.compression import compress, decompressed
from sentigrade.batch.job import Compression
from sentigrade.errors import DataError, SpoolError, StoreError
from sentigrade.store.ranges import RangedFile

KINDS: list[Compression] = ["gzip", "zstd"]
# Long enough for several blocks, and not to be made short.
LONG = os.urandom(3_000_000)


def plain(raw: bytes, compression: Compression, folder: Path) -> bytes:
    with decompressed(BytesIO(raw), compression, folder) as file:
        return file.read()


def foreign(raw: bytes, compression: Compression) -> bytes:
    """The same, decompressed by those who wrote the formats."""
    if compression == "gzip":
        return gzip.decompress(raw)
    content: bytes = pa.CompressedInputStream(BytesIO(raw), "zstd").read()
    return content


@pytest.mark.parametrize("kind", [*KINDS, "none"])
def test_what_was_compressed_is_read_back(kind: Compression, tmp_path: Path) -> None:
    for raw in (b"", b"text\na\n", LONG):
        assert plain(compress(raw, kind), kind, tmp_path) == raw


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=5), st.sampled_from(KINDS))
def test_parts_that_follow_each_other_are_one_file_to_everybody(parts: list[bytes], kind: Compression) -> None:
    file = b"".join(compress(part, kind) for part in parts)
    assert plain(file, kind, Path(gettempdir())) == foreign(file, kind) == b"".join(parts)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes_are_compressed_to_the_same(kind: Compression, monkeypatch: pytest.MonkeyPatch) -> None:
    once = compress(LONG, kind)
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert compress(LONG, kind) == once


@pytest.mark.parametrize("kind", [*KINDS, "none"])
def test_it_can_be_read_anywhere(kind: Compression, tmp_path: Path) -> None:
    with decompressed(BytesIO(compress(LONG, kind)), kind, tmp_path) as file:
        file.seek(2_999_990)
        assert file.read() == LONG[-10:]
        file.seek(1000)
        assert file.read(10) == LONG[1000:1010]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_in_the_folder(kind: Compression, tmp_path: Path) -> None:
    with decompressed(BytesIO(compress(LONG, kind)), kind, tmp_path):
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kept", [1, 3, 12, 1000, -1])
def test_a_file_that_ends_too_early_is_an_error(kept: int, kind: Compression, tmp_path: Path) -> None:
    whole = compress(b"text\n", kind) + compress(LONG, kind)
    with pytest.raises(DataError, match=f"it cannot be decompressed as {kind}: "):
        plain(whole[:kept], kind, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "damaged",
    [
        lambda _whole: b"text\na\n",
        lambda whole: whole + b"and more",
        lambda whole: whole[:20] + b"\0" * 400 + whole[420:],
    ],
    ids=["not compressed", "something after it", "damaged"],
)
def test_a_file_that_is_not_what_it_says_is_an_error(
    damaged: Callable[[bytes], bytes], kind: Compression, tmp_path: Path
) -> None:
    whole = compress(" ".join(map(str, range(10_000))).encode(), kind)
    with pytest.raises(DataError, match=f"it cannot be decompressed as {kind}"):
        plain(damaged(whole), kind, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_that_fails_meanwhile_is_no_damaged_file(kind: Compression, tmp_path: Path) -> None:
    whole = compress(LONG, kind)

    def fetch(first: int, last: int) -> bytes:
        if last > 1_000_000:
            raise StoreError("the store is away")
        return whole[first : last + 1]

    with (
        pytest.raises(StoreError, match="the store is away"),
        decompressed(RangedFile.open(fetch, len(whole), 10_000), kind, tmp_path),
    ):
        pass


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_without_room_is_an_error_that_names_the_setting(kind: Compression, tmp_path: Path) -> None:
    script = (
        "import sys, resource, signal\n"
        "from io import BytesIO\n"
        "from pathlib import Path\n"
        "from sentigrade.batch.compression import compress, decompressed\n"
        "from sentigrade.errors import SpoolError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    file = BytesIO(compress(bytes(3_000_000), sys.argv[1]))\n"
        "    decompressed(file, sys.argv[1], Path(sys.argv[2])).__enter__()\n"
        "except SpoolError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script, kind, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"{tmp_path} has no room for a file of this job (File too large): set SENTIGRADE_SPOOL to another\n"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_is_not_there_is_an_error_too(kind: Compression, tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match=r"No such file.*set SENTIGRADE_SPOOL"):
        plain(compress(b"", kind), kind, tmp_path / "nowhere")


def test_without_the_library_only_zstd_is_missed() -> None:
    script = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from sentigrade.batch.compression import compress\n"
        "from sentigrade.errors import MissingExtra\n"
        "print(len(compress(b'', 'gzip')))\n"
        "try: compress(b'', 'zstd')\n"
        "except MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == '20\nzstd needs the extra "batch": run pip install "sentigrade[batch]"\n'
