from hypothesis import given
from hypothesis import strategies as st

from sentigrade.batch.job import Chunk, Input, Job, Place, Work
from sentigrade.batch.tally import CONFIDENCES, Done, FileSummary, Sample, most_telling
from sentigrade.batch.totals import Totals

WORK = Work(model="sentiment@1", source="in", text_column="text", chunk_rows=2, max_characters=9, max_row_bytes=9)
JOB = Job(
    work=WORK,
    inputs=(
        Input(name="a.csv", size=9, tag="1", chunks=(Chunk(5, 9, 2), Chunk(9, 12, 2)), first_line=2),
        Input(name="b.txt", size=9, tag="2", chunks=(Chunk(0, 4, 1),)),
        Input(name="empty.csv", size=0, tag="3"),
    ),
)


def sample(confidence: float, file: str, line: int) -> Sample:
    return Sample(confidence, file, line, "a text", "Good")


def steps(**counts: int) -> tuple[int, ...]:
    return tuple(counts.get(f"step_{step}", 0) for step in range(CONFIDENCES))


DONE = [
    Done(
        input=0,
        chunk=0,
        rows=2,
        lines=7,
        out=1,
        reasons={"malformed": 1},
        labels={"Good": 1},
        confidence=steps(step_19=1),
        least_sure=(sample(0.95, "a.csv", 3),),
        words={"Good": {"fine": 0.5, "film": 0.25}},
    ),
    Done(
        input=0,
        chunk=1,
        rows=2,
        lines=3,
        out=2,
        reasons={},
        labels={"Good": 1, "Bad": 1},
        confidence=steps(step_10=1, step_19=1),
        least_sure=(sample(0.5, "a.csv", 2), sample(0.95, "a.csv", 0)),
        words={"Good": {"fine": 0.25}, "Bad": {"dull": 1.5}},
    ),
    Done(
        input=1,
        chunk=0,
        rows=1,
        lines=1,
        out=0,
        reasons={"malformed": 1, "text_too_long": 3},
        labels={},
        confidence=steps(),
    ),
]


def totals(*dones: Done) -> Totals:
    sums = Totals(JOB)
    for done in dones:
        sums.add(done)
    return sums


@given(st.permutations(DONE))
def test_the_sums_are_the_same_in_whichever_order_chunks_are_done(dones: list[Done]) -> None:
    summary = totals(*dones).summary()
    assert summary == totals(*DONE).summary()
    assert (summary.model, summary.rows, summary.out, summary.aside) == ("sentiment@1", 5, 3, 5)
    assert summary.labels == {"Good": 2, "Bad": 1}
    assert summary.confidence == steps(step_10=1, step_19=2)
    assert summary.words == {"Bad": {"dull": 1.5}, "Good": {"fine": 0.75, "film": 0.25}}
    assert summary.files == (
        FileSummary(name="a.csv", rows=4, out=3, labels={"Good": 2, "Bad": 1}),
        FileSummary(name="b.txt", rows=1, out=0, labels={}),
        FileSummary(name="empty.csv", rows=0, out=0, labels={}),
    )


def test_the_most_frequent_reason_comes_first() -> None:
    assert list(totals(*DONE).reasons.items()) == [("text_too_long", 3), ("malformed", 2)]


def test_the_most_doubtful_answers_stand_on_the_lines_of_their_files() -> None:
    assert [(each.confidence, each.line) for each in totals(*DONE).summary().least_sure] == [
        (0.5, 2 + 7 + 2),  # the header and the first chunk are before it
        (0.95, 2 + 7 + 0),
        (0.95, 2 + 3),
    ]


def test_of_many_doubtful_answers_a_dozen_is_kept() -> None:
    chunks = tuple(Chunk(number, number + 1, 1) for number in range(20))
    job = Job(work=WORK, inputs=(Input(name="a.txt", size=20, tag="1", chunks=chunks),))
    sums = Totals(job)
    for number in reversed(range(20)):
        sums.add(
            Done(
                input=0,
                chunk=number,
                rows=1,
                lines=1,
                out=1,
                reasons={},
                labels={"Good": 1},
                confidence=steps(step_0=1),
                least_sure=(sample(number / 20, "a.txt", 0),),
            )
        )
    kept = sums.summary().least_sure
    assert [(each.confidence, each.line) for each in kept] == [(number / 20, number + 1) for number in range(12)]


def test_it_knows_which_chunks_and_which_inputs_are_done() -> None:
    sums = totals(DONE[1])
    assert sums.has(Place(0, 1))
    assert not sums.has(Place(0, 0))
    assert sums.lines(0) is None
    sums.add(DONE[0])
    assert sums.lines(0) == [7, 3]
    assert sums.lines(1) is None
    assert sums.lines(2) == []


def test_nothing_is_a_sum_too() -> None:
    empty = Totals(Job(work=WORK, inputs=())).summary()
    assert (empty.rows, empty.out, empty.aside, empty.labels, empty.files) == (0, 0, 0, {}, ())


def test_the_words_that_added_most_come_first_and_those_that_took_away_do_not() -> None:
    words = {f"word {number}": float(number) for number in range(-5, 200)}
    telling = most_telling(words)
    assert list(telling.values()) == sorted(telling.values(), reverse=True)
    assert (len(telling), telling["word 199"], min(telling.values())) == (100, 199.0, 100.0)
    assert most_telling({"a": -1.0, "b": 0.0, "c": 0.1234567}) == {"c": 0.123457}
