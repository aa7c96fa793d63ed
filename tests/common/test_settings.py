"""Settings: typed, checked, and never half right."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from services.common.settings import (
    BaseSettings,
    CommonSettings,
    Keys,
    Positive,
    SettingsError,
    is_test_secret,
    load,
    read,
)
from tests.common.given import COMPLETE, keys, settings

NAMES = {name.upper(): value for name, value in COMPLETE.items()}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in NAMES.items():
        monkeypatch.setenv(name, str(value).lower() if isinstance(value, bool) else str(value))
    return monkeypatch


def problem(**changes: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(**changes)
    return str(caught.value)


@pytest.mark.req("GEN-43")
def test_values_come_typed_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DB_PORT", "6432")
    environment.setenv("ENABLE_METRICS", "true")
    found = load(CommonSettings)
    assert found.db_port == 6432
    assert found.enable_metrics is True
    assert found.token_keys.current[0] == "t2"
    assert found.default_zone.key == "America/Chicago"
    assert found.address_of("delivery") == COMPLETE["delivery_address"]
    assert not found.production


@pytest.mark.req("GEN-43", "SEC-126")
@pytest.mark.parametrize("name", sorted(set(COMPLETE) - {"environment", "service_name", "enable_metrics"}))
def test_a_required_setting_that_is_missing_is_named(environment: pytest.MonkeyPatch, name: str) -> None:
    for nothing in (None, ""):
        if nothing is None:
            environment.delenv(name.upper())
        else:
            environment.setenv(name.upper(), nothing)
        with pytest.raises(SystemExit) as caught:
            load(CommonSettings)
        assert f"\n{name.upper()}: is required" in str(caught.value)


@pytest.mark.req("GEN-43")
@pytest.mark.parametrize("value", ["yes", "1", "True", "TRUE", "on", " true"])
def test_a_boolean_is_true_or_false(value: str) -> None:
    assert problem(enable_metrics=value) == "ENABLE_METRICS: must be true or false"


@pytest.mark.req("GEN-43")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("environment", "prod"),
        ("log_level", "verbose"),
        ("log_format", "xml"),
        ("jwt_algorithm", "none"),
        ("provider_mode", "fake"),
        ("db_port", "70000"),
        ("db_port", "many"),
        ("bind_address", "somewhere"),
        ("public_base_url", "ftp//x"),
        ("default_timezone", "Mars/Olympus"),
        ("redis_url", "http://127.0.0.1"),
        ("support_email", "nobody"),
        ("jwt_secret", "short"),
        ("service_token_secret", "short"),
        ("hash_keys", "h1:c2hvcnQ="),
        ("rpc_processes", "0"),
        ("db_pool_max", "0"),
    ],
)
def test_a_value_that_cannot_be_meant_stops_the_start(name: str, value: str) -> None:
    text = problem(**{name: value})
    assert text.startswith(f"{name.upper()}: ")
    assert "\n" not in text


def test_all_problems_are_told_at_once() -> None:
    text = problem(environment="prod", db_port="x")
    assert [line.partition(":")[0] for line in text.splitlines()] == ["ENVIRONMENT", "DB_PORT"]


@pytest.mark.req("GEN-43")
def test_no_problem_shows_the_value_at_fault() -> None:
    secret = base64.b64encode(b"only-24-bytes-of-secret!").decode()
    for name in ("jwt_secret", "token_keys", "service_token_secret", "redis_url"):
        assert secret not in problem(**{name: f"k:{secret}" if name == "token_keys" else secret[:30]})


def test_printing_settings_shows_no_secret() -> None:
    text = repr(settings(redis_url="redis://:pa55word@127.0.0.1"))
    for secret in ("pa55word", COMPLETE["jwt_secret"], COMPLETE["db_password"], COMPLETE["token_keys"][3:20]):
        assert secret not in text


def test_any_value_may_come_from_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from-a-file-9\n")
    environment.delenv("DB_PASSWORD")
    environment.setenv("DB_PASSWORD_FILE", str(file))
    assert load(CommonSettings).db_password.get_secret_value() == "from-a-file-9"

    environment.setenv("DB_PASSWORD", "twice")
    with pytest.raises(SystemExit, match="DB_PASSWORD: is given twice"):
        load(CommonSettings)

    environment.delenv("DB_PASSWORD")
    environment.setenv("DB_PASSWORD_FILE", str(tmp_path / "absent"))
    with pytest.raises(SystemExit, match="DB_PASSWORD_FILE: the file cannot be read"):
        load(CommonSettings)


PRODUCTION = {"environment": "production", "log_level": "info"}


@pytest.mark.req("SEC-49")
@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"provider_mode": "recording"}, "PROVIDER_MODE"),
        ({"enable_rate_limiting": "false"}, "ENABLE_RATE_LIMITING"),
        ({"log_level": "debug"}, "LOG_LEVEL"),
        ({"jwt_secret": "test-secret-test-secret-test-secret-1"}, "JWT_SECRET"),
        ({"service_token_secret": "changeme-changeme-changeme-changeme-1"}, "SERVICE_TOKEN_SECRET"),
        ({"db_password": "password"}, "DB_PASSWORD"),
        ({"hash_keys": f"h:{base64.b64encode(b'0' * 32).decode()}"}, "ENCRYPTION_KEYS"),
    ],
)
def test_production_refuses_what_tests_may_do(changes: dict[str, Any], name: str) -> None:
    assert settings(**PRODUCTION).production
    assert settings(**changes)
    assert problem(**{**PRODUCTION, **changes}).startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"jwt_algorithm": "ES256"}, "JWT_PUBLIC_KEY"),
        ({"jwt_secret": None}, "JWT_SECRET"),
        ({"service_token_secret": COMPLETE["jwt_secret"]}, "SERVICE_TOKEN_SECRET"),
        ({"db_pool_min": 11}, "DB_POOL_MIN"),
        ({"hash_keys": COMPLETE["token_keys"]}, "ENCRYPTION_KEYS"),
        ({"tls_key_file": "/x"}, "TLS_CERTIFICATE_FILE"),
    ],
)
def test_settings_that_contradict_each_other_stop_the_start(changes: dict[str, Any], name: str) -> None:
    assert problem(**changes).startswith(f"{name}: ")


@pytest.mark.parametrize(
    "secret", ["", "aaaaaaaa", "my-test-key", "TopSecret secret", "changeme", "demo 123 xyz w"]
)
def test_typed_secrets_are_recognised(secret: str) -> None:
    assert is_test_secret(secret)


def test_drawn_secrets_are_not_taken_for_typed_ones() -> None:
    assert not is_test_secret(COMPLETE["jwt_secret"])
    assert not is_test_secret("xTestyQ9dSecretly2Wm")


def test_a_role_adds_its_own_settings(environment: pytest.MonkeyPatch) -> None:
    class Mine(BaseSettings):
        workers: Positive = 4
        extra_keys: Keys

    environment.setenv("WORKERS", "8")
    environment.setenv("EXTRA_KEYS", keys("x"))
    found = load(Mine)
    assert (found.workers, found.extra_keys.current[0]) == (8, "x")
    assert read(Mine, workers=2).workers == 2
