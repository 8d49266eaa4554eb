from pathlib import Path

import pytest

from sentigrade.errors import SettingError
from sentigrade.web.spooling import require_spool


def test_a_folder_that_takes_files_is_left_empty(tmp_path: Path) -> None:
    require_spool(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"SENTIGRADE_SPOOL: nothing can be written to .*nowhere \(No such file"):
        require_spool(str(tmp_path / "nowhere"))
