"""The events that tell of messages, each a block of up to 1,000 (EVT-93 to EVT-100).

Events of a campaign's messages are ordered by the campaign, all others by the tenant.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from angarium.delivery.v1 import delivery_events_pb2 as events
from services.common.events.event import Event
from services.common.wire import length, repeated, repeated_texts, tag
from services.delivery.columns import id_text, id_texts
from services.delivery.enums import wire
from services.delivery.messages.domain import Content, Recipients

NANOS = Decimal(1_000_000_000)

_ID = length(36)
_ACCEPTED = tag(events.MessagesAccepted, "messages")
_ACCEPTED_ID = tag(events.MessageAccepted, "message_id") + _ID
_ACCEPTED_CONTACT = tag(events.MessageAccepted, "contact_id") + _ID
_CONTACT_BEHIND = _ACCEPTED_CONTACT.decode("ascii")
_ACCEPTED_LANGUAGE = tag(events.MessageAccepted, "language_code")
_SCHEDULED = tag(events.MessagesScheduled, "messages")
_SCHEDULED_ID = tag(events.MessageScheduled, "message_id") + _ID
_SENT = tag(events.MessagesSent, "messages")
_SENT_ID = tag(events.MessageSent, "message_id") + _ID
_COSTS = tag(events.CostsRecorded, "costs")
_COST_ID = tag(events.CostRecorded, "message_id") + _ID


class Sent(NamedTuple):
    """One message a provider took."""

    message_id: bytes
    attempt: int
    segments: int
    provider_message_id: str


class Stopped(NamedTuple):
    """One message that did not get further."""

    message_id: bytes
    reason: str
    code: str = ""
    until: datetime | None = None


class Tried(NamedTuple):
    """One message that was tried and not taken."""

    message_id: bytes
    attempt: int
    code: str
    next_at: datetime | None = None


class Cost(NamedTuple):
    """What one attempt costs."""

    message_id: bytes
    attempt: int
    currency: str
    amount: Decimal
    branch_id: UUID | None = None
    is_budgeted: bool = False


class Report(NamedTuple):
    """What was learnt of a recipient."""

    message_id: bytes
    contact_id: bytes | None
    address_hash: bytes
    hash_key_id: str
    address_hint: str
    code: str


def accepted(tenant_id: UUID, content: Content, recipients: Recipients) -> Event:
    """Returns `message.accepted` of a block."""
    shared = events.MessagesAccepted(dimensions=_dimensions(content)).SerializeToString()
    payload = events.MessagesAccepted.FromString(shared + _accepted(recipients))
    campaign = str(content.campaign_id) if content.campaign_id else ""
    return _event("message.accepted", tenant_id, campaign, payload, len(recipients.ids))


def _accepted(recipients: Recipients) -> bytes:
    """Returns the items of accepted messages; those of a block mostly tell the same and are written as one text."""
    ids = id_texts(recipients.ids)
    if not any(recipients.languages):
        if not any(recipients.contacts):
            return repeated_texts(_ACCEPTED, _ACCEPTED_ID, ids)
        if all(recipients.contacts):
            contacts = id_texts([contact for contact in recipients.contacts if contact])
            pairs = [id + _CONTACT_BEHIND + contact for id, contact in zip(ids, contacts, strict=True)]
            return repeated_texts(_ACCEPTED, _ACCEPTED_ID, pairs)
    bodies = []
    for id, contact, language in zip(ids, recipients.contacts, recipients.languages, strict=True):
        body = _ACCEPTED_ID + id.encode()
        if contact:
            body += _ACCEPTED_CONTACT + id_text(contact).encode()
        if language:
            text = language.encode()
            body += _ACCEPTED_LANGUAGE + length(len(text)) + text
        bodies.append(body)
    return repeated(_ACCEPTED, bodies)


def scheduled(tenant_id: UUID, campaign_id: str, due_at: datetime, ids: Iterable[bytes]) -> Event:
    """Returns `message.scheduled` of what waits for one time."""
    shared = events.MessagesScheduled(campaign_id=campaign_id, due_time=timestamp(due_at))
    items = repeated_texts(_SCHEDULED, _SCHEDULED_ID, id_texts(list(ids)))
    payload = events.MessagesScheduled.FromString(shared.SerializeToString() + items)
    return _event("message.scheduled", tenant_id, campaign_id, payload, len(payload.messages))


def sent(
    tenant_id: UUID, campaign_id: str, provider: str, account_id: UUID, at: datetime, messages: Sequence[Sent]
) -> Event:
    """Returns `message.sent` of what one account took."""
    when = timestamp(at)

    def rest(attempt: int, segments: int, reference: str) -> Message:
        return events.MessageSent(
            attempt=attempt, send_time=when, segments=segments, provider_message_id=reference
        )

    shared = events.MessagesSent(
        campaign_id=campaign_id, provider=provider, provider_account_id=str(account_id)
    )
    bodies = _named(_SENT_ID, messages, rest)
    payload = events.MessagesSent.FromString(shared.SerializeToString() + repeated(_SENT, bodies))
    return _event("message.sent", tenant_id, campaign_id, payload, len(messages))


def stopped(kind: str, tenant_id: UUID, campaign_id: str, at: datetime, messages: Sequence[Stopped]) -> Event:
    """Returns `message.<kind>`: failed, skipped, expired, cancelled, deferred or unknown."""
    when = timestamp(at)
    payload = events.MessagesStopped(
        messages=[
            events.MessageStopped(
                message_id=id_text(one.message_id),
                campaign_id=campaign_id,
                reason=one.reason,
                code=one.code,
                occur_time=when,
                defer_time=timestamp(one.until) if one.until else None,
            )
            for one in messages
        ]
    )
    return _event(f"message.{kind}", tenant_id, campaign_id, payload, len(messages))


def tried(kind: str, tenant_id: UUID, campaign_id: str, at: datetime, messages: Sequence[Tried]) -> Event:
    """Returns `message.<kind>` of messages that were tried in vain: retry_scheduled or dead_lettered."""
    when = timestamp(at)
    payload = events.AttemptsFailed(
        messages=[
            events.AttemptFailed(
                message_id=id_text(one.message_id),
                campaign_id=campaign_id,
                attempt=one.attempt,
                code=one.code,
                next_retry_time=timestamp(one.next_at) if one.next_at else None,
                occur_time=when,
            )
            for one in messages
        ]
    )
    return _event(f"message.{kind}", tenant_id, campaign_id, payload, len(messages))


def retried(tenant_id: UUID, campaign_id: str, actor: str, at: datetime, ids: Sequence[bytes]) -> Event:
    """Returns `message.retried` of dead letters that were given a fresh series of tries."""
    when = timestamp(at)
    payload = events.MessagesRetried(
        messages=[
            events.MessageRetried(
                message_id=id_text(id), campaign_id=campaign_id, actor=actor, occur_time=when
            )
            for id in ids
        ]
    )
    return _event("message.retried", tenant_id, campaign_id, payload, len(ids))


def render_failed(
    tenant_id: UUID, version_id: UUID, name: str, reason: str, at: datetime, count: int
) -> Event:
    """Returns `template.render_failed`, which is told once per template and hour."""
    payload = events.TemplateRenderFailed(
        template_version_id=str(version_id),
        template_name=name,
        reason=reason,
        message_count=count,
        occur_time=timestamp(at),
    )
    return _event("template.render_failed", tenant_id, "", payload, 1)


def costs(
    tenant_id: UUID,
    campaign_id: str,
    provider: str,
    period: str,
    messages: Sequence[Cost],
    *,
    is_actual: bool = False,
    is_platform_cost: bool = False,
) -> Event:
    """Returns `message.cost_recorded` of estimates, or of the prices that replace them."""

    def rest(
        attempt: int, currency: str, amount: Decimal, branch_id: UUID | None, is_budgeted: bool
    ) -> Message:
        units = int(amount)
        return events.CostRecorded(
            attempt=attempt,
            cost=Money(currency_code=currency, units=units, nanos=int((amount - units) * NANOS)),
            is_actual=is_actual,
            billing_period=period,
            is_platform_cost=is_platform_cost,
            branch_id=str(branch_id or ""),
            is_budgeted=is_budgeted,
        )

    shared = events.CostsRecorded(provider=provider, campaign_id=campaign_id)
    bodies = _named(_COST_ID, messages, rest)
    payload = events.CostsRecorded.FromString(shared.SerializeToString() + repeated(_COSTS, bodies))
    return _event("message.cost_recorded", tenant_id, campaign_id, payload, len(messages))


def reported(
    kind: str, tenant_id: UUID, campaign_id: str, channel: int, at: datetime, reports: Iterable[Report]
) -> Event:
    """Returns `recipient.<kind>`: opted_out or invalid."""
    when = timestamp(at)
    payload = events.RecipientsReported(
        reports=[
            events.RecipientReported(
                message_id=id_text(one.message_id),
                contact_id=id_text(one.contact_id) if one.contact_id else "",
                channel=wire(channel),
                address_hash=one.address_hash,
                hash_key_id=one.hash_key_id,
                address_hint=one.address_hint,
                code=one.code,
                campaign_id=campaign_id,
                occur_time=when,
            )
            for one in reports
        ]
    )
    return _event(f"recipient.{kind}", tenant_id, campaign_id, payload, len(payload.reports))


def _named(mark: bytes, told: Sequence[Sent] | Sequence[Cost], rest: Callable[..., Message]) -> list[bytes]:
    """Returns messages that tell an id and a rest; most rests of a block are alike, and each is written once."""
    written: dict[tuple[Any, ...], bytes] = {}
    bodies = []
    for id, one in zip(id_texts([one.message_id for one in told]), told, strict=True):
        said = one[1:]
        if (body := written.get(said)) is None:
            body = written[said] = rest(*said).SerializeToString()
        bodies.append(mark + id.encode() + body)
    return bodies


def timestamp(instant: datetime) -> Timestamp:
    """Returns an instant as the contract carries it."""
    value = Timestamp()
    value.FromDatetime(instant)
    return value


def _dimensions(content: Content) -> events.MessageDimensions:
    return events.MessageDimensions(
        channel=wire(content.channel),
        message_class=wire(content.message_class),
        category=wire(content.category),
        priority=wire(content.lane),
        origin=wire(content.origin),
        branch_id=str(content.branch_id or ""),
        template_version_id=str(content.template_version_id),
        template_name=content.template_name,
        campaign_id=str(content.campaign_id or ""),
        run_id=str(content.run_id or ""),
        variant_key=content.variant_key,
        is_staff=content.is_staff,
        rule=content.rule,
        trigger_type=content.trigger_type,
        automation_run_id=str(content.automation_run_id or ""),
    )


def _event(
    type: str,
    tenant_id: UUID,
    campaign_id: str,
    payload: events.MessagesAccepted
    | events.MessagesScheduled
    | events.MessagesSent
    | events.MessagesStopped
    | events.AttemptsFailed
    | events.MessagesRetried
    | events.TemplateRenderFailed
    | events.CostsRecorded
    | events.RecipientsReported,
    count: int,
) -> Event:
    kind, id = ("campaign", campaign_id) if campaign_id else ("tenant", str(tenant_id))
    return Event(type, kind, id, payload, count=count, tenant_id=tenant_id)
