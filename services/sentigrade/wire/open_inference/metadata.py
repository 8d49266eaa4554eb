"""Open Inference Protocol v2: what a server and a model say of themselves."""

from importlib.metadata import version as version_of

import msgspec

from sentigrade.manifest import Manifest
from sentigrade.wire.open_inference.response import outputs_of

_NAME = "sentigrade"


class ServerMetadata(msgspec.Struct, frozen=True):
    """What the server says of itself."""

    name: str = _NAME
    version: str = version_of(_NAME)
    extensions: tuple[str, ...] = ()


class LabelNames(msgspec.Struct, frozen=True):
    """The labels of a tensor's columns, in order."""

    labels: tuple[str, ...]


class TensorMetadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a tensor looks like; -1 is the number of texts."""

    name: str
    datatype: str
    shape: list[int]
    parameters: LabelNames | None = None


class ModelMetadata(msgspec.Struct, frozen=True):
    """What a model says of itself."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


def metadata_of(manifest: Manifest) -> ModelMetadata:
    """Return the metadata of a model."""
    labels = manifest.labels
    return ModelMetadata(
        name=manifest.name,
        versions=[str(manifest.version)],
        platform=f"{_NAME}_{manifest.family}",
        inputs=[TensorMetadata("text", "BYTES", [-1])],
        outputs=[
            TensorMetadata(
                name,
                output.datatype,
                output.shape(-1, len(labels)),
                LabelNames(labels.names) if output.is_by_label else None,
            )
            for name, output in outputs_of(manifest).items()
        ],
    )
