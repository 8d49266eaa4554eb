"""A copy of the tree, in which a shell runs the commands of a page as they are printed, in their order."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.documentation.blocks import Block
from tests.live import REPOSITORY, free_port

_END_SECONDS = 30


class Workplace:
    """A folder with the tree as it is now, and what the shell finds in its environment there.

    `prelude` is a file of bash functions that stand before the commands of these names. It defines `before_block`,
    which is called with the text of each block before that is run, and ends on EXIT what it has started.
    """

    def __init__(self, folder: Path, prelude: Path, environ: Mapping[str, str]) -> None:
        self.tree = folder / "sentigrade"
        self._prelude = prelude
        self._folder = folder
        self.environ = {
            "HOME": str(folder / "home"),
            "LANG": "C.UTF-8",
            "LOKY_MAX_CPU_COUNT": "1",
            # `.venv` is that of the tests, which others use too: nothing may be put into it, nor fetched for it.
            "PIP_DRY_RUN": "1",
            "PIP_NO_INDEX": "1",
            "PATH": os.environ["PATH"],
            "SENTIGRADE_PORT": str(free_port()),
            "SENTIGRADE_WORKERS": "1",
            "WORKPLACE": str(folder),
            **environ,
        }
        (folder / "home").mkdir()
        _copy_tree(self.tree)

    def run(self, blocks: Sequence[Block], seconds: float) -> list[str]:
        """Run blocks of bash and of Python after each other and return what each has printed.

        AssertionError names the one that failed.
        """
        outputs = [self._folder / f"{number}.output" for number in range(len(blocks))]
        script = self._folder / "script"
        script.write_text(self._script(blocks, outputs), encoding="utf-8")
        with (self._folder / "errors").open("wb") as errors:
            status = _run_to_its_end(["bash", str(script)], self.tree, self.environ, errors.fileno(), seconds)
        begun = [output.read_text(encoding="utf-8") for output in outputs if output.exists()]
        if status:
            block = blocks[max(len(begun) - 1, 0)]
            said = "\n".join([*begun[-1:], (self._folder / "errors").read_text(encoding="utf-8")])
            raise AssertionError(f"{block.page}:{block.line} ended with {status}\n{block.text}\n{said}")
        return begun

    def _script(self, blocks: Sequence[Block], outputs: Sequence[Path]) -> str:
        """Put the blocks behind each other; what one sets or where it goes is so for those that follow."""
        lines = ["set -euo pipefail", f"source {shlex.quote(str(self._prelude))}"]
        for block, output in zip(blocks, outputs, strict=True):
            where = shlex.quote(str(output))
            lines += [f"before_block {shlex.quote(block.text)}", "{", self._command(block), f"}} >{where} 2>&1"]
        return "\n".join(lines) + "\n"

    def _command(self, block: Block) -> str:
        if block.language == "sh":
            return block.text
        program = self._folder / f"{block.line}.py"
        program.write_text(block.text.replace("localhost:1337", f"localhost:{self.environ['SENTIGRADE_PORT']}"))
        return shlex.join([sys.executable, str(program)])


def _copy_tree(tree: Path) -> None:
    """Copy what is or would be in the repository, as a repository of its own; the environment stays where it is."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in names:
        if name and (REPOSITORY / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, tree / name)
    for environment in (".venv", ".venv-torch"):
        (tree / environment).symlink_to(sys.prefix)
    subprocess.run(["git", "init", "--quiet"], cwd=tree, check=True)
    subprocess.run(
        ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "--quiet", "--allow-empty", "-m", "T"],
        cwd=tree,
        check=True,
    )


def _run_to_its_end(command: list[str], folder: Path, environ: Mapping[str, str], errors: int, seconds: float) -> int:
    """Run a command in a session of its own and return its status; whatever of the session is left is ended."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=errors,
        stderr=errors,
        start_new_session=True,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)  # also to what it waits for
        process.wait(_END_SECONDS)
        return 124
