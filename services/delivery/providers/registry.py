"""The providers there are: a folder each, whose adapter is loaded once an account of it is used."""

from collections.abc import Callable
from importlib import import_module
from typing import Final

from services.delivery.providers.apns.kind import KIND as APNS
from services.delivery.providers.aws_sns.kind import KIND as AWS_SNS
from services.delivery.providers.base import Account, ConfigurationError, Provider
from services.delivery.providers.fcm.kind import KIND as FCM
from services.delivery.providers.gupshup.kind import KIND as GUPSHUP
from services.delivery.providers.kinds import DEFAULT_PRIORITY, Kind, Problem, Rules
from services.delivery.providers.mailgun.kind import KIND as MAILGUN
from services.delivery.providers.meta.kind import KIND as META
from services.delivery.providers.msg91.kind import KIND as MSG91
from services.delivery.providers.postmark.kind import KIND as POSTMARK
from services.delivery.providers.recording.kind import KIND as RECORDING
from services.delivery.providers.sendgrid.kind import KIND as SENDGRID
from services.delivery.providers.ses.kind import KIND as SES
from services.delivery.providers.smtp.kind import KIND as SMTP
from services.delivery.providers.twilio.kind import KIND as TWILIO
from services.delivery.providers.wati.kind import KIND as WATI
from services.delivery.providers.webpush.kind import KIND as WEBPUSH

KINDS: Final = {
    kind.name: kind
    for kind in (
        SENDGRID,
        POSTMARK,
        MAILGUN,
        SES,
        TWILIO,
        AWS_SNS,
        MSG91,
        META,
        GUPSHUP,
        WATI,
        SMTP,
        FCM,
        APNS,
        WEBPUSH,
        RECORDING,
    )
}


CARRIED: Final = {"inbox": Kind("inbox", ("in_app",), "", {}, has_webhook=False)}
"""Kinds of the accounts that are no rows: channels this service carries itself (DEL-107)."""


def provider_names() -> tuple[str, ...]:
    """All providers an account can be created for."""
    return tuple(KINDS)


def kind_of(provider: str) -> Kind:
    """The kind of an account that exists."""
    return KINDS.get(provider) or CARRIED[provider]


def priority_of(provider: str) -> int:
    """The place of an account of a provider where none is set."""
    kind = KINDS.get(provider)
    return kind.priority if kind is not None else DEFAULT_PRIORITY


def provider_problems(provider: str, channel: str, rules: Rules) -> list[Problem]:
    """What is wrong with the provider of a new account."""
    kind = KINDS.get(provider)
    if kind is None:
        return [("provider", f"is one of {', '.join(sorted(KINDS))}")]
    if kind is RECORDING:
        return [] if rules.recording else [("provider", "recording exists with PROVIDER_MODE recording only")]
    return [] if channel in kind.channels else [("channel", f"is not carried by {provider}")]


def open_provider(account: Account) -> Provider:
    """The adapter of an account; ConfigurationError for an unknown provider or an incomplete account."""
    if account.provider not in KINDS:
        raise ConfigurationError(f"unknown provider {account.provider}")
    module = import_module(f"services.delivery.providers.{account.provider}.adapter")
    adapter: Callable[[Account], Provider] = getattr(module, KINDS[account.provider].adapter)
    return adapter(account)
