"""Between provider accounts and the contract."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any, Final
from uuid import UUID

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.errors import ServiceError, Violation, invalid_many
from services.delivery.accounts.domain import (
    DEFAULT_CONCURRENCY,
    DEFAULT_PRIORITY,
    DEFAULT_RATE,
    DEFAULT_TIMEOUT_MS,
)
from services.delivery.accounts.store import Record
from services.delivery.enums import wire
from services.delivery.messages.announce import timestamp
from services.delivery.messages.domain import Channel
from services.delivery.providers.kinds import Problem

CREDENTIALS: Final = "credentials"
MUTABLE: Final = (
    "name",
    "config",
    "priority",
    "message_classes",
    "rate_per_second",
    "max_concurrency",
    "timeout_ms",
    "is_disabled",
    CREDENTIALS,
)
_DEFAULTS: Final = {
    "priority": DEFAULT_PRIORITY,
    "rate_per_second": DEFAULT_RATE,
    "max_concurrency": DEFAULT_CONCURRENCY,
    "timeout_ms": DEFAULT_TIMEOUT_MS,
}


def config_of(message: pb.ProviderAccount) -> dict[str, Any]:
    """Returns the settings of an account; whole numbers are whole again."""
    return {name: _plain(value) for name, value in MessageToDict(message.config).items()}


def new_record(message: pb.ProviderAccount, tenant_id: UUID, account_id: UUID, at: Any) -> Record:
    """Returns the account to create; zero means the default."""
    return Record(
        tenant_id=tenant_id,
        account_id=account_id,
        channel=Channel(message.channel),
        provider=message.provider,
        name=message.name,
        config=config_of(message),
        credentials=None,
        credentials_fingerprint="",
        message_classes=_classes(message),
        is_enabled=not message.is_disabled,
        webhook_token=None,
        circuit=1,
        last_error="",
        version=1,
        created_at=at,
        **{name: getattr(message, name) or default for name, default in _DEFAULTS.items()},
    )


def merged(current: Record, message: pb.ProviderAccount, paths: Iterable[str]) -> Record:
    """Returns an account with the fields that `paths` name taken from the message."""
    changes: dict[str, Any] = {}
    for path in paths:
        if path == "config":
            changes[path] = config_of(message)
        elif path == "message_classes":
            changes[path] = _classes(message)
        elif path == "is_disabled":
            changes["is_enabled"] = not message.is_disabled
        elif path in _DEFAULTS:
            changes[path] = getattr(message, path) or _DEFAULTS[path]
        elif path == "name":
            changes[path] = message.name
    return replace(current, **changes)


def to_proto(record: Record, webhook_path: str = "") -> pb.ProviderAccount:
    """Returns an account as the contract shows it, without secrets."""
    config = Struct()
    ParseDict(record.config, config)
    return pb.ProviderAccount(
        provider_account_id=str(record.account_id),
        channel=wire(record.channel),
        provider=record.provider,
        name=record.name,
        config=config,
        credentials_fingerprint=record.credentials_fingerprint,
        priority=record.priority,
        message_classes=[wire(one) for one in record.message_classes],
        rate_per_second=record.rate_per_second,
        max_concurrency=record.max_concurrency,
        timeout_ms=record.timeout_ms,
        is_disabled=not record.is_enabled,
        webhook_path=webhook_path,
        circuit=wire(record.circuit),
        last_error=record.last_error,
        etag=str(record.version),
        create_time=timestamp(record.created_at.astimezone(UTC)),
    )


def audited(record: Record) -> Mapping[str, Any]:
    """Returns what an audit entry holds of an account."""
    return {
        "channel": record.channel.name.lower(),
        "provider": record.provider,
        "name": record.name,
        "config": record.config,
        "fingerprint": record.credentials_fingerprint,
        "priority": record.priority,
        "message_classes": list(record.message_classes),
        "rate_per_second": record.rate_per_second,
        "max_concurrency": record.max_concurrency,
        "timeout_ms": record.timeout_ms,
        "is_enabled": record.is_enabled,
    }


def refusal(problems: Iterable[Problem]) -> ServiceError | None:
    """Returns the error of an account that cannot be; None when nothing is wrong with it."""
    violations = [
        Violation(name if name.startswith(CREDENTIALS) else f"provider_account.{name}", text)
        for name, text in problems
    ]
    return invalid_many(violations, "INVALID_CONFIGURATION") if violations else None


def _classes(message: pb.ProviderAccount) -> tuple[int, ...]:
    return tuple(sorted({int(one) for one in message.message_classes}))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
