"""Files scored by an endpoint, which is throttled, fails and refuses what it is sent."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentigrade.answer import Answer
from sentigrade.batch.assembling import Assembler
from sentigrade.batch.job import Job, Work
from sentigrade.batch.opened import Addresses
from sentigrade.batch.patience import Patience
from sentigrade.batch.planning import make_plan
from sentigrade.batch.running import run_job
from sentigrade.batch.scoring import ChunkScorer
from sentigrade.batch.sink import Sink
from sentigrade.batch.sources import open_source
from sentigrade.batch.tally import Summary
from sentigrade.errors import EndpointUnreachable
from sentigrade.labels import FIVE_LEVELS
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.store.adopting_endpoint import EndpointAdoption, adopt_endpoint
from sentigrade.store.finding import open_model
from sentigrade.store.local import LocalObjects
from sentigrade.store.publishing import publish
from tests.batch.files import write_reviews
from tests.batch.jobs import InThisProcess, running_job
from tests.endpoint_server import REGION, EndpointServer, Said, as_blazingtext, endpoint_server, nonsense, refusal
from tests.environment import set_variables
from tests.live import wait_until

HASTY = Patience(first=0.01, longest=0.01, pauses=2)
REFUSED = "refused"


@pytest.fixture
def endpoint(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> Iterator[EndpointServer]:
    """An endpoint that answers nonsense wherever a text holds the word REFUSED."""
    answer = as_blazingtext(scorer)
    with endpoint_server(lambda body: b"[]" if REFUSED.encode() in body else answer(body)) as server:
        set_variables(monkeypatch, server.environ)
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "adopted").mkdir()
    adopt_endpoint(EndpointAdoption("reviews", "my-reviews", REGION, FIVE_LEVELS), tmp_path / "adopted")
    publish(LocalObjects(tmp_path / "store"), tmp_path / "adopted")
    return tmp_path / "store"


def score(source: Path, sink: Path, store: Path) -> Summary:
    """Score a file in chunks of ten rows, with little patience."""
    model = open_model("reviews", Settings(store=str(store)))
    found, target = open_source(str(source)), Sink(str(sink))
    work = Work(
        model=model.identity,
        source=str(source),
        text_column="text",
        chunk_rows=10,
        max_characters=1000,
        max_row_bytes=10_000,
    )
    job: Job = make_plan(work, found, source.parent)
    addresses = Addresses(found.objects.address, target.address, source.parent)
    scorer = ChunkScorer(job, addresses, Scorer(model, max_characters=1000), HASTY)
    assembler = Assembler(job, target, model.manifest.labels, source.parent)
    return run_job(job, target, assembler, InThisProcess(scorer), None)


def test_a_throttled_and_failing_endpoint_is_asked_until_it_answers(
    endpoint: EndpointServer, store: Path, scorer: Scorer, tmp_path: Path
) -> None:
    write_reviews(tmp_path / "in", files=1, rows=60)
    endpoint.always = refusal(429, "ThrottlingException")
    command = (tmp_path / "in", tmp_path / "out", "--model", "reviews", "--processes", "1")
    with running_job(*command, environ={"SENTIGRADE_STORE": str(store), **endpoint.environ}) as job:
        wait_until(lambda: len(endpoint.invocations) >= 4, "four calls that were throttled")
        endpoint.troubles.extend([Said(500, b""), Said(503, b"")])
        endpoint.always = None
        status, said = job.end()
    assert status == 0, said
    with (tmp_path / "out/reviews-000.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    answers = scorer.score([row["text"] for row in rows])
    assert [row["label"] for row in rows] == [answer.label for answer in answers if isinstance(answer, Answer)]
    assert len(rows) == 60


def test_an_endpoint_that_stays_away_ends_the_job_which_goes_on_later(
    endpoint: EndpointServer, store: Path, tmp_path: Path
) -> None:
    write_reviews(tmp_path / "in", files=1, rows=60)
    source, sink = tmp_path / "in/reviews-000.csv", tmp_path / "out"
    endpoint.troubles.extend([None] * 3)  # the warm-up and two chunks
    endpoint.always = refusal(429, "ThrottlingException")
    with pytest.raises(EndpointUnreachable):
        score(source, sink, store)
    assert len(list((sink / "_batch/done").iterdir())) == 2
    asked = len(endpoint.invocations)
    endpoint.release()
    summary = score(source, sink, store)
    assert (summary.rows, summary.out) == (60, 60)
    assert len(endpoint.invocations) == asked + 1 + 4, "the warm-up and the chunks that were left"
    assert (sink / "_SUCCESS").exists()


def test_a_text_that_an_endpoint_refuses_goes_aside_and_its_neighbours_are_answered(
    endpoint: EndpointServer, store: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text(f"text\nfine\n{REFUSED}\nfine too\n")
    summary = score(tmp_path / "in.csv", tmp_path / "out", store)
    assert (summary.rows, summary.out, summary.reasons) == (3, 2, {"endpoint_failed": 1})
    aside = json.loads((tmp_path / "out/_aside/in.csv.jsonl").read_bytes())
    assert (aside["line"], aside["row"]) == (3, REFUSED)


def test_an_endpoint_that_refuses_everything_ends_the_job(
    endpoint: EndpointServer, store: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("text\nfine\nfine too\n")
    endpoint.always = nonsense({})
    command = (tmp_path / "in.csv", tmp_path / "out", "--model", "reviews")
    with running_job(*command, environ={"SENTIGRADE_STORE": str(store), **endpoint.environ}) as job:
        status, said = job.end()
    assert status == 1
    assert "sentigrade: the endpoint my-reviews in eu-west-1 is not as its manifest says" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out/_SUCCESS").exists()
