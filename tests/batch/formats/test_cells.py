from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentigrade.batch.formats.cells import cell_of, text_of


@given(st.text(st.characters(codec="utf-8")))
def test_a_text_stays_as_it_is_and_its_json_is_read(text: str) -> None:
    assert cell_of(text) == text
    assert cell_of(msgspec.Raw(msgspec.json.encode(text))) == text


@pytest.mark.parametrize(
    "spelled", ["1e400", "12345678901234567890123", "1.10", "-0", "true", '[1,{"a":"b"}]', '{"a": null}']
)
def test_json_stays_as_it_is_spelled(spelled: str) -> None:
    assert cell_of(msgspec.Raw(spelled.encode())) == spelled


@pytest.mark.parametrize("nothing", [None, msgspec.Raw(b"null")])
def test_nothing_is_an_empty_cell_and_no_text(nothing: object) -> None:
    assert cell_of(nothing) == ""
    assert text_of(nothing) is None
    assert text_of("") == ""


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (True, "true"),
        (2**64 - 1, "18446744073709551615"),
        (Decimal("1.10"), "1.10"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), "2024-02-29T12:00:00Z"),
        (b"\xff\xfe", "//4="),
        (["a", None], '["a",null]'),
        ({"a": "b"}, '{"a":"b"}'),
    ],
)
def test_another_value_is_its_json_without_quotes(value: object, cell: str) -> None:
    assert cell_of(value) == cell


@given(st.floats())
def test_a_number_is_read_back_even_one_that_json_does_not_know(number: float) -> None:
    assert repr(float(cell_of(number))) == repr(number)
