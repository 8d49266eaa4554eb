"""What can go wrong, sorted by who can mend it.

    SentigradeError
    ├── RequestError              the caller
    │   ├── MalformedRequest        bytes that are not what they say they are
    │   ├── UnsupportedMediaType    a content type this door does not read
    │   ├── NotAcceptable           an answer in a form that this door does not write
    │   ├── RequestTooLarge         more bytes than the limit, or more texts than can be answered in time
    │   ├── InvalidRequest          well-formed, but not what was asked for
    │   ├── UnknownModel            a model that is not served here
    │   ├── ModelLoadedAlready      a name under which a model is loaded (multi-model mode)
    │   └── NoMemory                a model that needs more memory than is free: unload another one first
    ├── SettingError              the operator: a setting, a port, a command-line option
    │   └── MissingExtra            the operator: a library that only some need is not installed
    ├── NotReady                  nobody, but waiting: no model could be loaded yet
    ├── SpoolError                the operator: no room for a body of rows
    ├── StoreError                the operator: a store or a reference in it
    │   └── StoreUnreachable        nobody, but waiting: the network, or the other side
    ├── ModelFolderError          the operator: a model folder that must not be served
    ├── EndpointError             the operator: an endpoint that classifies for a model, but not as it should
    │   └── EndpointUnreachable     nobody, but waiting: it does not answer now, or has too much to do
    ├── AwsError                  the operator: AWS refuses what it is asked for, or what was made there is no good
    │   └── AwsUnreachable          nobody, but waiting: AWS does not answer now, or is not done yet
    ├── ServiceError              whoever asks a running service, with sentigrade.client
    │   ├── ServiceUnreachable      nobody, but waiting: no connection, or one that broke
    │   ├── ServiceRefusal          the service said no, and why
    │   │   └── ServiceBusy           nobody, but waiting: it starts, stops or has too much to do
    │   └── UnreadableAnswer        the address: what came is no answer of a Sentigrade
    ├── JobInterrupted            nobody, but running the same command again: what is done of the job is kept
    └── DataError                 whoever trains, evaluates or scores files: data that cannot be used
        ├── TooManyBadRows          more rows of a batch job cannot be answered than it may have
        └── NoAnswers               no row of a batch job can be answered

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


class NotAcceptable(RequestError):
    """The caller accepts no form of answer that this door writes."""

    code = "not_acceptable"


class RequestTooLarge(RequestError):
    """The body or the list is longer than its limit, or than can be answered in time."""

    code = "too_large"


class InvalidRequest(RequestError):
    """The JSON is well-formed, but a field is missing, unknown or of the wrong type."""

    code = "invalid"


class UnknownModel(RequestError):
    """The named model is not served here."""

    code = "unknown_model"


class ModelLoadedAlready(RequestError):
    """A model is loaded under this name; it must be unloaded before another one is loaded."""

    code = "loaded_already"


class NoMemory(RequestError):
    """A model needs more memory than is free; others must be unloaded first."""

    code = "no_memory"


class NotReady(SentigradeError):
    """No model is loaded in this process yet."""


class SpoolError(SentigradeError):
    """A body of rows could not be written to the spool folder."""


class SettingError(SentigradeError):
    """A setting or an option has a value that cannot be used."""


class MissingExtra(SettingError):
    """A library that only some need is not installed; `what` needs it, an extra of this package brings it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs the extra "{extra}": run pip install "sentigrade[{extra}]"')


class StoreError(SentigradeError):
    """The store cannot be read, or has no such name or version."""


class StoreUnreachable(StoreError):
    """The store does not answer now; it may later."""


class ModelFolderError(SentigradeError):
    """The model folder is damaged, foreign or made for something else: it is not served."""


class EndpointError(SentigradeError):
    """An endpoint that classifies for a model refuses to, or its answer makes no sense.

    The message is for the operator. `code` is a stable slug for programs, `told` what callers are told: which endpoint
    it is, is no business of theirs.
    """

    code = "endpoint_failed"
    told = "The endpoint that classifies for this model does not answer as it should; tell whoever runs this service."


class EndpointUnreachable(EndpointError):
    """The endpoint does not answer now, or not in time; it may later."""

    code = "endpoint_unreachable"
    told = "The endpoint that classifies for this model does not answer now; send it again in a few seconds."


class AwsError(SentigradeError):
    """AWS refuses what it is asked for, or what was made there does not work."""


class AwsUnreachable(AwsError):
    """AWS does not answer now, has too much to do, or is not done yet: the same command may go on later."""


class ServiceError(SentigradeError):
    """A running service did not answer as asked."""


class ServiceUnreachable(ServiceError):
    """The service does not answer now, or broke off in the middle of an answer; it may answer later."""


class ServiceRefusal(ServiceError):
    """The service said no, and why: the fields of its problem (RFC 9457).

    `status` is that of HTTP, `code` a stable slug for programs, `pointer` the JSON pointer to the offending value;
    by `request_id` the service's operator finds the request in the log.
    """

    def __init__(
        self, detail: str, *, status: int, code: str, pointer: str | None = None, request_id: str | None = None
    ) -> None:
        place = f", at {pointer}" if pointer else ""
        request = f", request {request_id}" if request_id else ""
        super().__init__(f"{detail} ({status} {code}{place}{request})")
        self.detail = detail
        self.status = status
        self.code = code
        self.pointer = pointer
        self.request_id = request_id


class ServiceBusy(ServiceRefusal):
    """The service starts, stops or has too much to do, and still does after the last try."""


class UnreadableAnswer(ServiceError):
    """What came is not an answer of a Sentigrade: probably the address is another's."""


class JobInterrupted(SentigradeError):
    """A batch job has lost what it works with; what is done of it is kept, and the same command goes on."""


class DataError(SentigradeError):
    """The data cannot be read, learned from, measured on or scored."""


class TooManyBadRows(DataError):
    """More rows of a batch job cannot be answered than it may have."""


class NoAnswers(DataError):
    """No row of a batch job can be answered."""
