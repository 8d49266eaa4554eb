"""What a job says of itself on a terminal: its plan before, and afterwards what came out."""

from collections.abc import Iterator

from sentigrade.batch.formats.named import output_of
from sentigrade.batch.job import Job
from sentigrade.batch.progress import duration
from sentigrade.batch.sink import Sink
from sentigrade.batch.tally import Summary
from sentigrade.batch.wording import counted
from sentigrade.labels import LabelSet

_BAR_CHARACTERS = 30


def plan_lines(job: Job) -> Iterator[str]:
    """Give a line for each input, and one for all of them."""
    for each in job.inputs:
        output = output_of(each.name, job.work).name
        arrow = f" -> {output}" if output != each.name else ""
        yield f"{each.name}{arrow}: {counted(each.rows, 'row')} in {counted(len(each.chunks), 'chunk')}"
    chunks = sum(len(each.chunks) for each in job.inputs)
    yield (
        f"{counted(len(job.inputs), 'file')}, {counted(job.rows, 'row')}, {counted(chunks, 'chunk')} "
        f"for {job.work.model}; nothing was written"
    )


def summary_lines(summary: Summary, labels: LabelSet, sink: Sink, seconds: float | None) -> Iterator[str]:
    """Give what came in and out, and how often each label was given; None seconds: it was done before."""
    yield (
        f"{counted(len(summary.files), 'file')}, {counted(summary.rows, 'row')} in = {summary.out:,} out + "
        f"{summary.aside:,} aside, {'done before' if seconds is None else f'in {duration(seconds)}'}"
    )
    width = max(map(len, labels.names))
    for name in labels.names:
        count = summary.labels.get(name, 0)
        share = count / summary.out if summary.out else 0
        yield f"  {name:{width}} {count:12,} {share:6.1%} {'█' * round(share * _BAR_CHARACTERS)}".rstrip()
    if summary.aside:
        reasons = ", ".join(f"{count:,} {code}" for code, count in summary.reasons.items())
        yield f"aside: {reasons}; {sink.aside} says why of each"
    yield f"outputs: {sink.address}"
