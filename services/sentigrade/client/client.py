"""The client: a method for each thing that a service can be asked."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote
from uuid import uuid4

import msgspec

from sentigrade.answer import Answer, Rejection
from sentigrade.client.asking import (
    NDJSON,
    Limits,
    Request,
    answer_type,
    blocks,
    encode_list,
    encode_text,
    key_headers,
    question,
    row_count,
    rows,
)
from sentigrade.client.connection import Connection
from sentigrade.client.patience import Patience
from sentigrade.client.reading import read, read_answers, read_lines, read_outcome, whole
from sentigrade.errors import InvalidRequest, MalformedRequest, ServiceRefusal
from sentigrade.model_state import ModelDetails, ModelState
from sentigrade.options import Options


class _Models(msgspec.Struct):
    models: list[ModelState]


class Client:
    """Asks a running Sentigrade; threads may share one.

    A request is sent again while the service is busy or the connection fails, for as long as `patience` says. What
    fails after that raises a ServiceError:

    ServiceUnreachable  there is no connection, or it broke before the answer was whole
    ServiceBusy         the service still starts, or has too much to do
    ServiceRefusal      the service said no, and why (ServiceBusy is one of these)
    UnreadableAnswer    this is not the address of a Sentigrade
    """

    def __init__(
        self,
        url: str,
        *,
        patience: Patience = Patience(),
        limits: Limits = Limits(),
        headers: Mapping[str, str] | None = None,
        api_key: str | None = None,
    ) -> None:
        """Ask the service at `url`, such as http://localhost:1337; `headers` and `api_key` go with every request.

        Raises SettingError if `url` is not an address of HTTP, or `api_key` cannot be one. Connects only when something
        is asked.
        """
        self._connection = Connection(url, patience, {**(headers or {}), **key_headers(api_key)})
        self._limits = limits

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept for later requests."""
        self._connection.close()

    def predict(self, text: str, options: Options = Options()) -> Answer:
        """Answer one text.

        Raises ServiceRefusal for a text that cannot be classified (too long, say), MalformedRequest for one that is
        not Unicode, and every other ServiceError.
        """
        return read(self._connection.ask(question(encode_text(text), options)), Answer)

    def predict_many(self, texts: Iterable[str], options: Options = Options()) -> list[Answer | Rejection]:
        """Answer each text, in order; one that cannot be classified is a Rejection, and its neighbours stand.

        A list that is longer than the service takes at once becomes several requests. Raises ServiceError.
        """
        if isinstance(texts, str):
            raise InvalidRequest("predict_many takes a list of texts; predict takes one.")
        encoded = [_encoded(text) for text in texts]
        outcomes = self._outcomes([text for text in encoded if isinstance(text, bytes)], options)
        return [text if isinstance(text, Rejection) else next(outcomes) for text in encoded]

    def predict_rows(
        self, source: Path, *, column: str | None = None, options: Options = Options()
    ) -> Iterator[Answer | Rejection]:
        """Answer the rows of a file (.ndjson, .jsonl, .csv, .txt), in order, in memory that does not grow with it.

        `column` is the field or column that holds the text. Raises, once the answers are asked for, OSError for a
        file that cannot be read, UnsupportedMediaType for one of another kind, and ServiceError; ServiceUnreachable
        after some answers means that the others are missing.
        """
        with self._answer_to_rows(source, column, options, NDJSON) as chunks:
            yield from map(read_outcome, read_lines(chunks))

    def score_file(
        self, source: Path, target: Path, *, column: str | None = None, options: Options = Options()
    ) -> None:
        """Write the answer to the rows of a file, in the format that the name of `target` says.

        `target` appears when all of it is there; after an error it is as it was before. Raises as `predict_rows` does.
        """
        accept = answer_type(source, target)
        with self._answer_to_rows(source, column, options, accept) as chunks, _appearing(target) as file:
            file.writelines(chunks)

    def models(self) -> list[ModelState]:
        """Return the models that are served, the default one first. Raises ServiceError."""
        return read(self._connection.ask(Request("GET", "/v1/models")), _Models).models

    def model(self, name: str) -> ModelDetails:
        """Return what is known of a model. Raises ServiceRefusal if it is not served, and every other ServiceError."""
        return read(self._connection.ask(Request("GET", f"/v1/models/{quote(name, safe='')}")), ModelDetails)

    def _outcomes(self, texts: list[bytes], options: Options) -> Iterator[Answer | Rejection]:
        for block in blocks(texts, options, self._limits):
            yield from self._block(block, options)

    def _block(self, texts: list[bytes], options: Options) -> list[Answer | Rejection]:
        try:
            content = self._connection.ask(question(encode_list(texts), options))
        except ServiceRefusal as refusal:
            if refusal.status == 413 and len(texts) == 1:  # longer than a whole request may be
                return [Rejection(code=refusal.code, detail=refusal.detail)]
            raise
        return read_answers(content, len(texts))

    @contextmanager
    def _answer_to_rows(
        self, source: Path, column: str | None, options: Options, accept: str
    ) -> Iterator[Iterator[bytes]]:
        with source.open("rb") as body:
            expected = row_count(source, body, accept)
            request = rows(source, body, column=column, options=options, accept=accept)
            with self._connection.stream(request) as chunks:
                yield whole(chunks, expected)


def _encoded(text: str) -> bytes | Rejection:
    try:
        return encode_text(text)
    except MalformedRequest as error:
        return Rejection(code="not_unicode", detail=error.detail)


@contextmanager
def _appearing(target: Path) -> Iterator[IO[bytes]]:
    """Give a file that takes the place of `target` when all is written, and goes away when something fails."""
    unfinished = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        with unfinished.open("xb") as file:
            yield file
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
