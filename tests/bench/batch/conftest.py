from pathlib import Path

import pytest

from bench.batch.tables import Tables
from bench.sentences import make_sentences
from tests.live import REPOSITORY


@pytest.fixture(scope="session")
def sentences() -> list[str]:
    return make_sentences()[:2_000]


@pytest.fixture
def tables(tmp_path: Path, sentences: list[str], monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Tables of bench sentences, in the folder where the contenders are found and the default model lies."""
    monkeypatch.chdir(REPOSITORY)
    return Tables(tmp_path, sentences)
