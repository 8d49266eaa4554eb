"""The Flask app, made from scorers and settings."""

from collections.abc import Sequence
from pathlib import Path

from flask import Flask

from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.api_keys import require_keys
from sentigrade.web.failures import register_failures
from sentigrade.web.health import health_routes
from sentigrade.web.metrics import Metrics
from sentigrade.web.models import model_routes
from sentigrade.web.multi_model.routes import multi_model_routes
from sentigrade.web.observing import Observer
from sentigrade.web.open_inference import open_inference_routes
from sentigrade.web.predict import prediction_routes
from sentigrade.web.reference.page import reference_routes
from sentigrade.web.sagemaker import sagemaker_routes
from sentigrade.web.service import Service


def create_app(
    scorers: Sequence[Scorer | None], settings: Settings, places: Path | None = None, loaded: Path | None = None
) -> Flask:
    """Return an app that answers with `scorers`, the first one by default; None is a model that is still missing.

    `places` is the file that says where the models lie, if there is one; `loaded` is the folder in which the processes
    of the service write down what callers have loaded, if they may. The app is ready once
    `app.extensions["sentigrade"].start()` was called in the process that serves.
    """
    service = Service(scorers, places)
    metrics = Metrics()
    app = Flask(__name__)
    app.url_map.merge_slashes = False  # a path is what it is: no redirects to another
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions["sentigrade"] = service
    app.extensions["sentigrade.metrics"] = metrics
    app.register_blueprint(prediction_routes(service, settings))
    app.register_blueprint(model_routes(service))
    app.register_blueprint(open_inference_routes(service, settings))
    app.register_blueprint(sagemaker_routes(service, settings))
    if settings.multi_model:
        app.register_blueprint(multi_model_routes(service, settings, loaded))
    app.register_blueprint(health_routes(service, metrics))
    app.register_blueprint(reference_routes(service, settings))
    register_failures(app)
    if settings.api_keys:
        require_keys(app, Path(settings.api_keys))
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    logs = settings.log_level in ("debug", "info")
    app.wsgi_app = Observer(app.wsgi_app, metrics, paths, logs=logs)  # type: ignore[method-assign]  # as Flask asks for
    return app
