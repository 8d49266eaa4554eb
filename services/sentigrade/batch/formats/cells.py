"""Values of one format as the text that a cell of a table without types holds."""

import msgspec

_encode = msgspec.json.Encoder().encode
_decode_text = msgspec.json.Decoder(str).decode


def text_of(value: object) -> str | None:
    """Return a text as it is, None for nothing, and anything else as its JSON, a date without quotes."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value)  # JSON knows no infinite numbers
    raw = bytes(value) if isinstance(value, msgspec.Raw) else _encode(value)
    if raw.startswith(b'"'):
        return _decode_text(raw)
    return None if raw == b"null" else raw.decode()


def cell_of(value: object) -> str:
    """Return the text of a value, an empty one for nothing."""
    return text_of(value) or ""
