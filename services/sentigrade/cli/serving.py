"""Commands that answer texts."""

import gc
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from sentigrade.cli.options import settings_with, store_option
from sentigrade.settings import Settings


@click.command()
def serve() -> None:
    """Serve with gunicorn, as the SENTIGRADE_ settings say."""
    # While everything is being loaded nothing is garbage, and looking for it takes a tenth of the time to start.
    gc.disable()
    from sentigrade.web.server import serve as serve_app

    serve_app(Settings.from_environ(os.environ))


@click.command()
@click.option("--nginx-folder", type=click.Path(path_type=Path), default=Path("nginx"), show_default=True)
@click.option("--state-folder", type=click.Path(path_type=Path), default=Path(".run"), show_default=True)
def run(nginx_folder: Path, state_folder: Path) -> None:
    """Serve behind a real nginx on this host, without Docker or root."""
    from sentigrade.local_stack import run_local_stack

    run_local_stack(Settings.from_environ(os.environ), nginx_folder=nginx_folder, state_folder=state_folder)


@click.command(hidden=True)
@click.argument("places", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def watch(places: Path) -> None:
    """Follow the promotions in the store for the server that started this and wrote PLACES."""
    from logging.config import dictConfig

    from sentigrade.watching import watch as watch_places
    from sentigrade.web.logs import logging_config

    settings = Settings.from_environ(os.environ)
    dictConfig(logging_config(settings.log_level))
    watch_places(places, settings)


@click.command()
@store_option
@click.option(
    "--model", default=Settings().models, show_default=True, help="name, name@version, a model folder or an address."
)
@click.option("--scores", is_flag=True, help="Add the decision values.")
@click.argument("texts", nargs=-1)
def predict(store: str, model: str, scores: bool, texts: tuple[str, ...]) -> None:
    """Answer TEXTS, or the lines of standard input, with a line of JSON each."""
    from sentigrade.scorer import Answer, Scorer
    from sentigrade.store.finding import open_model
    from sentigrade.store.progress import bar

    settings = settings_with(store)
    scorer = Scorer(open_model(model, settings, bar), max_characters=settings.max_characters)
    rows = texts or _lines_of_standard_input()
    for row, text in enumerate(rows):
        (outcome,) = scorer.score([text], scores=scores)
        line = outcome if isinstance(outcome, Answer) else {"error": {**msgspec.structs.asdict(outcome), "row": row}}
        click.echo(msgspec.json.encode(line))


def _lines_of_standard_input() -> Iterator[str]:
    # Bytes that are no UTF-8 become surrogates, which the scorer rejects: one bad line does not end the others.
    for line in io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="surrogateescape"):
        yield line.rstrip("\n")


COMMANDS = (serve, run, watch, predict)
