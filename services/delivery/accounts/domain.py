"""What an account must have, and when it is not to be used (DEL-5, DEL-76)."""

import base64
import binascii
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

PLATFORM: Final = UUID(int=0)
"""Stands for the tenant of accounts that all tenants may use."""

FAILURES_TO_OPEN: Final = 3
FIRST_WAIT: Final = timedelta(seconds=60)
LONGEST_WAIT: Final = timedelta(minutes=10)
PROBE_TIME: Final = timedelta(seconds=60)
"""How long whoever probes an account has it for itself."""

CREDENTIALS_FAULT: Final = "credentials"
"""Code of a refused credential: it opens the circuit at once."""

EMAIL: Final = 1
DEFAULT_PRIORITY: Final = 10
DEFAULT_RATE: Final = 10
DEFAULT_CONCURRENCY: Final = 10
DEFAULT_TIMEOUT_MS: Final = 10_000


class CircuitState(IntEnum):
    """States of a circuit; the numbers are the contract's."""

    CLOSED = 1
    OPEN = 2
    HALF_OPEN = 3


@dataclass(frozen=True, slots=True)
class Circuit:
    """The circuit of an account, shared by all processes."""

    state: CircuitState = CircuitState.CLOSED
    failures: int = 0
    reopened: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None

    def after(self, successes: int, faults: int, code: str, now: datetime) -> "Circuit":
        """Returns the circuit after a hand-over or probe; only what is the provider's fault counts as a failure."""
        if not faults:
            return Circuit() if successes else self
        if self.state is CircuitState.HALF_OPEN:
            return Circuit(failures=1) if successes else self._opened(self.reopened + 1, now)
        if self.state is CircuitState.OPEN:
            # Requests that were under way when it opened say nothing new.
            return self
        failures = 1 if successes else self.failures + 1
        if code == CREDENTIALS_FAULT or failures >= FAILURES_TO_OPEN:
            return self._opened(0, now, failures)
        return replace(self, failures=failures)

    def probing(self, now: datetime) -> "Circuit | None":
        """Returns the circuit while somebody probes the account; None when it is not time for that."""
        if self.state is CircuitState.CLOSED or self.probe_at is None or self.probe_at > now:
            return None
        return replace(self, state=CircuitState.HALF_OPEN, probe_at=now + PROBE_TIME)

    def _opened(self, reopened: int, now: datetime, failures: int = 1) -> "Circuit":
        wait = min(FIRST_WAIT * 2 ** min(reopened, 10), LONGEST_WAIT)
        return Circuit(
            CircuitState.OPEN,
            max(self.failures, failures),
            reopened,
            self.opened_at or now,
            now + wait,
        )


_SENDGRID_HOSTS: Final = frozenset({"api.sendgrid.com", "api.eu.sendgrid.com"})
_P256_PREFIX: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_SECURITIES: Final = ("starttls", "tls", "none")
_HOST: Final = re.compile(r"(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?)+")
_DOMAIN: Final = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>]{1,253}")
_LINE: Final = re.compile(r"[^\x00-\x1f\x7f]*")

Problem = tuple[str, str]

_CONFIG: Final[Mapping[str, frozenset[str]]] = {
    "sendgrid": frozenset({"from_address", "from_name", "base_url", "verification_key", "email_activity"}),
    "smtp": frozenset(
        {"host", "port", "security", "from_address", "from_name", "return_path_domain", "helo_name", "validate_certs"}
    ),
    "recording": frozenset({"channel", "max_batch", "rules", "verified", "from_address", "from_name", "verification_key"}),
}  # fmt: skip
_CREDENTIALS: Final[Mapping[str, frozenset[str]]] = {
    "sendgrid": frozenset({"api_key"}),
    "smtp": frozenset({"username", "password", "dkim_private_key", "dkim_selector", "dkim_domain"}),
    "recording": frozenset(),
}
_DKIM: Final = ("dkim_private_key", "dkim_selector", "dkim_domain")


@dataclass(frozen=True, slots=True)
class Rules:
    """What this deployment allows."""

    production: bool
    recording: bool
    is_platform: bool = False


def provider_problems(provider: str, channel: int, rules: Rules) -> Iterator[Problem]:
    """Yields what is wrong with the provider of an account."""
    if provider not in _CONFIG:
        yield "provider", f"is one of {', '.join(sorted(_CONFIG))}"
    elif provider == "recording":
        if not rules.recording:
            yield "provider", "recording exists with PROVIDER_MODE recording only"
    elif channel != EMAIL:
        yield "channel", f"is not carried by {provider}"


def config_problems(provider: str, config: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    """Yields what is wrong with the settings of an account, each with its field."""
    for name in sorted(set(config) - _CONFIG.get(provider, frozenset())):
        yield f"config.{name}", f"is not a setting of {provider}"
    if provider == "sendgrid":
        yield from _sendgrid(config, rules)
    elif provider == "smtp":
        yield from _smtp(config, rules)
    if provider in ("sendgrid", "smtp"):
        yield from _sender(config)


def credential_problems(provider: str, credentials: Mapping[str, str]) -> Iterator[Problem]:
    """Yields what is wrong with credentials, by their names only."""
    for name in sorted(set(credentials) - _CREDENTIALS.get(provider, frozenset())):
        yield f"credentials.{name}", f"is not a credential of {provider}"
    for name in sorted(credentials):
        if not name.startswith("dkim_private") and not _LINE.fullmatch(credentials[name]):
            yield f"credentials.{name}", "must be one line"
    if provider == "sendgrid" and not credentials.get("api_key"):
        yield "credentials.api_key", "is needed"
    if provider == "smtp":
        yield from _together(credentials, ("username", "password"))
        yield from _together(credentials, _DKIM)


def _together(credentials: Mapping[str, str], names: Collection[str]) -> Iterator[Problem]:
    given = [name for name in names if credentials.get(name)]
    if given:
        for name in names:
            if name not in given:
                yield f"credentials.{name}", f"belongs to {given[0]}"


def _sender(config: Mapping[str, Any]) -> Iterator[Problem]:
    address = config.get("from_address")
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        yield "config.from_address", "must be an e-mail address"
    name = config.get("from_name", "")
    if not isinstance(name, str) or len(name) > 100 or not _LINE.fullmatch(name):
        yield "config.from_name", "must be one line of at most 100 characters"


def _sendgrid(config: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    if "base_url" in config and not _is_base_url(config["base_url"], rules):
        hosts = " or ".join(f"https://{host}" for host in sorted(_SENDGRID_HOSTS))
        yield "config.base_url", f"must be {hosts}" if rules.production else "must be an http or https URL"
    if config.get("verification_key") and not _is_public_key(config["verification_key"]):
        yield "config.verification_key", "must be a P-256 public key as SendGrid shows it: base64 of DER"
    if not isinstance(config.get("email_activity", False), bool):
        yield "config.email_activity", "must be true or false"


def _is_base_url(value: object, rules: Rules) -> bool:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.username or parts.password or parts.query or parts.fragment or not host:
        return False
    if rules.production:
        return parts.scheme == "https" and host in _SENDGRID_HOSTS and parts.netloc == host
    return parts.scheme in ("http", "https")


def _is_public_key(value: object) -> bool:
    try:
        decoded = base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(decoded) == 91 and decoded.startswith(_P256_PREFIX)


def _smtp(config: Mapping[str, Any], rules: Rules) -> Iterator[Problem]:
    host = config.get("host")
    if not isinstance(host, str) or not (_HOST.fullmatch(host) or _is_address(host)):
        yield "config.host", "must be a host name"
    elif rules.production and not rules.is_platform and _is_inside(host):
        yield "config.host", "must not be an address of the inside network"
    port = config.get("port", 587)
    if (
        isinstance(port, bool)
        or not isinstance(port, (int, float))
        or port != int(port)
        or not 0 < port < 65536
    ):
        yield "config.port", "must be a port"
    security = config.get("security", "starttls")
    if security not in _SECURITIES:
        yield "config.security", f"is one of {', '.join(_SECURITIES)}"
    elif security == "none" and rules.production:
        yield "config.security", "must be starttls or tls"
    domain = config.get("return_path_domain")
    if not isinstance(domain, str) or not _DOMAIN.fullmatch(domain):
        yield "config.return_path_domain", "must be the domain bounces come back to"
    helo = config.get("helo_name", "localhost")
    if not isinstance(helo, str) or not _HOST.fullmatch(helo):
        yield "config.helo_name", "must be a host name"
    if not isinstance(config.get("validate_certs", True), bool):
        yield "config.validate_certs", "must be true or false"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_inside(host: str) -> bool:
    if host.rstrip(".").lower() == "localhost" or host.lower().endswith(
        (".localhost", ".internal", ".local")
    ):
        return True
    return _is_address(host) and not ip_address(host).is_global
