"""Settings: read once at start from the environment, typed and checked (GEN-43, SEC-49).

The field `db_host` is the variable DB_HOST. Any value may be given as a file instead: DB_PASSWORD_FILE names it.
An empty variable counts as not set. A missing or bad value stops the start with a message that names the variable
and never shows its value.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import pydantic_settings
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource, SettingsConfigDict

from services.common.niceness import MOST
from services.common.security.keys import KeySet

Environment = Literal["development", "test", "staging", "production"]
Algorithm = Literal["HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"]

_TYPED_SECRET = re.compile(
    r"change-?me|password|insecure|development|(?<![a-z])(test|secret|example|demo)(?![a-z])"
)


def _boolean(value: object) -> object:
    """Accepts true and false only: a typed `yes` must not silently mean something."""
    if not isinstance(value, str):
        return value
    if value not in ("true", "false"):
        raise ValueError("must be true or false")
    return value == "true"


def _keys(value: object) -> object:
    return KeySet.parse(value) if isinstance(value, str) else value


def _long_secret(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value().encode()) < 32:
        raise ValueError("must be at least 32 bytes")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be an IANA time zone")
    return value


def _base_url(value: str) -> str:
    HttpUrl(value)
    return value.rstrip("/")


Boolean = Annotated[bool, BeforeValidator(_boolean)]
Keys = Annotated[KeySet, BeforeValidator(_keys), Field(repr=False)]
LongSecret = Annotated[SecretStr, AfterValidator(_long_secret)]
TimeZone = Annotated[str, AfterValidator(_zone)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Port = Annotated[int, Field(ge=0, le=65535)]
Hour = Annotated[int, Field(ge=0, le=24)]
Positive = Annotated[int, Field(gt=0)]
NotNegative = Annotated[int, Field(ge=0)]
Word = Annotated[str, Field(min_length=1)]
Address = Annotated[str, Field(pattern=r"^.+:\d{1,5}$")]
EmailText = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


class SettingsError(ValueError):
    """Settings that cannot be used; its text names every variable at fault, one per line."""


class _EnvironmentSource(PydanticBaseSettingsSource):
    """Reads NAME, or the file that NAME_FILE names."""

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002 - the signature is the library's
        field_name: str,
    ) -> tuple[Any, str, bool]:
        """Returns the value of one field, or None when the environment does not give it."""
        name = field_name.upper()
        value = os.environ.get(name) or None
        file = None if field_name.endswith("_file") else os.environ.get(f"{name}_FILE") or None
        if file is None:
            return value, field_name, False
        if value is not None:
            raise SettingsError(f"{name}: is given twice, as {name} and as {name}_FILE")
        try:
            return Path(file).read_text(encoding="utf-8").strip() or None, field_name, False
        except (OSError, UnicodeError):
            raise SettingsError(f"{name}_FILE: the file cannot be read") from None

    def __call__(self) -> dict[str, Any]:
        """Returns the values of all fields that the environment gives."""
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None:
                found[key] = value
        return found


class BaseSettings(pydantic_settings.BaseSettings):
    """What every process needs; subclasses add what their role needs."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    environment: Environment = "development"
    service_name: str = ""
    log_level: Literal["debug", "info", "warn", "error"] = "info"
    log_format: Literal["json", "pretty"] = "json"
    enable_metrics: Boolean = True
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9090
    otel_exporter_otlp_endpoint: str = ""
    shutdown_grace_seconds: Positive = 20

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[pydantic_settings.BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Puts arguments before the environment, and reads nothing else."""
        return init_settings, _EnvironmentSource(settings_cls)

    @property
    def production(self) -> bool:
        """Returns whether this is a production process."""
        return self.environment == "production"

    def problems(self) -> Iterator[str]:
        """Yields what is wrong between settings, each naming its variable; subclasses add theirs."""
        if self.production and self.log_level == "debug":
            yield "LOG_LEVEL: may not be debug in production"

    @model_validator(mode="after")
    def _refuse_problems(self) -> Self:
        if found := list(self.problems()):
            raise ValueError("\n".join(found))
        return self


class CallingSettings(BaseSettings):
    """A process that calls the services: their addresses, and the secret that proves who calls."""

    service_token_secret: LongSecret
    consent_address: Address
    campaign_address: Address
    delivery_address: Address
    analytics_address: Address
    tls_ca_file: Path | None = None
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    public_base_url: BaseUrl
    enable_rate_limiting: Boolean = True
    rate_limit_window_ms: Positive = 60_000
    rate_limit_max_requests: Positive = 100
    provider_mode: Literal["live", "recording"] = "live"
    default_timezone: TimeZone = "America/Chicago"

    @property
    def service_token_key(self) -> str:
        """Returns the secret of service tokens."""
        return self.service_token_secret.get_secret_value()

    @property
    def default_zone(self) -> ZoneInfo:
        """Returns the zone that applies where nothing nearer names one (GEN-13)."""
        return ZoneInfo(self.default_timezone)

    def address_of(self, service: str) -> str:
        """Returns the RPC target of a service; LookupError for a name that is none."""
        return {
            "consent": self.consent_address,
            "campaign": self.campaign_address,
            "delivery": self.delivery_address,
            "analytics": self.analytics_address,
        }[service]

    def problems(self) -> Iterator[str]:
        """Yields what is wrong between settings, each naming its variable."""
        yield from super().problems()
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            yield "TLS_CERTIFICATE_FILE: belongs together with TLS_KEY_FILE"
        if self.production:
            if self.provider_mode == "recording":
                yield "PROVIDER_MODE: may not be recording in production"
            if not self.enable_rate_limiting:
                yield "ENABLE_RATE_LIMITING: may not be false in production"
            if is_test_secret(self.service_token_key):
                yield "SERVICE_TOKEN_SECRET: is a test secret"


class CommonSettings(CallingSettings):
    """What every service needs."""

    bind_address: Address
    rpc_processes: Annotated[int, Field(ge=1, le=64)] = 1
    rpc_max_running: Positive = 1000
    # Work that nobody waits for leaves the core to work that somebody waits for.
    niceness: Annotated[int, Field(ge=0, le=MOST)] = 0
    db_host: Word
    db_port: Port = 5432
    db_name: Word
    db_user: Word
    db_password: SecretStr
    db_pool_min: NotNegative = 2
    db_pool_max: Positive = 10
    redis_url: Annotated[str, Field(pattern=r"^(rediss?|unix)://", repr=False)]
    lease_seconds: Positive = 60
    disabled_jobs: str = ""
    jwt_issuer: Word
    jwt_audience: Word
    jwt_algorithm: Algorithm = "HS256"
    jwt_secret: LongSecret | None = None
    jwt_public_key: SecretStr | None = None
    encryption_keys: Keys
    hash_keys: Keys
    token_keys: Keys
    frontend_url: BaseUrl
    support_email: EmailText
    cs_team_email: EmailText

    @property
    def switched_off_jobs(self) -> frozenset[str]:
        """Returns the names of jobs that this deployment does not run (JOB-9)."""
        return frozenset(filter(None, (name.strip() for name in self.disabled_jobs.split(","))))

    @property
    def jwt_verification_key(self) -> str:
        """Returns what verifies people's tokens: the shared secret, or the public key."""
        key = self.jwt_secret if self.jwt_algorithm.startswith("HS") else self.jwt_public_key
        return key.get_secret_value() if key else ""

    def problems(self) -> Iterator[str]:
        """Yields what is wrong between settings, each naming its variable."""
        yield from super().problems()
        variable = "JWT_SECRET" if self.jwt_algorithm.startswith("HS") else "JWT_PUBLIC_KEY"
        if not self.jwt_verification_key:
            yield f"{variable}: is required with JWT_ALGORITHM {self.jwt_algorithm}"
        if self.jwt_verification_key == self.service_token_key:
            yield "SERVICE_TOKEN_SECRET: may not equal JWT_SECRET"
        if self.db_pool_min > self.db_pool_max:
            yield "DB_POOL_MIN: may not exceed DB_POOL_MAX"
        keys = [
            key for keyset in (self.encryption_keys, self.hash_keys, self.token_keys) for _, key in keyset
        ]
        if len(set(keys)) != len(keys):
            yield "ENCRYPTION_KEYS: shares a key with HASH_KEYS or TOKEN_KEYS"
        if self.production:
            if is_test_secret(self.jwt_verification_key):
                yield f"{variable}: is a test secret"
            if is_test_secret(self.db_password.get_secret_value()):
                yield "DB_PASSWORD: is a test secret"
            if any(len(set(key)) < 8 for key in keys):
                yield "ENCRYPTION_KEYS: this, HASH_KEYS or TOKEN_KEYS holds a test key"


def is_test_secret(secret: str) -> bool:
    """Returns whether a secret looks typed rather than drawn: a well-known word, or few different characters."""
    return len(set(secret)) < 8 or _TYPED_SECRET.search(secret.lower()) is not None


S = TypeVar("S", bound=BaseSettings)


def read(cls: type[S], **values: object) -> S:
    """Returns settings from `values` and the environment; SettingsError names each variable at fault."""
    try:
        return cls(**values)  # type: ignore[arg-type]  # checked by the validators of each field
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None


def load(cls: type[S]) -> S:
    """Returns the settings of this process, or ends it with a message that names each variable at fault."""
    try:
        return read(cls)
    except SettingsError as error:
        sys.exit(f"The settings cannot be used:\n{error}")


def _sentence(problem: Any) -> str:
    if not problem["loc"]:
        return str(problem["msg"]).removeprefix("Value error, ")
    name = str(problem["loc"][0]).upper()
    if problem["type"] == "missing":
        return f"{name}: is required"
    text = str(problem["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{name}: {text[:1].lower()}{text[1:]}"
