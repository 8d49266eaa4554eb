"""`python -m bench.batch`, from the root of the repository: print a table, write batch.md and batch.json."""

import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
import msgspec

from bench.batch.novelty import unmet_shares
from bench.batch.parts import PARTS, Setup
from bench.batch.report import Figure, Texts, summary, table
from bench.batch.tables import Tables
from bench.errors import BenchError
from bench.sentences import describe, make_sentences
from sentigrade.errors import SentigradeError
from sentigrade.settings import Settings
from sentigrade.store.finding import open_model

_LATEST = Path(__file__).parent.parent / "latest"


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--share", type=click.FloatRange(min=0, min_open=True), default=1.0, help="Share of the usual rows.")
@click.option("--output", type=click.Path(path_type=Path), default=_LATEST, help="Folder for the table and figures.")
def main(parts: Sequence[str], share: float, output: Path) -> None:
    """Measure the PARTS, all of them unless some are named."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        settings = Settings.from_environ(os.environ)
        model = open_model(settings.references[0], settings)
        sentences = make_sentences()
        texts = Texts(describe(sentences, model), unmet_shares(sentences, model))
        figures = _measure(parts or list(PARTS), settings, sentences, share)
    except (BenchError, SentigradeError) as error:
        sys.exit(f"bench: {error}")
    _write(figures, texts, output)


def _measure(parts: Sequence[str], settings: Settings, sentences: Sequence[str], share: float) -> list[Figure]:
    figures: list[Figure] = []
    # On a disk: some gigabytes in memory would be missing to what is measured.
    with tempfile.TemporaryDirectory(prefix="sentigrade-bench-", dir=settings.spool) as folder:
        setup = Setup(settings.references[0], Tables(Path(folder), sentences), share)
        for part in parts:
            print(f"bench: {part} ...", file=sys.stderr)
            figures.extend(PARTS[part](setup))
    return figures


def _write(figures: Sequence[Figure], texts: Texts, output: Path) -> None:
    lines = "\n".join(table(figures, texts))
    print(lines)
    output.mkdir(exist_ok=True)
    (output / "batch.md").write_text(f"{lines}\n", encoding="utf-8")
    (output / "batch.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(summary(figures, texts)), indent=2) + b"\n"
    )


def _stop(*_: object) -> NoReturn:
    # A plain SIGTERM would end us without stopping what we started.
    sys.exit("bench: stopped")


main()
