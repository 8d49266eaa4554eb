"""Commands that answer texts."""

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import msgspec
from msgspec import Meta
from msgspec.structs import replace

from sentigrade.answer import Answer, Rejection
from sentigrade.cli.options import settings_with, store_option
from sentigrade.native_threads import bound_native_threads
from sentigrade.options import Options
from sentigrade.settings import Settings

if TYPE_CHECKING:
    from sentigrade.scorer import Scorer

# Of standard input; a block of empty lines is still answered in little memory.
_BLOCK_BYTES = 64 * 1024
# Not an option, since all users of a host see the arguments of its programs; and none of the service's settings.
_KEY = "MY_SENTIGRADE_KEY"


@click.command()
def serve() -> None:
    """Serve with gunicorn, as the SENTIGRADE_ settings say."""
    # While everything is being loaded nothing is garbage, and looking for it takes a tenth of the time to start.
    gc.disable()
    bound_native_threads(os.environ)
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
@click.option("--url", help="Ask the service at this address, such as http://localhost:1337, instead of a store.")
@click.option(
    "--model",
    help="name, name@version, a model folder or an address; with --url the name of a served model.  "
    f"[default: {Settings().models}, or the service's own]",
)
@click.option("--scores", is_flag=True, help="Add the decision values.")
@click.option("--explain", is_flag=True, help="Add which words moved the answer.")
@click.option("--sentences", is_flag=True, help="Add the answer to each sentence.")
@click.option("--top-k", type=click.IntRange(min=1), help="Give only so many labels, the most probable first.")
@click.option(
    "--thresholds",
    metavar="LABEL=NUMBER",
    multiple=True,
    callback=lambda _context, _option, given: dict(map(_threshold, given)) or None,
    help="From which probability on a label of a multi-label model applies; may be repeated.",
)
@click.argument("texts", nargs=-1)
def predict(store: str, url: str | None, model: str | None, texts: tuple[str, ...], **choices: object) -> None:
    """Answer TEXTS, or the lines of standard input, with a line of JSON each.

    A service that asks for an API key is given the one in the environment variable MY_SENTIGRADE_KEY.
    """
    blocks = [texts] if texts else _blocks_of_standard_input()
    options = msgspec.convert(choices, Options)
    if url:
        from sentigrade.client import Client

        with Client(url, api_key=os.environ.get(_KEY) or None) as client:
            _answer(blocks, partial(client.predict_many, options=replace(options, model=model)))
    else:
        _answer(blocks, partial(_scorer(store, model or Settings().models).score, options=options))


def _threshold(given: str) -> tuple[str, float]:
    label, _, number = given.rpartition("=")
    try:
        threshold = msgspec.convert(number, Annotated[float, Meta(ge=0, le=1)], strict=False)
    except msgspec.ValidationError:
        threshold = None
    if not label or threshold is None:
        raise click.BadParameter("give a label and a number from 0 to 1, such as toxic=0.5")
    return label, threshold


def _scorer(store: str, model: str) -> "Scorer":
    from sentigrade.scorer import Scorer
    from sentigrade.store.finding import open_model
    from sentigrade.store.progress import bar

    settings = settings_with(store)
    return Scorer(open_model(model, settings, bar), max_characters=settings.max_characters)


def _answer(blocks: Iterable[Sequence[str]], ask: Callable[[Sequence[str]], list[Answer | Rejection]]) -> None:
    from sentigrade.wire.native import item_of

    rows = count()
    for block in blocks:
        lines = [item_of(outcome, next(rows)) for outcome in ask(block)]
        click.echo(msgspec.json.Encoder().encode_lines(lines), nl=False)


def _blocks_of_standard_input() -> Iterator[list[str]]:
    """Give the lines that are there: one at a time as somebody types them, many at a time from a file."""
    begun: list[bytes] = []
    while block := os.read(sys.stdin.fileno(), _BLOCK_BYTES):
        first, *others = block.split(b"\n")
        begun.append(first)
        if others:
            *lines, rest = others
            yield list(map(_text, [b"".join(begun), *lines]))
            begun = [rest]
    if any(begun):
        yield [_text(b"".join(begun))]


def _text(line: bytes) -> str:
    # Bytes that are no UTF-8 become surrogates, which are rejected: one bad line does not end the others.
    # The mark that some editors put at the start of a file is no text.
    return line.removesuffix(b"\r").decode("utf-8-sig", errors="surrogateescape")


COMMANDS = (serve, run, watch, predict)
