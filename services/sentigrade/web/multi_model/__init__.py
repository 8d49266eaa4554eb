"""Models that callers load and unload while the service runs, by the contract of SageMaker's multi-model endpoints."""
