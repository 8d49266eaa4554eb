"""The picture in the documentation can be drawn at any time."""

import struct
import time
from pathlib import Path

import pytest

from tests.live import REPOSITORY
from tests.monitoring.conftest import Watched
from tests.monitoring.drawing import Picture
from tests.monitoring.shown import Source, Span

pytestmark = pytest.mark.monitoring

VARIABLES = {"instance": ".*", "model": "sentiment", "__rate_interval": "10s"}


def test_the_dashboard_can_be_drawn_in_the_size_of_the_committed_picture(watched: Watched, tmp_path: Path) -> None:
    now = time.time()
    drawn = tmp_path / "dashboard.png"
    Picture(Source(watched.prometheus, Span(now - 60, now, 1), VARIABLES)).draw(drawn)
    assert size(drawn) == size(REPOSITORY / "docs" / "dashboard.png")


def size(path: Path) -> tuple[int, int]:
    """Return the width and height of a PNG in pixels."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height
