import os
from pathlib import Path

import pytest

from sentigrade.errors import SettingError
from sentigrade.settings import Settings


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_environ({"PATH": "/bin"})
    assert settings == Settings()
    assert settings.port == 1337


def test_values_are_read_with_their_types() -> None:
    settings = Settings.from_environ({"SENTIGRADE_PORT": "8080", "SENTIGRADE_MODELS": "sentiment,topics@2"})
    assert settings.port == 8080
    assert settings.references == ["sentiment", "topics@2"]


def test_an_empty_value_means_the_default() -> None:
    assert Settings.from_environ({"SENTIGRADE_PORT": ""}).port == 1337


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SENTIGRADE_PORT", "http"),
        ("SENTIGRADE_PORT", "0"),
        ("SENTIGRADE_WORKERS", "-1"),
        ("SENTIGRADE_MODELS", "sentiment, topics"),
        ("SENTIGRADE_PUBLIC_KEY", "-----BEGIN PUBLIC KEY-----"),
        ("SENTIGRADE_PUBLIC_KEY", "./public.pem"),
        ("SENTIGRADE_WATCH_SECONDS", "-1"),
        ("SENTIGRADE_WATCH_SECONDS", "86401"),
        ("SENTIGRADE_WATCH_SECONDS", "30s"),
        ("SENTIGRADE_WATCH_SECONDS", "0.5"),
        ("SENTIGRADE_BIND", "nowhere"),
        ("SENTIGRADE_LOG_LEVEL", "loud"),
        ("SENTIGRADE_REQUESTS_PER_SECOND", "0"),
        ("SENTIGRADE_CONNECTIONS_PER_CALLER", "0"),
        ("SENTIGRADE_TRUSTED_PROXY", "balancer"),
        ("SENTIGRADE_TRUSTED_PROXY", "10.0.0/16"),
        ("SENTIGRADE_TRUSTED_PROXY", "10.0.0.0/16; deny all"),
        ("SENTIGRADE_TRUSTED_PROXY", "10.0.0.0/16,10.1.0.0/16"),
        ("SENTIGRADE_TRUSTED_PROXY", "10.0.0.0/255.255.0.0"),
        ("SENTIGRADE_TRUSTED_PROXY", "10.0.0.0/99"),
        ("SENTIGRADE_TRUSTED_PROXY", "999.1.1.1"),
        ("SENTIGRADE_TRUSTED_PROXY", "fd00::/200"),
        ("SENTIGRADE_TRUSTED_PROXY", ":"),
    ],
)
def test_a_bad_value_is_an_error_that_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}: "):
        Settings.from_environ({name: value})


@pytest.mark.parametrize("network", ["unix:", "10.0.0.0/16", "10.1.2.3", "2001:db8::/32", "::1", "::ffff:10.0.0.0/112"])
def test_the_load_balancer_is_an_address_or_a_network(network: str) -> None:
    assert Settings.from_environ({"SENTIGRADE_TRUSTED_PROXY": network}).trusted_proxy == network


def test_an_unknown_setting_is_an_error() -> None:
    with pytest.raises(SettingError, match="SENTIGRADE_PROT is not a setting"):
        Settings.from_environ({"SENTIGRADE_PROT": "1"})


def test_zero_workers_means_one_for_each_cpu_that_may_be_used() -> None:
    assert Settings().worker_count == len(os.sched_getaffinity(0))
    assert Settings(workers=3).worker_count == 3


def test_what_the_store_needs_is_read_as_well() -> None:
    given = {"SENTIGRADE_CACHE": "/cache", "SENTIGRADE_PUBLIC_KEY": "Ab+/1==", "SENTIGRADE_WATCH_SECONDS": "86400"}
    settings = Settings.from_environ(given)
    assert (settings.cache, settings.public_key, settings.watch_seconds) == ("/cache", "Ab+/1==", 86_400)
    assert (Settings().public_key, Settings().watch_seconds) == ("", 0)


def test_the_cache_may_lie_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somebody")
    assert Settings().cache_folder == Path("/somebody/.cache/sentigrade")
    assert Settings.from_environ({"SENTIGRADE_CACHE": ""}).cache_folder == Settings().cache_folder
    assert Settings(cache="/cache").cache_folder == Path("/cache")
