"""Adapters by the name of their provider; a provider's libraries are imported when an account of it is used."""

from collections.abc import Callable
from importlib import import_module
from typing import Final

from services.delivery.providers.base import Account, ConfigurationError, Provider

ADAPTERS: Final = {
    "sendgrid": ("services.delivery.providers.sendgrid", "SendGrid"),
    "smtp": ("services.delivery.providers.smtp", "Smtp"),
    "recording": ("services.delivery.providers.recording", "Recording"),
}


def provider_names() -> tuple[str, ...]:
    """All providers an account can be created for."""
    return tuple(ADAPTERS)


def open_provider(account: Account) -> Provider:
    """The adapter of an account; ConfigurationError for an unknown provider or an incomplete account."""
    if account.provider not in ADAPTERS:
        raise ConfigurationError(f"unknown provider {account.provider}")
    module, name = ADAPTERS[account.provider]
    adapter: Callable[[Account], Provider] = getattr(import_module(module), name)
    return adapter(account)
