"""Texts answered on the command line, and what `serve` refuses to start with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import bad_model, failure, printed, refusal, sentigrade
from tests.client.scripted import ANSWER, answers, problem, reply, serving
from tests.live import DEFAULT_VERSION

TWICE = f"sentiment,sentiment@{DEFAULT_VERSION}"


def test_predict_answers_its_arguments_a_line_each(small_store: Path) -> None:
    result = sentigrade("predict", "--store", small_store, "--model", "sentiment", "A brilliant plot.", "A dull plot.")
    assert [json.loads(line)["level"] for line in result.stdout.splitlines()] == [4, 1]


def test_predict_answers_the_lines_of_standard_input(small_store: Path) -> None:
    result = sentigrade("predict", "--store", small_store, "--scores", stdin="A brilliant plot.\n\nA dreadful plot.\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == 3
    assert answers[0]["label"] == "Positive"
    assert "scores" in answers[0]


def test_predict_gives_a_bad_row_an_error_and_goes_on(small_store: Path) -> None:
    result = sentigrade("predict", "--store", small_store, stdin="x" * 100_001 + "\nA brilliant plot.\n")
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["error"]["code"] == "text_too_long"
    assert second["label"] == "Positive"


def test_predict_takes_a_line_that_is_no_utf_8_for_a_bad_row(small_store: Path) -> None:
    command = [sys.executable, "-m", "sentigrade", "predict", "--store", str(small_store)]
    result = subprocess.run(command, input=b"caf\xe9\nA brilliant plot.\n", capture_output=True, check=True)
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["error"]["code"] == "not_unicode"
    assert second["label"] == "Positive"


def test_predict_numbers_bad_rows_over_all_blocks(small_store: Path) -> None:
    lines = ["A brilliant plot."] * 10_000
    lines[7_000] = "\0"
    result = sentigrade("predict", "--store", small_store, stdin="\n".join(lines))
    outcomes = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row, outcome["error"]["row"]) for row, outcome in enumerate(outcomes) if "error" in outcome] == [
        (7_000, 7_000)
    ]
    assert len(outcomes) == 10_000


def test_predict_answers_somebody_who_types_before_the_next_line(small_store: Path) -> None:
    command = [sys.executable, "-m", "sentigrade", "predict", "--store", str(small_store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for text, level in ((b"A brilliant plot.\n", 4), (b"A dull plot.\n", 1)):
            process.stdin.write(text)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["level"] == level


def test_predict_takes_the_mark_and_line_ends_of_other_systems_for_no_text(small_store: Path) -> None:
    result = sentigrade("predict", "--store", small_store, stdin="\ufeffA dull plot.\r\nA dull plot.\n")
    first, second = result.stdout.splitlines()
    assert first == second


def test_predict_gives_what_is_asked_for(small_store: Path) -> None:
    choices = ("--explain", "--sentences", "--top-k", "2")
    answer = json.loads(
        sentigrade("predict", "--store", small_store, *choices, "A dull plot. A brilliant cast.").stdout
    )
    assert len(answer["probabilities"]) == 2
    assert answer["explanation"]["words"]
    assert [sentence["start"] for sentence in answer["sentences"]] == [0, 13]


def test_predict_refuses_options_that_do_not_fit_the_model(small_store: Path) -> None:
    assert "multi-label" in refusal("predict", "--store", small_store, "--thresholds", "toxic=0.5", "x")


@pytest.mark.parametrize("given", ["toxic", "toxic=much", "toxic=2", "=0.5"])
def test_predict_takes_a_label_and_a_number_for_a_threshold(given: str) -> None:
    result = sentigrade("predict", "--thresholds", given, "x")
    assert result.returncode == 2
    assert "give a label and a number from 0 to 1, such as toxic=0.5" in result.stderr


def test_predict_asks_a_service_just_so() -> None:
    choices = ("--model", "topics", "--scores", "--explain", "--sentences", "--top-k", "2", "--thresholds", "a=b=0.5")
    with serving(answers(ANSWER, {"error": {"code": "c", "detail": "d", "row": 1}})) as service:
        said = printed("predict", "--url", service.url, *choices, "first", "second")
    first, second = map(json.loads, said.splitlines())
    assert first == ANSWER
    assert second == {"error": {"code": "c", "detail": "d", "row": 1}}
    assert service.asked[0].json == {
        "mytext": ["first", "second"],
        "model": "topics",
        "scores": True,
        "explain": True,
        "sentences": True,
        "top_k": 2,
        "thresholds": {"a=b": 0.5},
    }


def test_predict_sends_the_lines_of_standard_input_to_a_service() -> None:
    with serving(answers(ANSWER, ANSWER)) as service:
        result = sentigrade("predict", "--url", service.url, stdin="first\nsecond\n")
    assert result.stdout.count("\n") == 2
    assert service.asked[0].json == {"mytext": ["first", "second"]}


def test_predict_takes_the_key_for_a_service_from_the_environment() -> None:
    with serving(answers(ANSWER)) as service:
        printed("predict", "--url", service.url, "x", MY_SENTIGRADE_KEY="sg_key")
        printed("predict", "--url", service.url, "x", MY_SENTIGRADE_KEY="")
    assert [asked.headers.get("X-API-Key") for asked in service.asked] == ["sg_key", None]


def test_predict_says_how_to_send_a_key_that_is_missing_and_quotes_no_wrong_one() -> None:
    with serving(problem(401, code="unauthorized", detail="An API key is needed here.")) as service:
        assert "An API key is needed here. (401 unauthorized" in refusal("predict", "--url", service.url, "x")
        said = refusal("predict", "--url", service.url, "x", MY_SENTIGRADE_KEY="sg_Zq two")
    assert "API key is empty, or holds what no key does" in said
    assert "Zq" not in said


def test_predict_says_by_its_status_whether_to_try_the_service_again() -> None:
    with serving(problem(504), problem(422, detail="No such thing."), reply(b"<html>", "text/html")) as service:
        assert "504" in failure(os.EX_TEMPFAIL, "predict", "--url", service.url, "x")
        assert "No such thing." in refusal("predict", "--url", service.url, "x")
        assert "address of a Sentigrade" in refusal("predict", "--url", service.url, "x")
        not_tls = service.url.replace("http:", "https:")
        assert "TLS failed" in failure(os.EX_TEMPFAIL, "predict", "--url", not_tls, "x")


@pytest.mark.parametrize(
    ("arguments", "environ", "reason"),
    [
        (("predict", "--store", "nowhere", "x"), {}, "store nowhere cannot be read"),
        (("predict", "--url", "localhost:1337", "x"), {}, "The address of a service is http://HOST:PORT"),
        (("predict", "--model", "Oracle", "--store", ".", "x"), {}, "'Oracle' is not a model"),
        (("serve",), {"SENTIGRADE_PORT": "none"}, "SENTIGRADE_PORT: Expected `int`"),
        (("serve",), {"SENTIGRADE_STORE": "nowhere"}, "store nowhere cannot be read"),
        (("serve",), {"SENTIGRADE_MODELS": "oracle", "SENTIGRADE_STORE": "."}, "no promoted version of oracle"),
        (("serve",), {"SENTIGRADE_MODELS": TWICE}, "SENTIGRADE_MODELS names a model twice"),
    ],
)
def test_an_expected_error_is_one_line_and_a_failing_status(
    arguments: tuple[str, ...], environ: dict[str, str], reason: str
) -> None:
    result = sentigrade(*arguments, **environ)
    assert result.returncode == 1
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_damaged_model_is_not_served(model_folder: Path) -> None:
    (model_folder / "model.joblib").write_bytes(b"something else")
    (model_folder.parent / "promoted").write_text("1\n")
    said = bad_model("serve", SENTIGRADE_STORE=str(model_folder.parents[1]))
    assert "not the file that the manifest describes" in said
