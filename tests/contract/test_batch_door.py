"""Whole files are answered as texts are, by every family."""

from pathlib import Path

import msgspec

from sentigrade.answer import Answer
from sentigrade.scorer import Scorer
from tests.cli.running import printed
from tests.contract.written import ODD_TEXTS


def test_a_file_is_answered_as_its_texts_are(folder: Path, scorer: Scorer, texts: list[str], tmp_path: Path) -> None:
    asked = [*texts, *ODD_TEXTS.values()]
    source = tmp_path / "texts.jsonl"
    source.write_bytes(msgspec.json.Encoder().encode_lines([{"text": text} for text in asked]))
    printed("batch", source, tmp_path / "out", "--model", folder, "--processes", "2")
    lines = (tmp_path / "out" / "texts.jsonl").read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Answer) for line in lines] == scorer.score(asked)
