"""Where a caller's url leads: to one model folder inside the folder that callers may load from, or nowhere."""

import os
from pathlib import Path

from sentigrade.errors import InvalidRequest
from sentigrade.manifest import MANIFEST


def find_model_folder(url: str, root: str) -> Path:
    """Return the folder with a manifest at `url` or one folder below it; `url` is an absolute path inside `root`.

    Raises InvalidRequest for any other url: the same for what does not exist and for what lies outside of `root`, so
    that nobody learns what else is there.
    """
    place = _resolved(url, root)
    try:
        folders = [place, *(Path(entry) for entry in os.scandir(place) if entry.is_dir(follow_symlinks=False))]
        found = [folder for folder in folders if (folder / MANIFEST).is_file()]
    except OSError:
        found = []
    if len(found) != 1:
        number = "no" if not found else "more than one"
        raise _wrong(f"There is {number} model folder at url; one {MANIFEST} must stand there or one folder below.")
    return found[0]


def _resolved(url: str, root: str) -> Path:
    """Return the path that `url` leads to, with links and dots resolved."""
    if url.startswith("/") and "\0" not in url:
        place = Path(os.path.realpath(url))
        if Path(os.path.realpath(root)) in place.parents:
            return place
    raise _wrong("url is not the path of a folder inside the one that SENTIGRADE_MULTI_MODEL names.")


def _wrong(detail: str) -> InvalidRequest:
    return InvalidRequest(detail, pointer="/url")
