"""Adapters to the providers that carry messages, behind one interface."""

from services.delivery.providers.base import (
    Account,
    Attachment,
    Block,
    Code,
    ConfigurationError,
    Device,
    Lookup,
    MalformedReceiptError,
    Outcome,
    Outgoing,
    Presence,
    Provider,
    Receipt,
    ReceiptKind,
    Result,
    Sender,
    Verification,
)
from services.delivery.providers.registry import open_provider, provider_names

__all__ = [
    "Account",
    "Attachment",
    "Block",
    "Code",
    "ConfigurationError",
    "Device",
    "Lookup",
    "MalformedReceiptError",
    "Outcome",
    "Outgoing",
    "Presence",
    "Provider",
    "Receipt",
    "ReceiptKind",
    "Result",
    "Sender",
    "Verification",
    "open_provider",
    "provider_names",
]
