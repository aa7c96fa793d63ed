"""Provider accounts of the platform that a deployment names in its environment (GEN-43).

A complete set of variables makes one account at the first start; a part of one stops the start.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import SecretStr

from services.common.settings import BaseSettings, Boolean, Port
from services.delivery.messages.domain import Channel
from services.delivery.providers.kinds import Rules
from services.delivery.providers.registry import kind_of

FIRST: Final = 1
"""The priority of an account that EMAIL_PROVIDER, SMS_PROVIDER or PUSH_PROVIDER names; others have their provider's own."""

_PREFIXES: Final = {"sendgrid": "sendgrid_", "twilio": "twilio_", "smtp": "smtp_", "fcm": "fcm_"}
_AWS: Final = ("ses", "aws_sns")


@dataclass(frozen=True, slots=True)
class GivenAccount:
    """An account that the environment describes."""

    provider: str
    channel: Channel
    config: Mapping[str, Any]
    credentials: Mapping[str, str] = field(repr=False)
    priority: int = 0
    """0 leaves it to the provider's own."""


class PlatformAccountSettings(BaseSettings):
    """The variables of the platform's first accounts."""

    email_provider: Literal["", "sendgrid", "ses", "smtp"] = ""
    sms_provider: Literal["", "twilio", "aws_sns"] = ""
    push_provider: Literal["", "fcm"] = ""
    sendgrid_api_key: SecretStr = SecretStr("")
    sendgrid_from_email: str = ""
    sendgrid_from_name: str = ""
    sendgrid_webhook_verification_key: str = ""
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_from_number: str = ""
    twilio_messaging_service_sid: str = ""
    aws_region: str = "us-east-1"
    aws_access_key_id: str = ""
    aws_secret_access_key: SecretStr = SecretStr("")
    smtp_host: str = ""
    smtp_port: Port = 587
    smtp_secure: Boolean = False
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    email_from: str = ""
    fcm_project_id: str = ""
    fcm_client_email: str = ""
    fcm_private_key: SecretStr = SecretStr("")

    def problems(self) -> Iterator[str]:
        """Yields what is wrong between settings, each naming its variable."""
        yield from super().problems()
        rules = Rules(getattr(self, "environment", "") == "production", recording=False, is_platform=True)
        for one in self._described():
            kind = kind_of(one.provider)
            wrong = [*kind.config_problems(one.config, rules), *kind.credential_problems(one.credentials)]
            for field_name, what in wrong:
                yield f"{_variable(one.provider, field_name)}: {what}"
        if bool(self.aws_access_key_id) != bool(_text(self.aws_secret_access_key)):
            yield "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: belong together"

    def platform_accounts(self) -> Sequence[GivenAccount]:
        """Returns the accounts that are described, each of them complete."""
        return tuple(self._described())

    def _described(self) -> Iterator[GivenAccount]:
        if self._is_given("sendgrid"):
            config = {
                "from_address": self.sendgrid_from_email,
                "from_name": self.sendgrid_from_name,
                "verification_key": self.sendgrid_webhook_verification_key,
            }
            yield self._account("sendgrid", Channel.EMAIL, config, {"api_key": self.sendgrid_api_key})
        if self.email_provider == "ses":
            config = {"region": self.aws_region, "from_address": self.email_from}
            yield self._account("ses", Channel.EMAIL, config, self._aws_keys())
        if self._is_given("smtp"):
            yield self._account("smtp", Channel.EMAIL, self._smtp(), self._smtp_user())
        if self._is_given("twilio"):
            config = {
                "account_sid": self.twilio_account_sid,
                "from": self.twilio_from_number,
                "messaging_service_sid": self.twilio_messaging_service_sid,
            }
            yield self._account("twilio", Channel.SMS, config, {"auth_token": self.twilio_auth_token})
        if self.sms_provider == "aws_sns":
            yield self._account("aws_sns", Channel.SMS, {"region": self.aws_region}, self._aws_keys())
        if self._is_given("fcm"):
            # Environments cannot hold line breaks everywhere; key files write them as \n.
            key = _text(self.fcm_private_key).replace("\\n", "\n")
            credentials = {"client_email": self.fcm_client_email, "private_key": key}
            yield self._account("fcm", Channel.PUSH, {"project_id": self.fcm_project_id}, credentials)

    def _is_given(self, provider: str) -> bool:
        """Returns whether anything of a provider is there, or it is named."""
        named = provider in (self.email_provider, self.sms_provider, self.push_provider)
        names = [
            name for name in PlatformAccountSettings.model_fields if name.startswith(_PREFIXES[provider])
        ]
        return named or any(
            getattr(self, name) != PlatformAccountSettings.model_fields[name].default for name in names
        )

    def _account(
        self,
        provider: str,
        channel: Channel,
        config: Mapping[str, Any],
        credentials: Mapping[str, str | SecretStr],
    ) -> GivenAccount:
        is_first = provider in (self.email_provider, self.sms_provider, self.push_provider)
        return GivenAccount(
            provider,
            channel,
            {name: value for name, value in config.items() if value},
            {name: text for name, value in credentials.items() if (text := _text(value))},
            FIRST if is_first else 0,
        )

    def _smtp(self) -> dict[str, Any]:
        return {
            "host": self.smtp_host,
            "port": self.smtp_port,
            "security": "tls" if self.smtp_secure else "starttls",
            "from_address": self.email_from,
            "return_path_domain": self.email_from.rpartition("@")[2],
        }

    def _smtp_user(self) -> dict[str, str | SecretStr]:
        return {"username": self.smtp_user, "password": self.smtp_password}

    def _aws_keys(self) -> dict[str, str | SecretStr]:
        return {"access_key_id": self.aws_access_key_id, "secret_access_key": self.aws_secret_access_key}


_VARIABLES: Final = {
    ("sendgrid", "from_address"): "SENDGRID_FROM_EMAIL",
    ("sendgrid", "verification_key"): "SENDGRID_WEBHOOK_VERIFICATION_KEY",
    ("twilio", "from"): "TWILIO_FROM_NUMBER or TWILIO_MESSAGING_SERVICE_SID",
    ("ses", "from_address"): "EMAIL_FROM",
    ("smtp", "from_address"): "EMAIL_FROM",
    ("smtp", "return_path_domain"): "EMAIL_FROM",
    ("smtp", "security"): "SMTP_SECURE",
    ("smtp", "username"): "SMTP_USER",
}


def _variable(provider: str, field_name: str) -> str:
    """Returns the variable that gives a setting or a credential of a provider."""
    name = field_name.partition(".")[2]
    prefix = "aws" if provider in _AWS else provider
    return _VARIABLES.get((provider, name)) or f"{prefix}_{name}".upper()


def _text(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
