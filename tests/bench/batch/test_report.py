from bench.batch.report import Figure, Texts, summary, table
from bench.sentences import Description

FIGURES = [
    Figure("rows_per_second_ours", "rows/s: ours", [12_000.4, 15_000.4, 11_000.4]),
    Figure("two_to_one", "two, of one", [1.801, 1.902], digits=2),
]
TEXTS = Texts(Description(80_000, 20.6, 0.05), [0.0321, 0.0304])


def test_the_table_has_a_row_for_each_figure() -> None:
    lines = list(table(FIGURES, TEXTS))
    assert lines[0] == "| what | median | lowest | highest | rounds |"
    assert lines[2] == "| rows/s: ours | 12,000 | 11,000 | 15,000 | 3 |"
    assert lines[3] == "| two, of one | 1.85 | 1.80 | 1.90 | 2 |"


def test_the_table_says_what_repeated_sentences_spare_us() -> None:
    *_, last = table(FIGURES, TEXTS)
    assert "80,000 distinct sentences of 21 words" in last
    assert "3.21% of their words when they come for the first time, and 3.04% when they come again" in last


def test_programs_get_the_medians_and_the_rounds() -> None:
    figures = summary(FIGURES, TEXTS)
    assert (figures["rows_per_second_ours"], figures["two_to_one"]) == (12_000, 1.85)
    assert figures["rounds"] == {"rows_per_second_ours": [12_000, 15_000, 11_000], "two_to_one": [1.8, 1.9]}
    assert figures["unmet_shares"] == [0.0321, 0.0304]
