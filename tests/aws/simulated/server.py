"""SageMaker on loopback: moto's, with what that lacks. python -m tests.aws.simulated.server PORT."""

import json
import re
import signal
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sagemaker import urls
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.aws.simulated.containers import CONTAINERS
from tests.aws.simulated.endpoints import SERVING, EndpointResponses
from tests.aws.simulated.jobs import JobResponses
from tests.aws.simulated.plan import CONTROL, CONTROL_PATH, Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_INVOCATION = re.compile("/endpoints/([^/]+)/invocations")
_PASSED_ON = ("Content-Type", "Accept", "X-Amzn-SageMaker-Custom-Attributes")


class Responses(EndpointResponses, JobResponses):
    """All that is answered otherwise than moto would."""


class Server:
    """The tests' own path, what is refused, the containers, and moto for all else."""

    def __init__(self) -> None:
        urls.url_paths["{0}/$"] = Responses.dispatch
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        invocation = _INVOCATION.fullmatch(request.path)
        operation = "InvokeEndpoint" if invocation else request.headers.get("X-Amz-Target", "").partition(".")[2]
        refusal = CONTROL.plan.take_refusal(operation)
        if refusal and refusal.done:
            Response.from_app(self._moto, environ)
        if refusal:
            return _refused(refusal)(environ, start_response)
        if invocation:
            return _invoked(invocation[1], request)(environ, start_response)
        if request.path == CONTROL_PATH:
            CONTROL.replace(request.get_data())
            return Response()(environ, start_response)
        answered: Iterable[bytes] = self._moto(environ, start_response)
        return answered


def _refused(refusal: Refusal) -> Response:
    body = json.dumps({"__type": refusal.code, "message": refusal.message})
    return Response(body, refusal.status, {"x-amzn-errortype": refusal.code}, content_type="application/x-amz-json-1.1")


def _invoked(name: str, request: Request) -> Response:
    """Ask the container behind an endpoint, as SageMaker does."""
    container = SERVING.get(name)
    if container is None:
        return _refused(Refusal("", "ValidationError", f"Endpoint {name} of account 123456789012 not found."))
    passed_on = {header: request.headers[header] for header in _PASSED_ON if header in request.headers}
    reply = container.invoke(request.get_data(), passed_on)
    if reply.status != 200:
        body = json.dumps({"OriginalStatusCode": reply.status, "OriginalMessage": reply.text, "Message": "ModelError"})
        return Response(body, 424, {"x-amzn-errortype": "ModelError"}, content_type="application/json")
    return Response(reply.body, content_type=reply.headers["Content-Type"])


def serve(port: int) -> None:
    """Answer until SIGTERM, and end the containers then."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = make_server("127.0.0.1", port, Server(), threaded=True, request_handler=MotoRequestHandler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    finally:
        CONTAINERS.stop()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
