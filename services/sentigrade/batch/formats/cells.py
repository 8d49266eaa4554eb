"""Values of one format as the text that a cell of a table without types holds."""

import msgspec

_encode = msgspec.json.Encoder().encode
_decode_text = msgspec.json.Decoder(str).decode


def cell_of(value: object) -> str:
    """Return a text as it is, nothing as an empty one, and anything else as its JSON, a date without quotes."""
    if isinstance(value, str):
        return value
    raw = bytes(value) if isinstance(value, msgspec.Raw) else _encode(value)
    if raw.startswith(b'"'):
        return _decode_text(raw)
    return "" if raw == b"null" else raw.decode()
