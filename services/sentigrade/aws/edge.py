"""What nginx does for the other doors: here nobody stands between the callers and the app."""

import json

from flask import Flask, Response, abort, request

from sentigrade.errors import RequestTooLarge

# Answers of types that begin so are sent as they are; all others, which are files of ours, as base64.
TEXTS = ("text/", "application/json", "application/problem+json", "application/x-ndjson")

# What nginx adds to an answer that says nothing else (nginx/answers.conf, nginx/tls.conf).
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=63072000",
}

# Lambda takes an answer in JSON, of which this is left for the body, and ends a function that gives it more.
_MOST_BYTES = 6 * 1024 * 1024 - 64 * 1024
# As many bytes of JSON as a byte of text may become.
_LONGEST_ESCAPE = 6


def stand_at_the_edge(app: Flask) -> None:
    """Keep metrics, which are one sandbox's own, from callers, and give answers as Lambda and browsers need them."""

    @app.before_request
    def hide_metrics() -> None:
        if request.path == "/metrics":
            abort(404)

    @app.after_request
    def finish(answer: Response) -> Response:
        answer = _whole(app, answer)
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer


def _whole(app: Flask, answer: Response) -> Response:
    """Return an answer with all of its body; where that breaks off or is too long, what is said in its place."""
    if answer.direct_passthrough:  # a file of ours
        return answer
    try:
        if _bytes_of_json(answer.get_data()) > _MOST_BYTES:
            raise RequestTooLarge(
                "The answer is larger than the 6 MB that Lambda passes on; send fewer texts at a time."
            )
    except Exception as error:  # noqa: BLE001 - nothing has been sent yet, so whatever it is can be said with a status
        answer.close()
        return app.make_response(app.handle_user_exception(error))
    return answer


def _bytes_of_json(body: bytes) -> int:
    """Return how long a text is as a string of JSON; how long it can be at most where that is little."""
    most = _LONGEST_ESCAPE * len(body)
    return most if most <= _MOST_BYTES else len(json.dumps(body.decode()))
