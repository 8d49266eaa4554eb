import msgspec
import pytest

from sentigrade.options import Options
from sentigrade.wire.native import decode_question
from sentigrade.wire.numbers import with_whole_numbers


@pytest.mark.parametrize("number", ["2", "2.0", "2e0", "20E-1", "0.2e1"])
def test_a_whole_number_is_one_however_it_is_written(number: str) -> None:
    assert with_whole_numbers(b'{"top_k": %s}' % number.encode(), Options) == Options(top_k=2)
    assert decode_question(b'{"text": "a", "top_k": %s}' % number.encode(), max_texts=1).options.top_k == 2


def test_a_number_that_may_be_a_fraction_stays_what_it_is() -> None:
    assert with_whole_numbers(b'{"thresholds": {"a": 1.0, "b": 0.5}}', Options) == Options(
        thresholds={"a": 1.0, "b": 0.5}
    )


@pytest.mark.parametrize(
    "body", [b'{"top_k": 2.5}', b'{"top_k": 1e400}', b'{"top_k": "2.0"}', b"{", b'"\xff"', b"[" * 9999]
)
def test_whatever_else_is_wrong_stays_wrong(body: bytes) -> None:
    assert with_whole_numbers(body, Options) is None
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError, RecursionError)):
        msgspec.json.decode(body, type=Options)
