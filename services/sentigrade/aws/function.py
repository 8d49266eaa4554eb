"""The Lambda door: the Flask app as a function that answers the events of a function URL.

Lambda makes the function before its first request, in a sandbox that answers one request at a time and stands still in
between. So all that takes time is done while it is made, and nothing runs beside a request: what could not be reached
then is looked for by later requests.
"""

import logging.config
import tempfile
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from apig_wsgi import make_lambda_handler
from awslambdaric.lambda_runtime_exception import FaultException

from sentigrade.aws.edge import TEXTS, stand_at_the_edge
from sentigrade.errors import SentigradeError
from sentigrade.places import write_places
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.app import create_app
from sentigrade.web.loading import load
from sentigrade.web.logs import logging_config
from sentigrade.web.service import Service
from sentigrade.web.spooling import require_spool

# How long to wait before looking again for what could not be reached; meanwhile it is a 503 at once.
_RETRY_SECONDS = 2
_VERSION = "2.0"
# What every event of that format has, and what is read of it.
_PARTS = {"version", "rawPath", "rawQueryString", "headers", "requestContext"}

_log = logging.getLogger(__name__)


class Context(Protocol):
    """What Lambda knows of an invocation."""

    aws_request_id: str


Event = dict[str, Any]
Handler = Callable[[Event, Context], dict[str, Any]]


def make_handler(environ: MutableMapping[str, str]) -> Handler:
    """Return the handler of a function with these environment variables, ready to answer.

    Raises SettingError, StoreError, ModelFolderError or AwsError for what keeps it from starting.
    """
    if environ.get("API_KEYS_SECRET"):
        from sentigrade.aws.secrets import fetch_api_keys  # noqa: PLC0415 - boto3 takes a while, and few need it

        fetch_api_keys(environ)
    return Function(Settings.from_environ(environ)).answer


class Function:
    """The service in one sandbox."""

    def __init__(self, settings: Settings) -> None:
        """Load the models and prove them; one whose store or endpoint does not answer is looked for later."""
        logging.config.dictConfig(logging_config(settings.log_level))
        require_spool(settings.spool)
        self._settings = settings
        self._places = Path(tempfile.mkdtemp(dir=settings.spool)) / "places.json"
        self._load()
        app = create_app(self._scorers, settings, self._places)
        stand_at_the_edge(app)
        self._service: Service = app.extensions["sentigrade"]
        self._start()
        self._answer = make_lambda_handler(app.wsgi_app, non_binary_content_type_prefixes=TEXTS)

    def answer(self, event: Event, context: Context) -> dict[str, Any]:
        """Answer an event of a function URL; raises FaultException for any other."""
        if not _is_request(event):
            raise FaultException(
                "UnknownEvent",
                f"This is no request in payload format {_VERSION}: call the function by its URL, or by an HTTP API "
                "with that format.",
            )
        if not self._service.ready and monotonic() >= self._not_before:
            self._look_again()
        return self._answer(_as_sent(event, context), context)

    def _load(self) -> None:
        places, loaded = load(self._settings)
        write_places(self._places, places)
        self._scorers: list[Scorer | None] = list(loaded.values())

    def _start(self) -> None:
        self._service.start()
        self._not_before = monotonic() + _RETRY_SECONDS

    def _look_again(self) -> None:
        """Look again for models whose store did not answer, and ask endpoints again."""
        try:
            if None in self._scorers:
                self._load()
                self._service.use(self._scorers)
        except SentigradeError as error:
            _log.error("not loaded", extra={"fields": {"reason": str(error)}})
        self._start()


def _is_request(event: object) -> bool:
    return isinstance(event, dict) and event.keys() >= _PARTS and event["version"] == _VERSION


def _as_sent(event: Event, context: Context) -> Event:
    """Return an event whose request has an id, by which Lambda knows it too, and whose body is whole."""
    headers: Mapping[str, str] = event["headers"]
    sent = {name: value for name, value in headers.items() if name != "transfer-encoding"}
    return {**event, "headers": {"x-request-id": context.aws_request_id, **sent}}
