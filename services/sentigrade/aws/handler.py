"""What awslambdaric is told to call: `sentigrade.aws.handler.handler`."""

import gc
import os
from typing import TYPE_CHECKING

from awslambdaric.lambda_runtime_exception import FaultException

from sentigrade.errors import SentigradeError
from sentigrade.native_threads import bound_native_threads

if TYPE_CHECKING:
    from sentigrade.aws.function import Handler


def _handler() -> "Handler":
    # While everything is being loaded nothing is garbage, and looking for it takes a tenth of the time to start.
    gc.disable()
    bound_native_threads(os.environ)
    # Lambda has no memory that processes share, and joblib would say so at each start.
    os.environ["JOBLIB_MULTIPROCESSING"] = "0"
    from sentigrade.aws.function import make_handler  # noqa: PLC0415 - it imports numpy, which starts its threads

    try:
        return make_handler(os.environ)
    except SentigradeError as error:
        # Lambda's log and whoever invokes the function are told this sentence, without a trace.
        raise FaultException(type(error).__name__, str(error)) from None
    finally:
        gc.freeze()
        gc.enable()


handler = _handler()
