"""SageMaker's sessions on the command line: its folders lie under a root of the test's own."""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest

from bench.processes import children, command_line
from sentigrade.model import load_model
from tests.cli.running import bad_model, refusal, sentigrade
from tests.conftest import SUBJECTS, WORDS_BY_LEVEL
from tests.fasttext_models import TEXTS, content_of, train
from tests.live import REPOSITORY, begin_upload, call, free_port, predict, receive, wait_until

GRADES = ("awful", "poor", "so-so", "good", "great")
ROWS = [
    (f"The {subject} is {word}.", grade)
    for grade, words in zip(GRADES, WORDS_BY_LEVEL, strict=True)
    for word in words
    for subject in SUBJECTS
]
TEXT = b'{"mytext": "A superb plot."}'


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def as_csv(rows: list[tuple[str, str]]) -> str:
    return "review,grade\n" + "".join(f"{text},{label}\n" for text, label in rows)


def put_job(root: Path, **hyperparameters: str) -> None:
    """Put the data of a training job where SageMaker puts it."""
    given = {"text_column": "review", "label_column": "grade", "ordered": ",".join(GRADES), **hyperparameters}
    write(root / "input" / "config" / "hyperparameters.json", json.dumps(given))
    write(root / "input" / "data" / "train" / "reviews.csv", as_csv(ROWS))
    write(root / "input" / "data" / "validation" / "reviews.csv", as_csv(ROWS[::7]))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The root of a job that went well, and what it printed; nothing was left over that its log would complain of."""
    root = tmp_path_factory.mktemp("job")
    put_job(root, name="grades", license="self-written", seed="7", sagemaker_region="us-east-1")
    result = sentigrade("sagemaker", "--root", root, "train")
    assert result.returncode == 0, result.stderr
    assert "Warning" not in result.stderr
    return root, result.stdout


def test_a_training_job_makes_a_model_that_loads(trained: tuple[Path, str]) -> None:
    root, _ = trained
    manifest = load_model(root / "model").manifest
    assert (manifest.name, manifest.license, manifest.training.seed) == ("grades", "self-written", 7)
    assert manifest.labels.names == GRADES
    assert manifest.training.data[0].rows == len(ROWS)
    assert not (root / "output" / "failure").exists()


def test_a_training_job_prints_figures_that_patterns_find(trained: tuple[Path, str]) -> None:
    root, printed = trained
    figures = load_model(root / "model").manifest.metrics
    lines = printed.splitlines()
    assert f"validation:accuracy={figures['validation']['accuracy']};" in lines
    assert f"train:macro_f1={figures['train, grouped cross-validation']['macro_f1']};" in lines
    assert sum(line.startswith("train:accuracy=") for line in lines) == 1


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"epochs": "5"}, "epochs is not a hyperparameter; known are name,"),
        ({"name": "My Grades"}, "'My Grades' is not a name for a model"),
        ({"label_column": "stars"}, "there is no column 'stars'; the columns are review, grade"),
        ({"ordered": "good,great"}, "the label 'awful' is in the file but not among the ordered ones"),
    ],
)
def test_a_job_that_fails_says_why_and_leaves_no_model(
    hyperparameters: dict[str, str], reason: str, tmp_path: Path
) -> None:
    put_job(tmp_path, **hyperparameters)
    said = refusal("sagemaker", "--root", tmp_path, "train")
    failure = (tmp_path / "output" / "failure").read_text()
    assert reason in failure
    assert said == f"sentigrade: {failure}\n"
    assert [*tmp_path.glob("model/*")] == []


def test_a_model_is_never_added_to_what_is_there(tmp_path: Path) -> None:
    put_job(tmp_path)
    write(tmp_path / "model" / "notes.txt", "Mine.")
    assert "model holds something already" in refusal("sagemaker", "--root", tmp_path, "train")
    assert (tmp_path / "model" / "notes.txt").read_text() == "Mine."


def test_a_model_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    put_job(tmp_path)
    (tmp_path / "model").write_text("not a folder")
    assert "model cannot be written to (File exists)" in refusal("sagemaker", "--root", tmp_path, "train")


@contextmanager
def long_training(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A training job in `ml` that still has much to do, with temporary files in `temporary`."""
    put_job(folder / "ml")
    much = [(f"Reel {number} {text}", label) for number in range(300) for text, label in ROWS]
    write(folder / "ml" / "input" / "data" / "train" / "reviews.csv", as_csv(much))
    (folder / "temporary").mkdir()
    command = [sys.executable, "-m", "sentigrade", "sagemaker", "--root", str(folder / "ml"), "train"]
    environ = {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder / "temporary")}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "train: 27000 texts\n"
        yield process


def test_a_training_job_that_is_stopped_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with long_training(tmp_path) as process:
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert said.endswith("sentigrade: The training was stopped before it was done: start the job again.\n")
    assert (tmp_path / "ml" / "output" / "failure").read_text() in said
    assert [*tmp_path.glob("ml/model/*"), *tmp_path.glob("temporary/*")] == []


def folds_being_learned(pid: int) -> list[int]:
    """Return the processes that learn a fold each, below the process `pid`."""
    below = children(pid)
    found = [child for child in below if b"popen_loky" in command_line(child)]
    return found + [fold for child in below for fold in folds_being_learned(child)]


def test_a_fold_that_is_killed_for_want_of_memory_is_said(tmp_path: Path) -> None:
    with long_training(tmp_path) as process:
        wait_until(lambda: bool(folds_being_learned(process.pid)), "cross-validation")
        os.kill(folds_being_learned(process.pid)[0], signal.SIGKILL)
        process.communicate(timeout=60)
    assert process.returncode == 1
    assert "was killed, probably because the memory was full" in (tmp_path / "ml" / "output" / "failure").read_text()
    assert [*tmp_path.glob("ml/model/*")] == []


def test_what_is_processed_can_be_trained_on(tmp_path: Path) -> None:
    write(tmp_path / "processing" / "input" / "all" / "reviews.csv", as_csv([*ROWS, ("<br>", "so-so")]))
    columns = ("--text-column", "review", "--label-column", "grade")
    result = sentigrade("sagemaker", "--root", tmp_path, "process", *columns, "--ordered", ",".join(GRADES))
    assert (result.returncode, result.stdout) == (0, "all/reviews.csv: 91 rows\n"), result.stderr
    lines = tmp_path / "processing" / "output" / "all" / "reviews.txt"
    assert lines.read_text().startswith("__label__awful the film is dreadful .\n")
    assert [*lines.parents[1].iterdir()] == [lines.parent]

    put_job(tmp_path)
    (tmp_path / "input" / "data" / "train" / "reviews.csv").unlink()
    lines.rename(tmp_path / "input" / "data" / "train" / "reviews.txt")
    assert sentigrade("sagemaker", "--root", tmp_path, "train").returncode == 0
    assert load_model(tmp_path / "model").manifest.labels.names == GRADES


def test_processing_that_fails_names_file_and_line_and_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", "text,label\nA film,good\n")
    write(tmp_path / "in" / "b.csv", "text,label\nA film,good\nA film\n")
    folders = ("--input", tmp_path / "in", "--output", tmp_path / "out")
    result = sentigrade("sagemaker", "--root", tmp_path, "process", *folders)
    assert result.returncode == 1
    message = (tmp_path / "output" / "message").read_text()
    assert message == f"{tmp_path}/in/b.csv, line 3: column 'label' is empty"
    assert [*(tmp_path / "out").iterdir()] == []


def test_processing_writes_a_manifest_of_flags_and_says_which_number_is_which_label(tmp_path: Path) -> None:
    write(tmp_path / "processing" / "input" / "a.csv", "text,sad,funny\nA FILM,1,1\nA bore,0,0\n")
    result = sentigrade("sagemaker", "--root", tmp_path, "process", "--flags", "sad,funny", "--format", "manifest")
    assert (result.returncode, result.stdout) == (0, "0 = sad\n1 = funny\na.csv: 2 rows\n"), result.stderr
    lines = (tmp_path / "processing" / "output" / "a.jsonl").read_text().splitlines()
    assert lines == ['{"source":"a film","label":[0,1]}', '{"source":"a bore","label":[]}']


def test_processing_does_not_write_into_its_input(tmp_path: Path) -> None:
    folders = ("--input", tmp_path, "--output", tmp_path / "out")
    assert "write into a folder outside of the input" in refusal("sagemaker", "--root", tmp_path, "process", *folders)


class Serving:
    """`sentigrade sagemaker serve` on a free port, with its output in a file."""

    def __init__(self, folder: Path, root: Path, **environ: str) -> None:
        self.port = free_port()
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self._log = folder / "output"
        own = {"PATH": "/usr/bin:/bin", "TMPDIR": str(self.temporary), "SAGEMAKER_BIND_TO_PORT": str(self.port)}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sentigrade", "sagemaker", "--root", str(root), "serve"],
                cwd=REPOSITORY,
                env={**own, "SAGEMAKER_MODEL_SERVER_WORKERS": "1", **environ},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._log.read_text()

    def answers(self) -> bool:
        assert self.process.poll() is None, self.output
        try:
            return call(self.port, "GET", "/ping").status == 200
        except (OSError, HTTPException):
            return False


@pytest.fixture
def serving(trained: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The model that the training job made, being served."""
    # A short name: sockets lie below it, and their paths may not be long.
    with running(Serving(tmp_path_factory.mktemp("serving"), trained[0])) as serving:
        yield serving


@contextmanager
def running(serving: Serving) -> Iterator[Serving]:
    try:
        wait_until(serving.answers, "readiness")
        yield serving
    finally:
        serving.process.terminate()  # killed, it would leave gunicorn and nginx behind
        serving.process.wait(30)


def test_what_a_training_job_made_is_served_until_it_is_to_stop(serving: Serving) -> None:
    reply = predict(serving.port, "A superb plot.")
    assert (reply.json["model"], reply.json["label"]) == ("grades", "great")
    with begin_upload(serving.port, len(TEXT)) as upload:
        serving.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not is_open(serving.port), "closing the port")
        upload.sendall(TEXT)
        assert receive(upload).json["label"] == "great"
    assert serving.process.wait(20) == 0
    assert [*serving.temporary.iterdir()] == []


def is_open(port: int) -> bool:
    try:
        return call(port, "GET", "/health/live").status == 200
    except (OSError, HTTPException):
        return False


def test_what_nginx_refuses_is_in_the_output_and_each_request_only_once(serving: Serving) -> None:
    call(serving.port, "GET", "/metrics", headers={"X-Request-ID": "refused"})
    call(serving.port, "GET", "/health/live", headers={"X-Request-ID": "answered"})
    wait_until(lambda: "refused" in serving.output, "the line of the refusal")
    lines = [line for line in map(json.loads, serving.output.splitlines()) if "request_id" in line]
    assert [line["status"] for line in lines if line["request_id"] == "refused"] == ["404"]
    assert len([line for line in lines if line["request_id"] == "answered"]) == 1


def test_a_model_of_blazingtext_is_served_as_it_is(tmp_path_factory: pytest.TempPathFactory) -> None:
    root, model = tmp_path_factory.mktemp("ml"), train()
    (root / "model").mkdir()
    (root / "model" / "model.bin").write_bytes(content_of(model))
    with running(Serving(tmp_path_factory.mktemp("serving"), root)) as serving:
        body = {"instances": TEXTS, "configuration": {"k": 2}}
        predictions = call(serving.port, "POST", "/invocations", body).json
    for text, prediction in zip(TEXTS, predictions, strict=True):
        labels, probabilities = model.predict(text.replace("\n", " "), k=2)
        assert prediction["label"] == [*labels]
        assert prediction["prob"] == pytest.approx(probabilities, abs=3e-5)


def test_a_bare_pickle_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.pkl").write_bytes(pickle.dumps("anything"))
    said = bad_model("sagemaker", "--root", tmp_path, "serve", SENTIGRADE_STORE=str(REPOSITORY / "model_store"))
    assert "make one of a pickle with `sentigrade adopt`" in said


def test_a_variable_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    said = refusal("sagemaker", "--root", tmp_path, "serve", SAGEMAKER_MODEL_SERVER_WORKERS="many")
    assert said == "sentigrade: SAGEMAKER_MODEL_SERVER_WORKERS: Expected `int`, got `str`\n"
