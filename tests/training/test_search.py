from sentigrade.data.examples import Examples
from sentigrade.data.sources import Source
from sentigrade.labels import FIVE_LEVELS
from sentigrade.manifest import AS_ONE_TEXT
from sentigrade.text.profile import CleaningProfile
from sentigrade.training.linear import LinearParameters
from sentigrade.training.search import (
    as_table,
    cleaning_candidates,
    compare,
    parameter_candidates,
    pipeline_candidates,
)


def test_the_first_candidates_are_the_defaults_and_the_others_differ() -> None:
    for candidates in (cleaning_candidates(), parameter_candidates()):
        assert candidates[0].profile == CleaningProfile()
        assert candidates[0].parameters == LinearParameters()
        assert len({(str(profile), str(parameters)) for _, profile, parameters in candidates}) == len(candidates)


def test_a_pipeline_is_tried_with_and_without_lemmas() -> None:
    assert [candidate.profile.lemmas for candidate in pipeline_candidates("en_core_web_sm")] == [False, True]


def test_a_comparison_is_a_row_a_candidate(examples: Examples) -> None:
    source = Source(FIVE_LEVELS, examples, [], license="self-written", long_text=AS_ONE_TEXT)
    lines = list(as_table(compare(source, cleaning_candidates()[:2], seed=1)))
    assert len(lines) == 4
    assert lines[2].startswith("| default | 0.9") or lines[2].startswith("| default | 1.0")
    assert lines[3].startswith("| HTML kept |")
