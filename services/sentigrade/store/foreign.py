"""What is known of a model that was made elsewhere, before it has a folder."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sentigrade.calibration import uncalibrated
from sentigrade.labels import LabelSet
from sentigrade.manifest import AS_ONE_TEXT, Manifest, Requirements, Training, now
from sentigrade.text.cleaning import Cleaner
from sentigrade.text.profile import AS_IT_IS, CleaningProfile


class Adoption(NamedTuple):
    """What a model from elsewhere does not say of itself.

    `labels` are display names of its labels, in their sorted order; `ordered` makes them levels. Without names, labels
    0..4 or those with the ids of the five levels are the five levels, and others are called as they are there.
    `cleaning` is how the texts were cleaned that it learned from, and `parameters` what its training was told: what is
    not known is left out, and texts reach it as they are.
    """

    name: str
    labels: Sequence[str] = ()
    ordered: bool = False
    license: str = "unknown"
    cleaning: CleaningProfile = AS_IT_IS
    parameters: Mapping[str, str] = {}


class Foreign(NamedTuple):
    """A model from elsewhere: its family, its labels, and the bytes that will be the file called `file`, if it has one.

    `packages` are the versions that it was made with, as far as it says.
    """

    family: str
    labels: LabelSet
    file: str = ""
    content: bytes = b""
    extra: str | None = None
    packages: Mapping[str, str] = {}


def manifest_of(name: str, license: str, foreign: Foreign, profile: CleaningProfile, fitted_on: str) -> Manifest:
    """Return what is to be said of it, without files: neither its data is known, nor how good it is.

    Its probabilities are its scores as they are, and `fitted_on` says so.
    """
    return Manifest(
        schema=1,
        name=name,
        version=1,  # publishing gives it the next one
        family=foreign.family,
        created=now(),
        license=license,
        labels=foreign.labels,
        cleaning=profile,
        long_text=AS_ONE_TEXT,
        calibration=uncalibrated(foreign.labels, fitted_on=fitted_on),
        files={},
        requires=Requirements(
            extra=foreign.extra,
            packages=dict(foreign.packages),
            cleaning_sha256=Cleaner(profile).fingerprint(),
        ),
        training=Training(data=(), seed=None, parameters={}),
        metrics={},
    )
