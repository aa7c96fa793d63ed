"""Configuration by environment only; a wrong value names its variable."""

from pathlib import Path

import pytest

from sandbox.settings import SettingsError, load


def test_nothing_needs_to_be_set() -> None:
    settings = load({})
    assert str(settings.http) == "127.0.0.1:8090"
    assert str(settings.apns) == "127.0.0.1:8091"
    assert settings.gateway_url is None
    assert settings.signing_key == Path(".angarium/sandbox.pem")


def test_everything_can_be_set() -> None:
    settings = load(
        {
            "SANDBOX_HTTP": "0.0.0.0:1", "SANDBOX_SMTP": "[::1]:2", "SANDBOX_DATABASE": "/tmp/x.sqlite",
            "SANDBOX_SEED": "s", "GATEWAY_URL": "https://g.example/", "BOUNCE_SMTP": "g.example:25",
            "SENDGRID_WEBHOOK_URL": "https://g.example/webhooks", "SANDBOX_PACE": "0.5",
            "SANDBOX_API_KEYS": "SG.a,SG.b", "SANDBOX_SMTP_CREDENTIALS": "me:pass:word",
        }
    )  # fmt: skip
    assert (settings.smtp.host, settings.smtp.port) == ("::1", 2)
    assert settings.gateway_url == "https://g.example"
    assert settings.signing_key == Path("/tmp/x.pem")
    assert settings.api_keys == {"SG.a", "SG.b"}
    assert settings.smtp_credentials == ("me", "pass:word")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SANDBOX_HTTP", "8090"),
        ("SANDBOX_SMTP", "host:port"),
        ("BOUNCE_SMTP", "host:99999"),
        ("GATEWAY_URL", "gateway"),
        ("SENDGRID_WEBHOOK_URL", "ftp://x"),
        ("SANDBOX_PACE", "fast"),
        ("SANDBOX_CONCURRENCY", "-1"),
        ("SANDBOX_SMTP_CREDENTIALS", "me"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load({name: value})
