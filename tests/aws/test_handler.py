"""How the function starts, or says why it does not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sentigrade.api_keys import add_key
from tests.lambda_runtime import function
from tests.live import REPOSITORY

# What a request to the default model does not need, and what would take the time of every cold start.
UNWANTED = (
    *("boto3", "botocore", "sklearn", "scipy", "torch", "onnxruntime", "fasttext", "matplotlib", "pyarrow", "ray"),
    "gunicorn",  # Lambda asks one thing at a time
)
STARTED = """
import sys
from sentigrade.aws.handler import handler
from tests.lambda_runtime import request_event
context = type("Context", (), {"aws_request_id": "id"})
loaded = set(sys.modules)
status = handler(request_event("POST", "/", {"mytext": "A superb plot."}), context)["statusCode"]
print(json.dumps([status, sorted(loaded), sorted(set(sys.modules) - loaded)]))
"""


def started(small_store: Path, spool: Path) -> tuple[int, set[str], set[str]]:
    """The status of a first answer, the modules that were imported before it, and those that it took."""
    environ = {**os.environ, "SENTIGRADE_STORE": str(small_store), "SENTIGRADE_SPOOL": str(spool)}
    command = [sys.executable, "-c", f"import json\n{STARTED}"]
    result = subprocess.run(command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, check=True)
    status, before, during = json.loads(result.stdout.splitlines()[-1])
    return status, set(before), set(during)


def test_nothing_is_imported_that_a_request_does_not_need(small_store: Path, tmp_path: Path) -> None:
    status, before, during = started(small_store, tmp_path)
    assert status == 200
    assert "sentigrade.web.predict" in before
    assert before & set(UNWANTED) == set()
    assert during == set()


@pytest.mark.parametrize(
    ("environ", "kind", "advice"),
    [
        ({"SENTIGRADE_MODLES": "sentiment"}, "SettingError", "SENTIGRADE_MODLES is not a setting"),
        ({"SENTIGRADE_MODELS": "sentiment@7"}, "StoreError", "no sentiment@7"),
        ({"SENTIGRADE_MODELS": f"sentiment@1#sha256:{'0' * 64}"}, "ModelFolderError", "as pinned"),
        ({"SENTIGRADE_SPOOL": "/nowhere"}, "SettingError", "SENTIGRADE_SPOOL: nothing can be written to /nowhere"),
        ({"SENTIGRADE_API_KEYS": "/nowhere/keys"}, "SettingError", "name a file of keys"),
    ],
)
def test_what_waiting_would_not_mend_ends_the_start_with_a_sentence(
    small_store: Path, tmp_path: Path, environ: dict[str, str], kind: str, advice: str
) -> None:
    with function(tmp_path, {"SENTIGRADE_STORE": str(small_store), **environ}) as starting:
        outcome = starting.outcome()
        assert (outcome.kind, outcome.said["errorType"]) == ("init/error", kind)
        assert advice in outcome.said["errorMessage"]
        assert outcome.said["stackTrace"] == []
        assert starting.process.wait(30) == 1
        assert "Traceback" not in starting.log
        assert not starting.api.asked.is_set()


def test_callers_need_a_key_where_there_are_keys(small_store: Path, tmp_path: Path) -> None:
    key = add_key(tmp_path / "keys", "alice")
    environ = {"SENTIGRADE_STORE": str(small_store), "SENTIGRADE_API_KEYS": str(tmp_path / "keys")}
    with function(tmp_path, environ) as running:
        assert running.call("POST", "/", {"mytext": "fine"}).status == 401
        signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=...", "X-API-Key": key}
        assert running.call("POST", "/", {"mytext": "fine"}, signed).status == 200
        assert '"key":"alice"' in running.log
