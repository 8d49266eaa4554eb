"""What was answered beside what the page shows."""

import json

from tests.documentation.blocks import Block

# As a key of an object on the page it stands for what is left out there.
REST = "..."


def require_answer(said: str, shown: Block) -> None:
    """Require that both are the same: JSON by its values, however it is laid out, and text by its characters."""
    if shown.language == "text":
        assert said.strip("\n") == shown.text.strip("\n")
    else:
        expected = values(shown.text)
        assert _without_the_rest(values(said), expected) == expected


def values(text: str) -> list[object]:
    """Return the JSON values that stand in a text one after the other; ValueError if there is anything else."""
    decoder, found, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append(value)
        rest = rest[end:].lstrip()
    return found


def _without_the_rest(said: object, shown: object) -> object:
    """Return `said` with REST in place of what `shown` leaves out."""
    if isinstance(said, list) and isinstance(shown, list) and len(said) == len(shown):
        return [_without_the_rest(*pair) for pair in zip(said, shown, strict=True)]
    if isinstance(said, dict) and isinstance(shown, dict):
        kept = {key: _without_the_rest(value, shown[key]) for key, value in said.items() if key in shown}
        added = {key: value for key, value in said.items() if key not in shown}
        return {**kept, **({REST: REST} if REST in shown and added else added)}
    return said
