from collections.abc import Sequence

from msgspec.structs import replace

from sentigrade.answer import Answer
from sentigrade.batch.job import Chunk, Input, Job, Place, Work
from sentigrade.batch.rows import ChunkRows, Row
from sentigrade.batch.samples import Sampler, confidence, confidences
from sentigrade.batch.tally import CONFIDENCES
from sentigrade.labels import FIVE_LEVELS
from sentigrade.scorer import Scorer
from tests.batch.formats.toxicity import COMMENT
from tests.wire.rows.answering import ANSWER

WORK = Work(model="sentiment@1", source="in", text_column="text", chunk_rows=2, max_characters=9, max_row_bytes=9)


def job_of(chunks: int) -> Job:
    cut = tuple(Chunk(number, number + 1, 1) for number in range(chunks))
    return Job(work=WORK, inputs=(Input(name="a.txt", size=9, tag="1", chunks=cut),))


def sure_by(probability: float) -> Answer:
    rest = (1 - probability) / 4
    return replace(ANSWER, probabilities=dict(zip(FIVE_LEVELS.names, (rest,) * 4 + (probability,), strict=True)))


def rows_of(texts: Sequence[str]) -> list[Row]:
    return [Row(text, {}, text.encode(), number) for number, text in enumerate(texts)]


def chunk_of(rows: list[Row]) -> ChunkRows:
    return ChunkRows(rows, len(rows), lambda row: row.place)


def test_an_answer_is_as_sure_as_its_label_is_probable() -> None:
    assert confidence(sure_by(0.75)) == 0.75


def test_several_labels_are_as_sure_as_the_most_doubtful_of_them() -> None:
    assert confidence(COMMENT) == 0.6
    assert confidence(replace(COMMENT, probabilities={"Toxic": 0.9, "Insult": 0.97, "Threat": 0.3})) == 0.7
    assert confidence(replace(COMMENT, labels=())) == 0.6


def test_answers_are_counted_by_how_sure_they_are() -> None:
    counted = confidences([*map(sure_by, (0.26, 0.29, 0.5, 0.99, 1.0))])
    assert {step: count for step, count in enumerate(counted) if count} == {5: 2, 10: 1, 19: 2}
    assert len(counted) == CONFIDENCES
    assert confidences([]) == (0,) * CONFIDENCES


class TestLeastSure:
    def test_the_three_most_doubtful_come_first_with_their_lines(self, scorer: Scorer) -> None:
        rows = rows_of(["a", "b", "c", "d", "e"])
        found = chunk_of([Row("bad", {}, b"", 99), *rows])
        answers = [*map(sure_by, (0.9, 0.5, 0.4, 0.7, 0.5))]
        samples = Sampler(job_of(1), scorer).least_sure("a.txt", found, rows, answers)
        assert [(sample.confidence, sample.line, sample.text) for sample in samples] == [
            (0.4, 2, "c"),
            (0.5, 1, "b"),
            (0.5, 4, "e"),
        ]
        assert {(sample.file, sample.labels) for sample in samples} == {("a.txt", "Positive")}

    def test_of_a_long_text_the_beginning_is_kept(self, scorer: Scorer) -> None:
        rows = rows_of(["x" * 1000])
        (sample,) = Sampler(job_of(1), scorer).least_sure("a.txt", chunk_of(rows), rows, [ANSWER])
        assert len(sample.text) < 300
        assert sample.text.startswith("xxx")
        assert sample.text.endswith("…")

    def test_no_answers_are_no_samples(self, scorer: Scorer) -> None:
        assert Sampler(job_of(1), scorer).least_sure("a.txt", chunk_of([]), [], []) == ()


class TestTellingWords:
    def test_the_words_of_some_texts_are_added_up_by_the_label_that_was_given(self, scorer: Scorer) -> None:
        rows = rows_of(["The plot isn't what I'd call not superb.", "SUPERB superb"])
        words = Sampler(job_of(1), scorer).telling_words(Place(0, 0), rows)
        given = {
            answer.label for answer in scorer.score([row.raw.decode() for row in rows]) if isinstance(answer, Answer)
        }
        assert set(words) == given
        best = words["Positive"]
        assert best["superb"] == max(best.values())
        assert all(weight > 0 for weight in best.values())

    def test_they_are_the_same_every_time(self, scorer: Scorer) -> None:
        rows = rows_of([f"A superb film, number {number}." for number in range(100)])
        first, second = (Sampler(job_of(9), scorer).telling_words(Place(0, 3), rows) for _ in range(2))
        assert first == second != {}

    def test_of_many_chunks_some_are_looked_at_and_always_the_first(self, scorer: Scorer) -> None:
        sampler = Sampler(job_of(1000), scorer)
        rows = rows_of(["A superb film."])
        told = [chunk for chunk in range(1000) if sampler.telling_words(Place(0, chunk), rows)]
        assert told[0] == 0
        assert 30 < len(told) <= 64

    def test_without_rows_there_are_none(self, scorer: Scorer) -> None:
        assert Sampler(job_of(1), scorer).telling_words(Place(0, 0), []) == {}
        assert Sampler(job_of(0), scorer).telling_words(Place(0, 0), rows_of(["A film."])) == {}

    def test_a_text_that_cannot_be_answered_tells_nothing(self, scorer: Scorer) -> None:
        assert Sampler(job_of(1), scorer).telling_words(Place(0, 0), rows_of(["superb " * 1000])) == {}
