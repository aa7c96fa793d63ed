"""Configuration of the sandbox, read from the environment only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}")


class SettingsError(ValueError):
    """A variable is wrong; the message names it and says what would be right."""


@dataclass(frozen=True)
class Address:
    """A host and port to listen on or to connect to."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class AppAccess:
    """How the stand-in for the customer's app reaches inboxes: delivery's RPC address and a neighbour's token."""

    delivery: Address
    token: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """Everything the process needs to know before it starts."""

    http: Address = Address("127.0.0.1", 8090)
    smtp: Address = Address("127.0.0.1", 2525)
    apns: Address = Address("127.0.0.1", 0)
    database: Path = Path(".angarium/sandbox.sqlite")
    seed: str = "angarium"
    gateway_url: str | None = None
    webhook_url: str | None = None
    bounce_smtp: Address | None = None
    signing_key: Path = Path(".angarium/sandbox.pem")
    pace: float = 2.0
    concurrency: int = 24
    webhook_seconds: float = 0.5
    api_keys: frozenset[str] = field(default_factory=frozenset)
    smtp_credentials: tuple[str, str] | None = None
    app: AppAccess | None = None


def load(environment: Mapping[str, str]) -> Settings:
    """Returns the settings of an environment.

    Raises:
        SettingsError: A variable does not read; the message names it.
    """
    database = Path(environment.get("SANDBOX_DATABASE") or ".angarium/sandbox.sqlite")
    key = environment.get("SANDBOX_SIGNING_KEY")
    bounce = environment.get("BOUNCE_SMTP")
    return Settings(
        http=_address("SANDBOX_HTTP", environment.get("SANDBOX_HTTP") or "127.0.0.1:8090"),
        smtp=_address("SANDBOX_SMTP", environment.get("SANDBOX_SMTP") or "127.0.0.1:2525"),
        apns=_address("SANDBOX_APNS", environment.get("SANDBOX_APNS") or "127.0.0.1:8091"),
        database=database,
        seed=environment.get("SANDBOX_SEED") or "angarium",
        gateway_url=_url("GATEWAY_URL", environment.get("GATEWAY_URL")),
        webhook_url=_url("SENDGRID_WEBHOOK_URL", environment.get("SENDGRID_WEBHOOK_URL")),
        bounce_smtp=_address("BOUNCE_SMTP", bounce) if bounce else None,
        signing_key=Path(key) if key else database.with_suffix(".pem"),
        pace=_number("SANDBOX_PACE", environment.get("SANDBOX_PACE"), 2.0),
        concurrency=max(1, int(_number("SANDBOX_CONCURRENCY", environment.get("SANDBOX_CONCURRENCY"), 24))),
        webhook_seconds=_number("SANDBOX_WEBHOOK_SECONDS", environment.get("SANDBOX_WEBHOOK_SECONDS"), 0.5),
        api_keys=frozenset(filter(None, (environment.get("SANDBOX_API_KEYS") or "").split(","))),
        smtp_credentials=_credentials(environment.get("SANDBOX_SMTP_CREDENTIALS")),
        app=parse_app(
            ("SANDBOX_APP_DELIVERY", environment.get("SANDBOX_APP_DELIVERY")),
            ("SANDBOX_APP_TOKEN", environment.get("SANDBOX_APP_TOKEN")),
        ),
    )


def parse_address(name: str, text: str) -> Address:
    """Reads `host:port`; the error names the variable or field."""
    return _address(name, text)


def parse_url(name: str, text: str | None) -> str | None:
    """Reads an absolute http(s) URL without its final slash; the error names the variable or field."""
    return _url(name, text)


def parse_app(delivery: tuple[str, str | None], token: tuple[str, str | None]) -> AppAccess | None:
    """Reads two variables or fields, each with its name: both or none; errors never repeat the token."""
    (address_name, address), (token_name, secret) = delivery, token
    if not address and not secret:
        return None
    if not address or not secret:
        raise SettingsError(f"{address_name} and {token_name} go together; only one of them is set")
    if not _TOKEN.fullmatch(secret):
        raise SettingsError(f"{token_name} must be a bearer token, without the word Bearer")
    return AppAccess(_address(address_name, address), secret)


def _address(name: str, text: str) -> Address:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"{name} must be host:port, for example 127.0.0.1:2525; it is {text!r}")
    return Address(host.strip("[]"), int(port))


def _url(name: str, text: str | None) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError(f"{name} must be a URL such as http://127.0.0.1:8080; it is {text!r}")
    return text.rstrip("/")


def _number(name: str, text: str | None, default: float) -> float:
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e6:
        raise SettingsError(f"{name} must be a number of at least 0; it is {text!r}")
    return number


def _credentials(text: str | None) -> tuple[str, str] | None:
    if not text:
        return None
    user, colon, password = text.partition(":")
    if not colon or not user:
        raise SettingsError("SANDBOX_SMTP_CREDENTIALS must be user:password")
    return user, password
