"""SageMaker's environment variables as settings of the service."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from sentigrade.errors import SettingError
from sentigrade.sagemaker.folders import SageMakerFolders
from sentigrade.settings import PREFIX, Settings, environment_name

_PORT = 8080
_NO_BOUND = 65_535
_MIB = 1024 * 1024
_LOG_LEVELS = {"10": "debug", "20": "info", "30": "warning", "40": "error"}


def settings_of(environ: Mapping[str, str], folders: SageMakerFolders) -> Settings:
    """Return the settings of a container that SageMaker starts; SENTIGRADE_ variables win over SageMaker's.

    Raises SettingError, naming the variable, for a value that cannot be used.
    """
    own = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value}
    fixed = {
        environment_name("port"): str(_PORT),
        # The one folder that may be written to wherever SageMaker runs a container.
        environment_name("spool"): tempfile.gettempdir(),
        # All callers come through SageMaker, from one address.
        environment_name("connections_per_caller"): str(_NO_BOUND),
    }
    return Settings.from_environ({**fixed, **_translated(environ, folders.models), **own})


def _translated(environ: Mapping[str, str], models: Path) -> dict[str, str]:
    translations: dict[str, tuple[str, Callable[[str], str]]] = {
        "SAGEMAKER_BIND_TO_PORT": ("port", str),
        "SAGEMAKER_MODEL_SERVER_WORKERS": ("workers", str),
        "SAGEMAKER_MODEL_SERVER_TIMEOUT": ("timeout_seconds", str),
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": ("max_body_bytes", _body_bytes),
        "SAGEMAKER_CONTAINER_LOG_LEVEL": ("log_level", _log_level),
        "SAGEMAKER_MULTI_MODEL": ("multi_model", lambda value: _folder_if(value, models)),
    }
    return {
        environment_name(field): _checked(variable, field, translate, environ[variable])
        for variable, (field, translate) in translations.items()
        if environ.get(variable)
    }


def _checked(variable: str, field: str, translate: Callable[[str], str], given: str) -> str:
    """Return the value of a setting, once it is sure that it can be used."""
    name = environment_name(field)
    try:
        value = translate(given)
        Settings.from_environ({name: value})
    except ValueError as error:
        raise SettingError(f"{variable}: {error}") from None
    except SettingError as error:
        raise SettingError(str(error).replace(name, variable)) from None
    return value


def _body_bytes(mebibytes: str) -> str:
    if not mebibytes.isdecimal():
        raise ValueError("give a whole number of MiB")
    return str(max(int(mebibytes) * _MIB, Settings().max_body_bytes))


def _log_level(number: str) -> str:
    if number not in _LOG_LEVELS:
        raise ValueError("give 10 (debug), 20 (info), 30 (warning) or 40 (error)")
    return _LOG_LEVELS[number]


def _folder_if(value: str, models: Path) -> str:
    if value.lower() not in ("true", "false"):
        raise ValueError("give true or false")
    return str(models) if value.lower() == "true" else ""
