"""Texts and options -> requests."""

import re
from collections.abc import Iterable, Iterator, Mapping
from os import SEEK_END
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlencode

import msgspec

from sentigrade.errors import MalformedRequest, SettingError, UnsupportedMediaType
from sentigrade.options import Options

JSON = "application/json"
NDJSON = "application/x-ndjson"
PREDICT = "/v1/predict"

_CSV = "text/csv"
_MEDIA_TYPES = {".ndjson": NDJSON, ".jsonl": NDJSON, ".csv": _CSV, ".txt": "text/plain"}

_MARK = b"\xef\xbb\xbf"
_CHUNK_BYTES = 1024 * 1024
_KEY = re.compile("[!-~]+")

_encode = msgspec.json.Encoder().encode


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The most that the service takes in one request of JSON; longer lists become several requests.

    `detailed_characters` is the bound where explanations or sentences are asked for.
    """

    texts: int = 10_000
    body_bytes: int = 6 * 1024 * 1024
    detailed_characters: int = 1_000_000


class Request(NamedTuple):
    """What is sent, and the media type that the answer must have."""

    method: str
    path: str
    body: bytes | IO[bytes] | None = None
    headers: Mapping[str, str] = {}
    accept: str = JSON


def key_headers(api_key: str | None) -> dict[str, str]:
    """Return the header that carries a key; `Authorization` is left to whatever stands before the service.

    Raises SettingError for what cannot be a key, without quoting it.
    """
    if api_key is None:
        return {}
    if not _KEY.fullmatch(api_key):
        raise SettingError(
            "The API key is empty, or holds what no key does, such as a line's end; give what the operator gave you."
        )
    return {"X-API-Key": api_key}


def question(texts: bytes, options: Options) -> Request:
    """Ask about a text or a list of texts, which are JSON already."""
    return Request("POST", PREDICT, _body(texts, options), {"Content-Type": JSON})


def encode_text(text: str) -> bytes:
    """Encode a text as JSON. Raises MalformedRequest for half of a surrogate pair."""
    try:
        return _encode(text)
    except UnicodeEncodeError:
        raise MalformedRequest("The text is not valid Unicode; send it as UTF-8.") from None


def encode_list(texts: Iterable[bytes]) -> bytes:
    """Join texts that are JSON already to a list."""
    return b"[%b]" % b",".join(texts)


def blocks(texts: Iterable[bytes], options: Options, limits: Limits) -> Iterator[list[bytes]]:
    """Part texts that are JSON already so that each block fits into a request; a text that is too long stands alone."""
    room = limits.body_bytes - len(_body(encode_list([]), options)) + len(b",")  # the first text has none before it
    if options.is_detailed:
        room = min(room, limits.detailed_characters)  # no character is less than a byte
    block: list[bytes] = []
    used = 0
    for text in texts:
        size = len(text) + len(b",")
        if block and (len(block) == limits.texts or used + size > room):
            yield block
            block, used = [], 0
        block.append(text)
        used += size
    if block:
        yield block


def row_count(source: Path, body: IO[bytes], accept: str) -> int | None:
    """Return how many lines the answer to the rows of a file has; None where only the service can tell."""
    if _CSV in (media_type(source), accept):
        return None
    body.seek(0)
    last = body.read(len(_MARK)).removeprefix(_MARK)  # a file of nothing but the mark has no line
    lines = last.count(b"\n")
    while chunk := body.read(_CHUNK_BYTES):
        lines += chunk.count(b"\n")
        last = chunk
    return lines + (last[-1:] not in (b"", b"\n"))


def rows(source: Path, body: IO[bytes], *, column: str | None, options: Options, accept: str) -> Request:
    """Ask about the rows of a file.

    Raises UnsupportedMediaType for a file whose name does not say what is in it.
    """
    fields = {"column": column, **_chosen(options)}
    query = urlencode({name: _query_value(value) for name, value in fields.items() if value is not None})
    length = body.seek(0, SEEK_END)
    body.seek(0)
    headers = {"Content-Type": media_type(source), "Content-Length": str(length)}
    return Request("POST", f"{PREDICT}?{query}" if query else PREDICT, body, headers, accept)


def media_type(path: Path) -> str:
    """Return the media type of a file of rows. Raises UnsupportedMediaType if its name does not tell."""
    try:
        return _MEDIA_TYPES[path.suffix.lower()]
    except KeyError:
        known = ", ".join(_MEDIA_TYPES)
        raise UnsupportedMediaType(f"A file of rows ends in one of {known}; rename or convert {path.name}.") from None


def answer_type(source: Path, target: Path) -> str:
    """Return the media type to ask for. Raises UnsupportedMediaType for one that `source` cannot be answered in."""
    wanted = media_type(target)
    if wanted == _CSV != media_type(source):
        raise UnsupportedMediaType(
            "Only a CSV is answered by a CSV; let the name of the target end in .ndjson or .txt."
        )
    return wanted


def _body(texts: bytes, options: Options) -> bytes:
    return _encode({"mytext": msgspec.Raw(texts), **_chosen(options)})


def _chosen(options: Options) -> dict[str, object]:
    """Return the options that differ from what a service does anyway."""
    chosen = msgspec.structs.asdict(options).items()
    return {name: value for name, value in chosen if value is not None and value is not False}


def _query_value(value: object) -> str:
    return value if isinstance(value, str) else _encode(value).decode()
