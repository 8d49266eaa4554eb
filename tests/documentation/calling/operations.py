"""Every method and path that a service answers, by its own description."""

from sentigrade.settings import Settings
from sentigrade.web.app import create_app


def described_operations() -> set[tuple[str, str]]:
    """Return the methods and paths of /openapi.json, those with which callers load models included."""
    client = create_app([None], Settings(multi_model="/opt/ml/models")).test_client()
    paths = client.get("/openapi.json").get_json()["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}
