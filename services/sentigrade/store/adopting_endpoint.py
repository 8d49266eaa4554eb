"""A SageMaker endpoint becomes a model folder: a manifest that names it, and nothing else."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from sentigrade.classifiers.base import Endpoint
from sentigrade.errors import SettingError
from sentigrade.labels import LabelSet, make_labels, make_multilabel, slug_of
from sentigrade.manifest import Manifest, encode_manifest, parse_manifest
from sentigrade.model_folder import write_manifest
from sentigrade.store.foreign import Foreign, manifest_of
from sentigrade.text.profile import CleaningProfile


class EndpointAdoption(NamedTuple):
    """What a manifest says of an endpoint: under which name it is a model, where it is, and its labels."""

    name: str
    endpoint: str
    region: str
    labels: LabelSet
    license: str = "unknown"


def labels_of(given: Sequence[str], *, ordered: bool, several: bool) -> LabelSet:
    """Return the labels of `NAME` or `ID=NAME` each; an id is made of the name unless it is given.

    Raises SettingError for labels that make no set.
    """
    if ordered and several:
        raise SettingError("--ordered labels exclude each other, of --several any number applies: give one of the two")
    pairs = [label.rpartition("=") for label in given]
    names = [name.strip() for _, _, name in pairs]
    try:
        ids = [slug_of(label_id or name) for label_id, _, name in pairs]
        return make_multilabel(names, ids=ids) if several else make_labels(names, ordered=ordered, ids=ids)
    except ValueError as error:
        raise SettingError(f"--labels: {error}") from None


def adopt_endpoint(adoption: EndpointAdoption, folder: Path) -> Manifest:
    """Write the manifest of a model whose classifier is an endpoint into an empty folder; the endpoint is not asked.

    Texts are cleaned as for a model that is trained here. Probabilities are the endpoint's own: its scores are their
    logarithms (`classifiers/endpoint.py`), and nothing is known of how right they are. Raises ModelFolderError for a
    name or a region that no endpoint can have.
    """
    there = Foreign("endpoint", adoption.labels)
    fitted_on = "nothing: the probabilities are the endpoint's"
    unplaced = manifest_of(adoption.name, adoption.license, there, CleaningProfile(), fitted_on)
    manifest = replace(unplaced, endpoint=Endpoint(name=adoption.endpoint, region=adoption.region))
    parse_manifest(encode_manifest(manifest), adoption.endpoint)
    write_manifest(manifest, folder)
    return manifest
