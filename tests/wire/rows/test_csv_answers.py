import csv
import io
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sentigrade.answer import Answer, Rejection
from sentigrade.errors import InvalidRequest, RequestError
from sentigrade.labels import FIVE_LEVELS, LabelSet, make_labels
from sentigrade.options import Options
from sentigrade.wire.rows.csv_answers import CellsWriter, CsvWriter
from sentigrade.wire.rows.csv_table import CsvRows
from sentigrade.wire.rows.formats import Format
from sentigrade.wire.rows.row import Row
from tests.wire.rows.answering import ANSWER, REJECTION, answer_to, rows_of

CSV = Format.CSV
ADDED = [
    *("label", "level", "polarity"),
    *(f"probability_{label}" for label in FIVE_LEVELS.ids),
    *("model", "version", "error_code", "error_detail"),
]
ANSWERED = ["Positive", "4", "0.5", "0.0", "0.1", "0.2", "0.3", "0.4", "sentiment", "1", "", ""]

Cells = st.text(st.characters(codec="utf-8"), max_size=20) | st.text('a,"\r\n👍ש\ufeff', max_size=20)
Tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(Cells, min_size=width, max_size=width), min_size=1, max_size=8)
)


def parse(answer: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.decode("utf-8-sig"), newline=""), strict=True))


def added_to(
    outcome: Answer | Rejection, labels: LabelSet = FIVE_LEVELS, options: Options | None = None
) -> dict[str, str]:
    """The added columns of one row."""
    writer = CsvWriter(CsvRows(io.BytesIO(b"text\n"), None, max_row_bytes=10), labels, options or Options())
    header, record = parse(writer.header() + writer.encode([Row(0, "a", b"a")], [outcome]))
    return dict(zip(header[1:], record[1:], strict=True))


@given(
    table=Tables,
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    mark=st.sampled_from(["", "\ufeff"]),
    ended=st.booleans(),
)
def test_the_answer_is_the_csv_as_it_was_with_columns_added(
    table: list[list[str]], line_end: str, quoting: Literal[0, 1, 2], mark: str, ended: bool
) -> None:
    table[0] = [f"{number}{name}" for number, name in enumerate(table[0])]
    body = mark + _written(table, line_end, quoting)
    answer = answer_to((body if ended else body.removesuffix(line_end)).encode(), CSV, CSV, column=table[0][0])
    assert answer.decode().startswith(mark)
    records = parse(answer)
    assert [record[: len(table[0])] for record in records] == table
    assert [record[len(table[0]) :] for record in records] == [ADDED] + [ANSWERED] * (len(table) - 1)


@given(st.binary(max_size=80) | st.text('a,"\r\n;\tש', max_size=80).map(str.encode), st.integers(8, 40))
def test_whatever_is_sent_as_rows_the_answer_is_a_csv_of_one_width(body: bytes, limit: int) -> None:
    body = b"id,text\n" + body
    records = parse(answer_to(body, CSV, CSV, limit=limit))
    assert {len(record) for record in records} == {2 + len(ADDED)}
    rows = rows_of(CSV, body, limit=limit)
    assert len(records) == 1 + len(rows)
    for row, record in zip(rows, records[1:], strict=True):
        assert record[-2] == (row.content.code if isinstance(row.content, Rejection) else "")


@given(st.binary(max_size=80) | st.text('at,"\r\n;\t', max_size=80).map(str.encode))
def test_whatever_is_sent_is_answered_as_a_csv_of_one_width_or_refused(body: bytes) -> None:
    try:
        answer = answer_to(body, CSV, CSV)
    except RequestError:
        return
    assert len({len(record) for record in parse(answer)}) == 1


def test_each_record_is_repeated_byte_for_byte() -> None:
    body = b'"id",text,stars\n1, "a" ,5\n"2","b ""c""",\n'.replace(b"\n", b"\r\n")
    lines = answer_to(body, CSV, CSV).split(b"\r\n")
    assert [line.startswith(record) for line, record in zip(lines, body.split(b"\r\n"), strict=True)] == [True] * 4
    assert lines[1] == b'1, "a" ,5,Positive,4,0.5,0.0,0.1,0.2,0.3,0.4,sentiment,1,,'


@pytest.mark.parametrize(
    "bad", [b'7,"not closed', b"7,a,b,c", b"7", b"7,an old\rline end", b'"7",a "quote", and', b'"7"7,a']
)
def test_a_bad_row_stands_whole_in_the_column_of_the_texts(bad: bytes) -> None:
    _, good, shown, last = parse(answer_to(b"id,text\n1,a\n" + bad + b"\n2,b\n", CSV, CSV))
    assert (good[:2], last[:2]) == (["1", "a"], ["2", "b"])
    assert shown[:2] == ["", bad.decode()]
    assert set(shown[2:-2]) == {""}
    assert shown[-2] in ("malformed", "invalid")


def test_a_row_that_is_no_utf_8_keeps_its_columns() -> None:
    _, record = parse(answer_to(b"id,text\n7,caf\xe9\n", CSV, CSV))
    assert record[:2] == ["7", "caf\ufffd"]
    assert record[-2] == "not_unicode"


def test_what_the_scorer_rejects_is_an_error_in_its_row() -> None:
    _, first, second = parse(answer_to(b"id,text\n1,too long\n2,a\n", CSV, CSV))
    assert first == ["1", "too long", *[""] * 10, REJECTION.code, REJECTION.detail]
    assert second == ["2", "a", *ANSWERED]


def test_an_added_column_gives_way_to_one_of_its_name() -> None:
    header, _ = parse(answer_to(b"label,text,model,answer_model\ngold,a,b,c\n", CSV, CSV))
    assert header == [
        *("label", "text", "model", "answer_model"),
        *("answer_label", *ADDED[1:8], "answer_answer_model", *ADDED[9:]),
    ]


def test_an_answer_can_be_sent_again() -> None:
    once = answer_to(b"id,text\n1,a\n", CSV, CSV)
    header, record = parse(answer_to(once, CSV, CSV))
    assert len(set(header)) == len(header)
    assert record == ["1", "a", *ANSWERED, *ANSWERED]


def test_scores_are_columns_when_asked_for() -> None:
    answer = replace(ANSWER, scores=dict(zip(FIVE_LEVELS.names, (-2.0, -1.0, 0.0, 1.0, 2.0), strict=True)))
    columns = added_to(answer, options=Options(scores=True))
    assert [columns[f"score_{label}"] for label in FIVE_LEVELS.ids] == ["-2.0", "-1.0", "0.0", "1.0", "2.0"]
    assert not any(name.startswith("score") for name in added_to(answer))


def test_of_the_most_probable_labels_the_others_are_left_empty() -> None:
    answer = replace(ANSWER, probabilities={"Positive": 0.4, "Neutral": 0.2}, scores={"Positive": 2.0, "Neutral": 0.0})
    columns = added_to(answer, options=Options(top_k=2, scores=True))
    assert [columns[f"probability_{label}"] for label in FIVE_LEVELS.ids] == ["", "", "0.2", "", "0.4"]
    assert [columns[f"score_{label}"] for label in FIVE_LEVELS.ids] == ["", "", "0.0", "", "2.0"]


def test_labels_without_order_have_no_level_and_any_name() -> None:
    labels = make_labels(['Sport, "live"', "World\nnews"], ordered=False)
    answer = Answer(label='Sport, "live"', probabilities={'Sport, "live"': 0.9}, model="topics", version=2)
    assert added_to(answer, labels) == {
        "label": 'Sport, "live"',
        "probability_sport_live": "0.9",
        "probability_world_news": "",
        "model": "topics",
        "version": "2",
        "error_code": "",
        "error_detail": "",
    }


@pytest.mark.parametrize(
    ("options", "name"), [(Options(explain=True), "explain"), (Options(sentences=True), "sentences")]
)
def test_options_without_columns_are_refused_before_anything_is_written(options: Options, name: str) -> None:
    with pytest.raises(InvalidRequest, match="Accept: application/x-ndjson") as caught:
        answer_to(b"text\na\n", CSV, CSV, options=options)
    assert caught.value.pointer == f"/{name}"


def test_the_cells_stand_alone_for_whoever_joins_them_with_what_was_sent() -> None:
    writer = CellsWriter(FIVE_LEVELS, Options())
    answer = writer.header() + writer.encode([Row(0, "a"), Row(1, REJECTION)], [ANSWER, REJECTION])
    assert parse(answer) == [ANSWERED, [*[""] * 10, REJECTION.code, REJECTION.detail]]
    assert answer.endswith(b"\n")
    assert b"\r" not in answer


def test_cells_alone_have_no_room_for_explanations_either() -> None:
    with pytest.raises(InvalidRequest, match="no room for explain"):
        CellsWriter(FIVE_LEVELS, Options(explain=True))


def _written(table: list[list[str]], line_end: str, quoting: Literal[0, 1, 2]) -> str:
    return "".join(_record(fields, quoting) + line_end for fields in table)


def _record(fields: list[str], quoting: Literal[0, 1, 2]) -> str:
    text = io.StringIO(newline="")
    # With this line end any line break is quoted; Python 3.11 leaves a lone \r bare where \n ends the lines.
    csv.writer(text, lineterminator="\r\n", quoting=quoting).writerow(fields)
    return text.getvalue().removesuffix("\r\n")
