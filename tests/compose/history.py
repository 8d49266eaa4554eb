"""Commits to deploy, in a repository of their own."""

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from tests.live import DEFAULT_MODEL, DEFAULT_VERSION, REPOSITORY

_MANIFEST = DEFAULT_MODEL / "manifest.json"
MODELS = f"sentiment@{DEFAULT_VERSION}#sha256:{sha256(_MANIFEST.read_bytes()).hexdigest()}"


class History:
    """A repository with this working tree as its first commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listing, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
        for name in names.rstrip("\0").split("\0"):
            if (REPOSITORY / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / name, folder / name)
        self.git("init", "--quiet")

    def commit(self, path: str = "", old: str = "", new: str = "") -> str:
        """Commit everything, after replacing a text in a file, and return the commit's id."""
        if path:
            text = (self.folder / path).read_text()
            assert old in text
            (self.folder / path).write_text(text.replace(old, new, 1))
        self.git("add", "--all")
        self.git("-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message", "test")
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", *arguments]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()
