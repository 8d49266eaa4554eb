"""SageMaker's environment variables, and which of them win."""

import tempfile
from pathlib import Path

import pytest

from sentigrade.errors import SettingError
from sentigrade.sagemaker.environment import settings_of
from sentigrade.sagemaker.folders import SageMakerFolders
from sentigrade.settings import Settings

FOLDERS = SageMakerFolders()


def test_without_variables_it_listens_on_8080_and_writes_to_the_temporary_folder() -> None:
    settings = settings_of({"PATH": "/usr/bin"}, FOLDERS)
    assert (settings.port, settings.spool) == (8080, tempfile.gettempdir())
    assert (settings.workers, settings.models, settings.multi_model) == (0, "sentiment", "")


@pytest.mark.parametrize(
    ("variable", "value", "field", "expected"),
    [
        ("SAGEMAKER_BIND_TO_PORT", "9000", "port", 9000),
        ("SAGEMAKER_MODEL_SERVER_WORKERS", "3", "workers", 3),
        ("SAGEMAKER_MODEL_SERVER_TIMEOUT", "60", "timeout_seconds", 60),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", "100", "max_body_bytes", 100 * 1024 * 1024),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", "1", "max_body_bytes", Settings().max_body_bytes),
        ("SAGEMAKER_CONTAINER_LOG_LEVEL", "30", "log_level", "warning"),
        ("SAGEMAKER_MULTI_MODEL", "true", "multi_model", "/opt/ml/models"),
        ("SAGEMAKER_MULTI_MODEL", "false", "multi_model", ""),
        ("SAGEMAKER_BIND_TO_PORT", "", "port", 8080),
    ],
)
def test_each_variable_becomes_a_setting(variable: str, value: str, field: str, expected: object) -> None:
    assert getattr(settings_of({variable: value}, FOLDERS), field) == expected


def test_the_one_address_that_all_callers_come_from_is_not_bounded() -> None:
    settings = settings_of({}, FOLDERS)
    assert settings.connections_per_caller == 65_535
    assert settings.requests_per_second == Settings().requests_per_second


def test_the_multi_model_folder_moves_with_the_root() -> None:
    settings = settings_of({"SAGEMAKER_MULTI_MODEL": "true"}, SageMakerFolders(Path("/elsewhere")))
    assert settings.multi_model == "/elsewhere/models"


def test_our_own_variables_win() -> None:
    given = {"SAGEMAKER_BIND_TO_PORT": "9000", "SENTIGRADE_PORT": "9001", "SENTIGRADE_SPOOL": "/spool"}
    settings = settings_of({**given, "SAGEMAKER_MULTI_MODEL": "true", "SENTIGRADE_MULTI_MODEL": "/mine"}, FOLDERS)
    assert (settings.port, settings.spool, settings.multi_model) == (9001, "/spool", "/mine")


def test_an_empty_variable_of_our_own_says_nothing() -> None:
    assert settings_of({"SAGEMAKER_BIND_TO_PORT": "9000", "SENTIGRADE_PORT": ""}, FOLDERS).port == 9000


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SAGEMAKER_BIND_TO_PORT", "http"),
        ("SAGEMAKER_BIND_TO_PORT", "70000"),
        ("SAGEMAKER_MODEL_SERVER_WORKERS", "-1"),
        ("SAGEMAKER_MODEL_SERVER_TIMEOUT", "0"),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6.5"),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", "-1"),
        ("SAGEMAKER_CONTAINER_LOG_LEVEL", "15"),
        ("SAGEMAKER_MULTI_MODEL", "yes"),
        ("SENTIGRADE_PORT", "none"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{variable}: "):
        settings_of({variable: value}, FOLDERS)
