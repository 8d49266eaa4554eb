from collections.abc import Mapping
from pathlib import Path

import pytest

from sentigrade.errors import NoMemory
from sentigrade.web.multi_model.memory import free_memory, require_memory

MIB = 1024 * 1024
AVAILABLE = "MemTotal:       8388608 kB\nMemAvailable:   1048576 kB\nHugePages_Total:       0\n"  # 1,024 MiB


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A /proc in which 1,024 MiB are available and no control group is named."""
    write(tmp_path / "proc", {"meminfo": AVAILABLE, "self/cgroup": ""})
    return tmp_path


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def join(root: Path, *lines: str) -> None:
    write(root / "proc", {"self/cgroup": "\n".join(lines)})


def limit_v2(root: Path, group: str, limit: str, used: int, cached: int = 0) -> None:
    stat = f"anon 1\ninactive_file {cached * MIB}\n"
    files = {"memory.max": limit, "memory.current": f"{used * MIB}\n", "memory.stat": stat}
    write(root / "sys/fs/cgroup" / group, files)


def limit_v1(root: Path, group: str, limit: int, used: int, cached: int = 0) -> None:
    stat = f"inactive_file 0\ntotal_inactive_file {cached * MIB}\n"
    usage = {"memory.usage_in_bytes": f"{used * MIB}\n", "memory.stat": stat}
    write(root / "sys/fs/cgroup/memory" / group, {"memory.limit_in_bytes": f"{limit}\n", **usage})


def test_this_machine_has_some_memory_left() -> None:
    assert free_memory() > 0


def test_without_limits_it_is_what_the_machine_has(root: Path) -> None:
    assert free_memory(root) == 1024 * MIB
    join(root, "0::/", "4:memory:/")
    assert free_memory(root) == 1024 * MIB


def test_the_limit_of_a_group(root: Path) -> None:
    join(root, "0::/app")
    limit_v2(root, "app", f"{500 * MIB}\n", used=200)
    assert free_memory(root) == 300 * MIB


def test_the_machine_may_have_less_than_the_limit(root: Path) -> None:
    join(root, "0::/app")
    limit_v2(root, "app", f"{9000 * MIB}\n", used=200)
    assert free_memory(root) == 1024 * MIB


def test_copies_of_files_count_as_free(root: Path) -> None:
    join(root, "0::/app")
    limit_v2(root, "app", f"{500 * MIB}\n", used=500, cached=100)
    assert free_memory(root) == 100 * MIB


def test_a_group_without_a_limit_and_one_around_it_with_a_limit(root: Path) -> None:
    join(root, "0::/pod/app")
    limit_v2(root, "pod/app", "max\n", used=10)
    limit_v2(root, "pod", f"{500 * MIB}\n", used=400)
    assert free_memory(root) == 100 * MIB


def test_in_a_container_whose_group_is_mounted_at_the_top(root: Path) -> None:
    join(root, "0::/docker/0123")
    limit_v2(root, "", f"{500 * MIB}\n", used=400)
    assert free_memory(root) == 100 * MIB


def test_groups_of_the_first_version(root: Path) -> None:
    join(root, "9:name=systemd:/", "6:pids:/other", "5:cpu,memory:/app", "0::/")
    limit_v1(root, "other", 60 * MIB, used=50)
    limit_v1(root, "", 9223372036854771712, used=10)
    limit_v1(root, "app", 500 * MIB, used=450, cached=50)
    assert free_memory(root) == 100 * MIB


def test_more_than_the_limit_is_used(root: Path) -> None:
    join(root, "0::/app")
    limit_v2(root, "app", f"{500 * MIB}\n", used=600)
    assert free_memory(root) == 0


def test_a_model_that_fits_into_all_workers_is_let_in(root: Path) -> None:
    # (16 x 3 + 16) MiB a worker
    require_memory(3 * MIB, workers=16, root=root)
    with pytest.raises(NoMemory, match="take about 1,088 MiB in all workers together, and 1,024 MiB are free"):
        require_memory(3 * MIB, workers=17, root=root)
    with pytest.raises(NoMemory, match="unload another model first"):
        require_memory(3 * MIB + 1, workers=16, root=root)
