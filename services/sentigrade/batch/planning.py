"""The plan of a job: every input is looked at once and cut into chunks, before the first of them is scored."""

from collections.abc import Sequence
from pathlib import Path

from sentigrade.batch.compression import decompressed
from sentigrade.batch.formats.base import Reading
from sentigrade.batch.formats.named import format_of, output_of, parse_file_name
from sentigrade.batch.job import Input, Job, Work
from sentigrade.batch.progress import progress_of
from sentigrade.batch.sources import Source
from sentigrade.errors import DataError, RequestError
from sentigrade.store.objects import Objects, Stored

# An input is read in blocks of so many bytes while it is planned.
_BLOCK_BYTES = 8 * 1024 * 1024


def make_plan(work: Work, source: Source, spool: Path) -> Job:
    """Return the job that scores the files of a source, as far as the work's limit goes.

    Raises DataError, naming the file, for one that cannot be read or lacks the column, and for two that would become
    one.
    """
    _require_own_outputs(source.files, work)
    left = work.limit
    inputs: list[Input] = []
    with progress_of("files looked at", len(source.files)) as advance:
        for stored in source.files:
            if left == 0:
                break
            inputs.append(_survey(source.objects, stored, work, left, spool))
            left = None if left is None else left - inputs[-1].rows
            advance(1)
    return Job(work=work, inputs=tuple(inputs))


def reading_of(work: Work, name: str, limit: int | None = None) -> Reading:
    """Return how a file of a job is read."""
    return Reading(work.text_column, output_of(name, work).format, work.chunk_rows, work.max_row_bytes, limit)


def _survey(objects: Objects, stored: Stored, work: Work, limit: int | None, spool: Path) -> Input:
    named = parse_file_name(stored.key)
    try:
        with (
            objects.open(stored, block_bytes=_BLOCK_BYTES) as file,
            decompressed(file, named.compression, spool) as content,
        ):
            survey = format_of(named.format).survey(content, reading_of(work, stored.key, limit))
    except (DataError, RequestError) as error:
        raise DataError(f"{stored.key}: {error}") from None
    return Input(
        name=stored.key,
        size=stored.bytes,
        tag=stored.tag,
        **survey._asdict(),
    )


def _require_own_outputs(files: Sequence[Stored], work: Work) -> None:
    owners: dict[str, str] = {}
    for file in files:
        output = output_of(file.key, work).name
        if output in owners:
            raise DataError(f"{owners[output]} and {file.key} would both become {output}: rename one of them")
        owners[output] = file.key
