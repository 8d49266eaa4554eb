"""Which of nginx's access lines are printed."""

import json
from pathlib import Path

import pytest

from sentigrade.sagemaker.refusals import refusals_printed


def access_line(path: str, status: int, upstream_status: str) -> str:
    return json.dumps({"path": path, "status": str(status), "upstream_status": upstream_status}) + "\n"


def test_a_line_that_cannot_be_read_does_not_stop_the_printing(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    unreadable = b"{\n" + b'{"status": "\xff", "upstream_status": ""}\n'
    with refusals_printed(tmp_path / "pipe") as pipe:
        Path(pipe).write_bytes(unreadable + access_line("/refused", 404, "").encode())
    assert capfdbinary.readouterr().out == unreadable + access_line("/refused", 404, "").encode()


def test_only_what_the_app_has_not_seen_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = [
        access_line("/", 200, "200"),
        access_line("/refused", 413, ""),
        access_line("/app", 422, "422"),
        access_line("/again", 200, "502, 200"),
        access_line("/down", 502, "502, 502"),
        access_line("/slow", 504, "504"),
    ]
    with refusals_printed(tmp_path / "pipe") as pipe:
        for line in lines:  # nginx may open its log again at any time
            with open(pipe, "a") as log:  # noqa: PTH123 - the path is what nginx is given
                log.write(line)
    printed = [json.loads(line)["path"] for line in capfd.readouterr().out.splitlines()]
    assert printed == ["/refused", "/down", "/slow"]
