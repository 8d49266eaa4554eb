"""Asks contenders one text at a time: whether they answer at all, and whether they answer the same."""

import http.client
import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

import msgspec

from bench.errors import BenchError
from sentigrade.answer import Answer

WARM_UP = "A warm, funny and well-made film."

_LONGEST_SECONDS = 60


class Contender(NamedTuple):
    """A contender that answers on a port."""

    name: str
    port: int
    workers: tuple[int, ...]


def ask(port: int, text: str) -> Answer | None:
    """Return the answer to a text, None while there is none; raises BenchError for an answer that is not of our shape.

    None stands for any status but 200: nginx's 502, or a 404 of a server that has not loaded its model yet.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LONGEST_SECONDS)
    try:
        connection.request("POST", "/v1/predict", json.dumps({"mytext": text}), {"Content-Type": "application/json"})
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    if response.status != HTTPStatus.OK:
        return None
    try:
        return msgspec.json.decode(content, type=Answer)
    except msgspec.ValidationError as error:
        raise BenchError(f"a contender's answer has another shape: {error}") from None


def require_same_answers(ours: Contender, others: Iterable[Contender], texts: Iterable[str]) -> None:
    """Raise BenchError when a contender answers one of the texts in another way than ours: it would do other work."""
    answers = {text: ask(ours.port, text) for text in texts}
    for other in others:
        for text, answer in answers.items():
            if ask(other.port, text) != answer:
                raise BenchError(f"{other.name} answers {text!r} in another way than ours")
