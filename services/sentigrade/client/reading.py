"""Bytes of an answer -> Answer and Rejection."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import UnreadableAnswer

_T = TypeVar("_T")


class _Error(msgspec.Struct):
    error: Rejection


class _Answers(msgspec.Struct):
    answers: list[msgspec.Raw]


_answer = msgspec.json.Decoder(Answer).decode
_error = msgspec.json.Decoder(_Error).decode


def read(content: bytes, kind: type[_T]) -> _T:
    """Decode JSON. Raises UnreadableAnswer if it is anything else than what a Sentigrade would say."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(error) from None


def read_answers(content: bytes, expected: int) -> list[Answer | Rejection]:
    """Decode the answer to a list of texts. Raises UnreadableAnswer, also when it is longer or shorter than that."""
    outcomes = [read_outcome(item) for item in read(content, _Answers).answers]
    _require_all(len(outcomes), expected)
    return outcomes


def whole(chunks: Iterable[bytes], expected: int | None) -> Iterator[bytes]:
    """Pass on the chunks of lines. Raises UnreadableAnswer after the last if there were more or fewer than expected."""
    lines, last = 0, b""
    for chunk in chunks:
        lines += chunk.count(b"\n")
        last = chunk
        yield chunk
    if expected is not None:
        _require_all(lines + (last[-1:] not in (b"", b"\n")), expected)


def read_outcome(item: bytes | msgspec.Raw) -> Answer | Rejection:
    """Decode the answer to one text of many. Raises UnreadableAnswer."""
    try:
        return _answer(item)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _rejection(item, error)


def _rejection(item: bytes | msgspec.Raw, not_an_answer: Exception) -> Rejection:
    try:
        return _error(item).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _unreadable(not_an_answer) from None


def read_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Part bytes, as they come, into lines."""
    begun: list[bytes] = []
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        begun.append(first)
        if others:
            *lines, rest = others
            yield b"".join(begun)
            yield from lines
            begun = [rest]
    if any(begun):
        yield b"".join(begun)


def _require_all(given: int, expected: int) -> None:
    if given != expected:
        raise UnreadableAnswer(f"The service gave {given:,} answers to {expected:,} texts; {_CHECK}.")


_CHECK = "check that the address is that of a Sentigrade of this version or a later one"


def _unreadable(error: Exception) -> UnreadableAnswer:
    # msgspec names the place, never the content.
    return UnreadableAnswer(f"What came is not an answer that this client knows ({error}); {_CHECK}.")
