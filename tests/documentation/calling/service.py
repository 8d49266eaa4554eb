"""A service that is started as the page says, and what asks it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.documentation.blocks import Block
from tests.end_to_end.stack import ready
from tests.live import REPOSITORY

TOOLS = Path(sys.prefix) / "bin"  # node and npm come from a Python package
COMMANDS: Mapping[str, Sequence[str]] = {
    "sh": ("bash", "-euo", "pipefail", "-c"),
    "python": (sys.executable, "-c"),
    "js": (str(TOOLS / "node"), "--input-type=module", "--eval"),
}
# `make run` without the service: what it would be started with.
WRITE_SETTINGS = "make() { env --null > settings; }"


@dataclass(frozen=True)
class Service:
    """A running service, and where its callers stand: a folder with the models, and a key if one was made."""

    port: int
    folder: Path
    key: str

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def answer_to(self, example: Block) -> str:
        """Run an example as it stands on the page, but for the port; return what it prints."""
        program = example.text.replace("localhost:1337", f"localhost:{self.port}")
        result = subprocess.run(
            [*COMMANDS[example.language], program],
            cwd=self.folder,
            env={**os.environ, "MY_SENTIGRADE_KEY": self.key},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, f"{example.page}, line {example.line}: {result.stderr}"
        return result.stdout


@contextmanager
def started_by(setup: Block, folder: Path) -> Iterator[Service]:
    """Do in `folder` what the page says, and start the service with the settings that its `make run` is given."""
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "model_store").symlink_to(REPOSITORY / "model_store")
    command = ["bash", "-euo", "pipefail", "-c", f"{WRITE_SETTINGS}\n{setup.text}"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("SENTIGRADE_")}
    printed = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=True).stdout
    variables = dict(line.split("=", 1) for line in (folder / "settings").read_text().split("\0") if line)
    settings = {name: value for name, value in variables.items() if name.startswith("SENTIGRADE_")}
    key = re.search(r"^sg_\S+$", printed, re.MULTILINE)
    with ready(folder, **settings) as stack:
        yield Service(stack.port, folder, key.group() if key else "")
