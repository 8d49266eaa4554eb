"""What can go wrong, sorted by who can mend it.

    SentigradeError
    ├── RequestError              the caller
    │   ├── MalformedRequest        bytes that are not what they say they are
    │   ├── UnsupportedMediaType    a content type this door does not read
    │   ├── RequestTooLarge         more bytes than the limit
    │   ├── InvalidRequest          well-formed, but not what was asked for
    │   └── UnknownModel            a model that is not served here
    ├── SettingError              the operator: a setting, a port, a command-line option
    ├── NotReady                  nobody, but waiting: no model could be loaded yet
    ├── StoreError                the operator: a store or a reference in it
    │   └── StoreUnreachable        nobody, but waiting: the network, or the other side
    ├── ModelFolderError          the operator: a model folder that must not be served
    └── DataError                 whoever trains or evaluates: labelled data that cannot be used

Every message is one sentence or two, says what to do instead, and never quotes the caller's text.
"""


class SentigradeError(Exception):
    """Base of every error that this package raises on purpose."""


class RequestError(SentigradeError):
    """The caller can mend it by sending something else.

    `code` is a stable slug for programs; `pointer` is the JSON pointer to the offending value.
    """

    code = "bad_request"

    def __init__(self, detail: str, *, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class MalformedRequest(RequestError):
    """The bytes cannot be read: not JSON, not UTF-8, a lone surrogate."""

    code = "malformed"


class UnsupportedMediaType(RequestError):
    """The content type is not one that this door reads."""

    code = "unsupported_media_type"


class RequestTooLarge(RequestError):
    """The body or the list is longer than its limit."""

    code = "too_large"


class InvalidRequest(RequestError):
    """The JSON is well-formed, but a field is missing, unknown or of the wrong type."""

    code = "invalid"


class UnknownModel(RequestError):
    """The named model is not served here."""

    code = "unknown_model"


class NotReady(SentigradeError):
    """No model is loaded in this process yet."""


class SettingError(SentigradeError):
    """A setting or an option has a value that cannot be used."""


class StoreError(SentigradeError):
    """The store cannot be read, or has no such name or version."""


class StoreUnreachable(StoreError):
    """The store does not answer now; it may later."""


class ModelFolderError(SentigradeError):
    """The model folder is damaged, foreign or made for something else: it is not served."""


class DataError(SentigradeError):
    """The labelled data cannot be read, learned from or measured on."""
