"""Between rules of limits and the contract."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from angarium.delivery.v1 import limit_service_pb2 as pb
from services.delivery.enums import wire
from services.delivery.limits.domain import EVERY, Rule, Scope, Span
from services.delivery.messages.announce import timestamp
from services.delivery.messages.domain import Channel


def subject_of(text: str) -> UUID:
    """Returns the id a text names; empty means every one."""
    return UUID(text) if text else EVERY


def new_rule(message: pb.RateLimitRule, owner: UUID, rule_id: UUID, changed_by: str, now: datetime) -> Rule:
    """Returns the rule to set."""
    return Rule(
        tenant_id=owner,
        rule_id=rule_id,
        channel=Channel(message.channel),
        scope=Scope(message.scope),
        subject_id=subject_of(message.subject_id),
        max_per_minute=message.max_per_minute,
        max_per_hour=message.max_per_hour,
        max_per_day=message.max_per_day,
        burst_limit=message.burst_limit,
        changed_by=changed_by,
        created_at=now,
        updated_at=now,
    )


def rule(found: Rule) -> pb.RateLimitRule:
    """Returns a rule as the contract shows it."""
    is_contacts = found.scope is Scope.CONTACT
    return pb.RateLimitRule(
        rate_limit_rule_id=str(found.rule_id),
        channel=wire(found.channel),
        scope=wire(found.scope),
        subject_id=_text(found.subject_id),
        tenant_id=_text(found.tenant_id) if is_contacts else "",
        max_per_minute=found.max_per_minute,
        max_per_hour=found.max_per_hour,
        max_per_day=found.max_per_day,
        burst_limit=found.burst_limit,
        changed_by=found.changed_by,
        create_time=timestamp(found.created_at.astimezone(UTC)),
        update_time=timestamp(found.updated_at.astimezone(UTC)),
    )


def window(
    span: Span, count: int, free_after: timedelta | None, now: datetime, *, is_default: bool
) -> pb.RateLimitWindow:
    """Returns one window as it stands; `free_after` is None while it has a place."""
    found = pb.RateLimitWindow(
        is_default=is_default,
        max_count=span.limit,
        current_count=count,
        remaining_count=max(span.limit - count, 0),
    )
    found.period.FromTimedelta(timedelta(seconds=span.seconds))
    if free_after is not None:
        found.reset_time.CopyFrom(timestamp(now + free_after))
    return found


def audited(found: Rule) -> dict[str, object]:
    """Returns what the audit trail keeps of a rule."""
    return {
        "channel": found.channel.name.lower(),
        "scope": found.scope.name.lower(),
        "subject_id": _text(found.subject_id),
        "max_per_minute": found.max_per_minute,
        "max_per_hour": found.max_per_hour,
        "max_per_day": found.max_per_day,
        "burst_limit": found.burst_limit,
    }


def _text(id: UUID) -> str:
    return "" if id == EVERY else str(id)
