"""Which of the possible forms of an answer the caller wants, by the header Accept."""

from collections.abc import Sequence

from flask import Request
from werkzeug.datastructures import MIMEAccept

from sentigrade.errors import NotAcceptable


def accepted(call: Request, possible: Sequence[str]) -> str:
    """Return the media type to answer in, the first one if the caller does not say.

    Raises NotAcceptable if it wants others.
    """
    wanted = preferred(call, possible)
    if wanted is None:
        raise NotAcceptable(f"The answer can be {', '.join(possible)}; accept one of them, or say nothing.")
    return wanted


def preferred(call: Request, possible: Sequence[str]) -> str | None:
    """Return the media type to answer in, the first one if the caller does not say, None if it wants others.

    Parameters, such as a charset, make no difference.
    """
    accept = call.environ.get("HTTP_ACCEPT")
    if not accept or accept in ("*/*", possible[0]):
        return possible[0]
    types = MIMEAccept([(kind.partition(";")[0].strip(), quality) for kind, quality in call.accept_mimetypes])
    return types.best_match(possible)


def with_charset(media_type: str) -> str:
    """Return the content type of an answer in UTF-8; JSON has no other encoding, so it says none."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
