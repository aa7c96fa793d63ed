"""Between provider accounts and the contract."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.errors import ServiceError, Violation, invalid_many
from services.delivery.accounts.domain import (
    DEFAULT_CONCURRENCY,
    DEFAULT_RATE,
    DEFAULT_TIMEOUT_MS,
)
from services.delivery.accounts.domains import DomainLimit
from services.delivery.accounts.records import Record
from services.delivery.accounts.warmup import WarmUp
from services.delivery.enums import wire
from services.delivery.messages.announce import timestamp
from services.delivery.messages.domain import Channel
from services.delivery.providers.kinds import Problem
from services.delivery.providers.registry import priority_of

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
    "countries",
    "warm_up",
    "domain_limits",
)
_DEFAULTS: Final = {
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
        priority=message.priority or priority_of(message.provider),
        rate_per_second=message.rate_per_second or DEFAULT_RATE,
        max_concurrency=message.max_concurrency or DEFAULT_CONCURRENCY,
        timeout_ms=message.timeout_ms or DEFAULT_TIMEOUT_MS,
        countries=tuple(sorted(message.countries)),
        warm_up=_warm_up(message, at),
        domain_limits=_domain_limits(message),
    )


def merged(current: Record, message: pb.ProviderAccount, paths: Iterable[str], now: datetime) -> Record:
    """Returns an account with the fields that `paths` name taken from the message."""
    changes: dict[str, Any] = {}
    for path in paths:
        if path == "config":
            changes[path] = config_of(message)
        elif path == "message_classes":
            changes[path] = _classes(message)
        elif path == "is_disabled":
            changes["is_enabled"] = not message.is_disabled
        elif path == "priority":
            changes[path] = message.priority or priority_of(current.provider)
        elif path in _DEFAULTS:
            changes[path] = getattr(message, path) or _DEFAULTS[path]
        elif path == "name":
            changes[path] = message.name
        elif path == "countries":
            changes[path] = tuple(sorted(message.countries))
        elif path == "warm_up":
            changes[path] = _warm_up(message, now)
        elif path == "domain_limits":
            changes[path] = _domain_limits(message)
    return replace(current, **changes)


def to_proto(record: Record, webhook_path: str = "") -> pb.ProviderAccount:
    """Returns an account as the contract shows it, without secrets."""
    config = Struct()
    ParseDict(record.config, config)
    shown = pb.ProviderAccount(
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
        countries=record.countries,
        domain_limits=[
            pb.DomainLimit(
                domain=one.domain, max_concurrency=one.max_concurrency, max_per_minute=one.max_per_minute
            )
            for one in record.domain_limits
        ],
    )
    if record.warm_up is not None:
        start = datetime.combine(record.warm_up.start, time(), UTC)
        shown.warm_up.start_time.CopyFrom(timestamp(start))
        for day, most in record.warm_up.steps:
            shown.warm_up.steps.add(day=day, daily_maximum=most)
    return shown


def care_problems(record: Record) -> list[Problem]:
    """Returns what is wrong with countries, warm-up and domain limits of an account."""
    problems: list[Problem] = []
    if record.countries and record.channel not in (Channel.SMS, Channel.WHATSAPP):
        problems.append(("countries", "choose by phone number: only sms and whatsapp have them"))
    if record.domain_limits and record.provider != "smtp":
        problems.append(("domain_limits", "are for smtp only"))
    names = [one.domain for one in record.domain_limits]
    if len(set(names)) < len(names):
        problems.append(("domain_limits", "must name each domain once"))
    if record.warm_up is not None:
        days = [day for day, _ in record.warm_up.steps]
        if not days or days[0] != 1 or any(after <= before for before, after in pairwise(days)):
            problems.append(("warm_up.steps", "must begin with day 1, days ascending"))
    return problems


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
        "countries": list(record.countries),
        "warm_up": record.warm_up.stored() if record.warm_up else None,
        "domain_limits": [one._asdict() for one in record.domain_limits],
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


def _warm_up(message: pb.ProviderAccount, now: datetime) -> WarmUp | None:
    if not message.HasField("warm_up"):
        return None
    given = message.warm_up
    start = given.start_time.ToDatetime(tzinfo=UTC) if given.HasField("start_time") else now
    return WarmUp(start.astimezone(UTC).date(), tuple((step.day, step.daily_maximum) for step in given.steps))


def _domain_limits(message: pb.ProviderAccount) -> tuple[DomainLimit, ...]:
    return tuple(
        DomainLimit(one.domain, one.max_concurrency, one.max_per_minute) for one in message.domain_limits
    )


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
