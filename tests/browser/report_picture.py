"""The picture of a batch job's report in docs/batch.md: `make report-picture`."""

import csv
import os
import sys
import tempfile
from itertools import islice
from pathlib import Path

from bench.sentences import make_sentences
from sentigrade.cli import cli
from tests.browser.chromium import chromium
from tests.live import DEFAULT_MODEL

# How many rows of each month; what reviewers write is the bench's.
MONTHS = {"2026-07": 6_000, "2026-08": 9_000, "2026-09": 4_000}


def draw(path: Path) -> None:
    """Score a few files and write the upper part of the page on them to a file."""
    path = path.absolute()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        _write_reviews(Path("reviews"))
        job = ["batch", "reviews", "scored", "--store", str(DEFAULT_MODEL.parents[1]), "--report", "report.html"]
        cli(job, standalone_mode=False)
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 1000, "height": 900}, color_scheme="light")
            page.goto(Path("report.html").absolute().as_uri())
            bottom = page.locator("section", has_text="Least sure").last.evaluate(
                "one => one.getBoundingClientRect().top"
            )
            page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": 1000, "height": bottom})


def _write_reviews(folder: Path) -> None:
    folder.mkdir()
    sentences = iter(make_sentences())
    for month, rows in MONTHS.items():
        with (folder / f"{month}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "text"])
            writer.writerows((f"{month}-{number}", text) for number, text in enumerate(islice(sentences, rows)))


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
