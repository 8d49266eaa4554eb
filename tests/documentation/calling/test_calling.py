"""docs/calling.md tells of every endpoint, in three languages, and shows what is really answered."""

import re

import pytest

from tests.documentation.answers import require_answer, values
from tests.documentation.blocks import Block
from tests.documentation.calling.conftest import ServiceOf
from tests.documentation.calling.operations import described_operations
from tests.documentation.calling.page import LANGUAGES, SECTIONS, SETUP, TABLE, Row, Section

EXAMPLES = [
    pytest.param(section, example, id=f"{section.anchor}, {example.language}")
    for section in SECTIONS
    for example in section.examples
]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.anchor)
def test_a_section_asks_in_each_language_and_shows_the_answer_last(section: Section) -> None:
    assert tuple(example.language for example in section.examples) == LANGUAGES
    assert section.blocks[-1] == section.answer


@pytest.mark.parametrize(("section", "example"), EXAMPLES)
def test_an_example_prints_the_answer_of_its_section(service_of: ServiceOf, section: Section, example: Block) -> None:
    require_answer(service_of(section.setup or SETUP).answer_to(example), section.answer)


def test_the_table_lists_what_is_served_and_nothing_else() -> None:
    assert {operation for row in TABLE for operation in row.operations} == described_operations()


def test_the_table_leads_to_each_section() -> None:
    assert {anchor for row in TABLE for anchor in row.anchors} == {section.anchor for section in SECTIONS}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: "+".join(sorted(row.anchors)))
def test_each_section_of_a_row_asks_its_paths(row: Row) -> None:
    sections = [section for section in SECTIONS if section.anchor in row.anchors]
    asked = "\n".join(section.examples[0].text for section in sections)
    for _, path in row.operations:
        address = re.sub(r"\\{\w+\\}", r"[^/\\s]+", re.escape(f"http://localhost:1337{path}"))
        assert re.search(rf"{address}(?=[\s'?]|$)", asked), path


def test_what_a_service_says_besides_the_page_is_noticed() -> None:
    shown = Block("page", 1, "json", "", '{"label": "Good", "...": "..."}\n{"status": "live"}\n')
    require_answer('{"label":"Good","level":1}{"status":"live"}', shown)
    for said in ('{"label":"Bad","level":1}{"status":"live"}', '{"label":"Good"}{"status":"live"}', '{"label":"Good"}'):
        with pytest.raises(AssertionError):
            require_answer(said, shown)
    with pytest.raises(AssertionError):
        require_answer('{"label":"Good","level":1}{"status":"live","more":1}', shown)
    with pytest.raises(ValueError, match="Expecting value"):
        values("curl: (22) The requested URL returned error: 422")
