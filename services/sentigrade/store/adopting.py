"""A bare model from elsewhere becomes a model folder."""

from pathlib import Path

from msgspec.structs import replace

from sentigrade.classifiers.base import Parts
from sentigrade.classifiers.families import load_classifier
from sentigrade.errors import ModelFolderError
from sentigrade.manifest import Manifest, encode_manifest, parse_manifest
from sentigrade.model_folder import describe_file, write_manifest
from sentigrade.store.foreign import Adoption, manifest_of
from sentigrade.store.foreign_fasttext import read_fasttext
from sentigrade.store.foreign_pickle import read_pickle
from sentigrade.store.reference import ARCHIVE_SUFFIX, FASTTEXT_SUFFIXES


def adopt(content: bytes, file: str, adoption: Adoption, folder: Path) -> Manifest:
    """Write a bare model and a manifest for it into an empty folder; `file` says by its suffix what the bytes are.

    That is a pickled CountVectorizer and LinearSVC, a model of fastText (`.bin`, `.ftz`), or BlazingText's
    `model.tar.gz`. Texts reach the model as they are, unless it is known how they were cleaned; probabilities are
    fastText's own, or a softmax of the pipeline's scores. Raises ModelFolderError for any other model, and for one
    whose labels must be given; MissingExtra where what opens it is not installed.
    """
    read = read_fasttext if file.endswith((*FASTTEXT_SUFFIXES, ARCHIVE_SUFFIX)) else read_pickle
    try:
        foreign = read(content, file, adoption)
    except (TypeError, ValueError) as error:
        raise ModelFolderError(
            f"{file} cannot be adopted: {error}; `sentigrade adopt --labels` names its labels, in sorted order"
        ) from None
    load_classifier(foreign.family, Parts(foreign.labels, file, foreign.content))
    (folder / foreign.file).write_bytes(foreign.content)
    unlisted = manifest_of(adoption.name, adoption.license, foreign, adoption.cleaning, "nothing: it was adopted")
    manifest = replace(
        unlisted,
        files={foreign.file: describe_file(folder / foreign.file, "model")},
        training=replace(unlisted.training, parameters=dict(adoption.parameters)),
    )
    parse_manifest(encode_manifest(manifest), file)  # what was given may be too long, say
    write_manifest(manifest, folder)
    return manifest
