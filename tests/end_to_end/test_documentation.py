"""What the documentation shows is what the service does."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.live import REPOSITORY, call

COLLECTION = json.loads((REPOSITORY / "docs" / "sentigrade.postman_collection.json").read_text())


def test_the_readme_s_curl_gets_the_answer_beside_it(port: int) -> None:
    readme = (REPOSITORY / "README.md").read_text()
    example = re.search(r"localhost:1337(/\S+).*?-d '(.*?)'.*?```json\n(.*?)\n```", readme, re.DOTALL)
    assert example
    path, body, answer = example.groups()
    assert call(port, "POST", path, body.encode()).json == json.loads(answer)


@pytest.mark.parametrize("item", COLLECTION["item"], ids=lambda item: item["name"])
def test_the_postman_collection_works(port: int, item: dict[str, Any]) -> None:
    request = item["request"]
    url = urlsplit(request["url"].replace("{{host}}", "http://localhost"))
    headers = {header["key"]: header["value"] for header in request.get("header", [])}
    body = request["body"]["raw"].encode() if "body" in request else None
    path = f"{url.path}?{url.query}" if url.query else url.path
    reply = call(port, request["method"], path, body, headers)
    assert reply.status == (422 if "mistake" in item["name"] else 200)


def test_the_commands_of_the_http_interface_are_answered(port: int, tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "http.md").read_text()
    (tmp_path / "reviews.csv").write_text("id,review\n1,A warm film.\n2,An utter bore.\n")
    commands = re.findall(r"```sh\n(curl .*?)\n```", page, re.DOTALL)
    assert len(commands) == 3
    for command in commands:
        asked = command.replace("localhost:1337", f"localhost:{port}").replace("curl ", "curl --silent --fail ")
        result = subprocess.run(["sh", "-c", asked], cwd=tmp_path, check=True, capture_output=True, text=True)
        assert result.stdout or (tmp_path / "scored.csv").read_text().count("\n") == 3
