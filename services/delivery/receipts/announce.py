"""The events that receipts cause (EVT-94 to EVT-97), in blocks of one campaign."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import delivery_events_pb2 as events
from services.common.db.uow import UnitOfWork
from services.common.events.event import MAX_ITEMS, Event
from services.delivery.columns import id_text, in_slices
from services.delivery.enums import wire
from services.delivery.messages import announce
from services.delivery.messages.announce import Sent, Stopped, timestamp
from services.delivery.messages.domain import State
from services.delivery.receipts.domain import News, Report, Standing
from services.delivery.receipts.recipients import Address

NOBODY: Final = Address(b"", "", "")


def tell(uow: UnitOfWork, news: Iterable[News], addresses: Mapping[bytes, Address]) -> None:
    """Adds the events of what became of messages; `addresses` are those of reported recipients."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    by_campaign: defaultdict[UUID | None, list[News]] = defaultdict(list)
    for one in news:
        by_campaign[one.after.campaign_id].append(one)
    for campaign_id, members in by_campaign.items():
        for part in in_slices(members, MAX_ITEMS):
            _tell_campaign(uow, uow.tenant_id, str(campaign_id or ""), part, addresses)


def _tell_campaign(
    uow: UnitOfWork,
    tenant_id: UUID,
    campaign: str,
    news: Sequence[News],
    addresses: Mapping[bytes, Address],
) -> None:
    _tell_sent(uow, tenant_id, campaign, [one.after for one in news if one.is_sent_now])
    delivered = [(one.after, one.after.delivered_at) for one in news if one.is_delivered_now]
    _tell_reached(uow, tenant_id, campaign, "message.delivered", delivered)
    read = [(one.after, one.after.read_at) for one in news if one.is_new(State.READ)]
    _tell_reached(uow, tenant_id, campaign, "message.read", read)
    failed: defaultdict[datetime, list[Stopped]] = defaultdict(list)
    for one in news:
        after = one.after
        if one.is_new(State.FAILED) and after.failed_at is not None:
            failed[after.failed_at].append(
                Stopped(after.message_id, after.reason or "", after.failure_code or "")
            )
    for at, stopped in failed.items():
        uow.emit(announce.stopped("failed", tenant_id, campaign, at, stopped))
    reported: defaultdict[str, list[tuple[Standing, Report]]] = defaultdict(list)
    for one in news:
        for report in one.reports:
            reported[report.word].append((one.after, report))
    for word, reports in reported.items():
        _tell_reported(uow, tenant_id, campaign, word, reports, addresses)


def _tell_sent(uow: UnitOfWork, tenant_id: UUID, campaign: str, sent: Iterable[Standing]) -> None:
    grouped: defaultdict[tuple[str, UUID | None, datetime], list[Sent]] = defaultdict(list)
    for one in sent:
        if one.sent_at is not None:
            grouped[one.provider or "", one.account_id, one.sent_at].append(
                Sent(one.message_id, max(one.attempt_count, 1), 1, one.provider_message_id or "")
            )
    for (provider, account_id, at), messages in grouped.items():
        uow.emit(announce.sent(tenant_id, campaign, provider, account_id or UUID(int=0), at, messages))


def _tell_reached(
    uow: UnitOfWork,
    tenant_id: UUID,
    campaign: str,
    type: str,
    reached: Sequence[tuple[Standing, datetime | None]],
) -> None:
    if not reached:
        return
    payload = events.MessagesReached(
        messages=[
            events.MessageReached(
                message_id=id_text(one.message_id),
                campaign_id=campaign,
                occur_time=timestamp(at) if at else None,
            )
            for one, at in reached
        ]
    )
    uow.emit(_event(type, tenant_id, campaign, payload, len(reached)))


def _tell_reported(
    uow: UnitOfWork,
    tenant_id: UUID,
    campaign: str,
    word: str,
    reports: Sequence[tuple[Standing, Report]],
    addresses: Mapping[bytes, Address],
) -> None:
    payload = events.RecipientsReported()
    for one, report in reports:
        address = addresses.get(one.message_id, NOBODY)
        payload.reports.add(
            message_id=id_text(one.message_id),
            contact_id=id_text(one.contact_id) if one.contact_id else "",
            channel=wire(one.channel),
            address_hash=address.hash,
            hash_key_id=address.hash_key_id,
            address_hint=address.hint,
            bounce_type=wire(report.bounce_type),
            code=report.code,
            campaign_id=campaign,
            occur_time=timestamp(report.at),
        )
    uow.emit(_event(word, tenant_id, campaign, payload, len(reports)))


def _event(
    type: str,
    tenant_id: UUID,
    campaign: str,
    payload: events.MessagesReached | events.RecipientsReported,
    count: int,
) -> Event:
    kind, id = ("campaign", campaign) if campaign else ("tenant", str(tenant_id))
    return Event(type, kind, id, payload, count=count, tenant_id=tenant_id)
