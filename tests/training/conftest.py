"""Tests of modules that import torch are not even read where there is none."""

from importlib.util import find_spec

_WITH_TORCH = (
    "test_batches.py",
    "test_checkpoint.py",
    "test_encoder.py",
    "test_epochs.py",
    "test_fine_tuning.py",
    "test_onnx_export.py",
    "test_transformer.py",
)

collect_ignore = [] if find_spec("torch") else [*_WITH_TORCH]
