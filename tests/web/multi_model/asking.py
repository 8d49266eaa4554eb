"""What SageMaker asks of a worker."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def load(client: FlaskClient, name: str, url: str) -> TestResponse:
    return client.post("/models", json={"model_name": name, "url": url})


def invoke(client: FlaskClient, name: str) -> TestResponse:
    return client.post(f"/models/{name}/invoke", json={"mytext": "A brilliant plot."})
