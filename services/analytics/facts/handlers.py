"""Folds the events of the other services into facts: one function per event type."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, TypeGuard
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as campaign_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2 as consent_pb2
from angarium.consent.v1.consent_pb2 import (
    OPT_OUT_SOURCE_PREFERENCE_PAGE,
    OPT_OUT_SOURCE_SMS_KEYWORD,
    OPT_OUT_SOURCE_UNSUBSCRIBE_LINK,
)
from angarium.delivery.v1 import delivery_events_pb2 as delivery_pb2
from services.analytics.directory import store as directory
from services.analytics.facts import convert, engagement, store
from services.common.db.uow import UnitOfWork

STOPPED_COLUMNS = {
    "message.failed": "failed_at",
    "message.skipped": "skipped_at",
    "message.expired": "expired_at",
    "message.cancelled": "cancelled_at",
    "message.unknown": "unknown_at",
}
REACHED_COLUMNS = {"message.delivered": "delivered_at", "message.read": "read_at"}
# Opt-outs that a link of a message caused; a complaint is counted as a complaint.
UNSUBSCRIBE_SOURCES = (
    OPT_OUT_SOURCE_UNSUBSCRIBE_LINK,
    OPT_OUT_SOURCE_PREFERENCE_PAGE,
    OPT_OUT_SOURCE_SMS_KEYWORD,
)


async def accepted(uow: UnitOfWork, envelope: EventEnvelope, payload: delivery_pb2.MessagesAccepted) -> None:
    """Adds the facts of accepted messages."""
    await accepted_together(uow, [(envelope, payload)])


async def accepted_together(
    uow: UnitOfWork, events: Sequence[tuple[EventEnvelope, delivery_pb2.MessagesAccepted]]
) -> None:
    """Adds the facts of several events; those of the same dimensions in one statement."""
    zone = await directory.time_zone(uow)
    for _, found in groupby(
        events, key=lambda event: event[1].dimensions.SerializeToString(deterministic=True)
    ):
        alike = list(found)
        accepted_at: list[datetime] = []
        for envelope, payload in alike:
            accepted_at += [convert.instant(envelope.occur_time)] * len(payload.messages)
        told = [message for _, payload in alike for message in payload.messages]
        messages: dict[str, list[Any]] = {
            "message_id": convert.ids(message.message_id for message in told),
            "contact_id": convert.ids(message.contact_id for message in told),
            "language": [message.language_code for message in told],
        }
        if told:
            await store.add_accepted(
                uow, zone, convert.dimensions(alike[0][1].dimensions), messages, accepted_at
            )


async def sent(uow: UnitOfWork, _envelope: EventEnvelope, payload: delivery_pb2.MessagesSent) -> None:
    """Notes which messages a provider took."""
    await store.reach(
        uow,
        await directory.time_zone(uow),
        "sent_at",
        convert.sent_columns(payload),
        ", provider = i.provider, provider_account_id = i.account_id",
        shared=convert.sent_shared(payload),
    )


async def sent_at_a_price(
    uow: UnitOfWork,
    events: Sequence[tuple[EventEnvelope, delivery_pb2.MessagesSent | delivery_pb2.CostsRecorded]],
) -> None:
    """Notes which messages providers took and what that costs; both at once where two events tell of the same tries."""
    waiting = list(reversed(events))
    while waiting:
        envelope, payload = waiting.pop()
        if isinstance(payload, delivery_pb2.CostsRecorded):
            await costs_recorded(uow, envelope, payload)
        elif waiting and _tells_of_the_same(costs := waiting[-1][1], payload):
            waiting.pop()
            await _sent_at_a_price(uow, payload, costs)
        else:
            await sent(uow, envelope, payload)


async def _sent_at_a_price(
    uow: UnitOfWork, taken: delivery_pb2.MessagesSent, costs: delivery_pb2.CostsRecorded
) -> None:
    columns, shared = _shared({**convert.sent_columns(taken), **convert.cost_columns(costs)})
    shared |= {**convert.sent_shared(taken), **convert.cost_shared(costs)}
    await store.send_at_a_price(uow, await directory.time_zone(uow), columns, shared)


def _tells_of_the_same(
    costs: delivery_pb2.MessagesSent | delivery_pb2.CostsRecorded, taken: delivery_pb2.MessagesSent
) -> TypeGuard[delivery_pb2.CostsRecorded]:
    return (
        isinstance(costs, delivery_pb2.CostsRecorded)
        and (taken.provider, taken.campaign_id) == (costs.provider, costs.campaign_id)
        and [(message.message_id, message.attempt) for message in taken.messages]
        == [(cost.message_id, cost.attempt) for cost in costs.costs]
    )


def _shared(columns: dict[str, list[Any]]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Returns the ids of a block with the columns that differ, and the values of those that do not; all or none."""
    others = {name: values for name, values in columns.items() if name != "message_id"}
    if any(values.count(values[0]) != len(values) for values in others.values()):
        return columns, {}
    return {"message_id": columns["message_id"]}, {name: values[0] for name, values in others.items()}


async def reached(uow: UnitOfWork, envelope: EventEnvelope, payload: delivery_pb2.MessagesReached) -> None:
    """Notes which messages were delivered or read."""
    await store.reach(
        uow,
        await directory.time_zone(uow),
        REACHED_COLUMNS[envelope.type],
        {
            "message_id": convert.ids(message.message_id for message in payload.messages),
            "campaign_id": convert.ids(message.campaign_id for message in payload.messages),
            "at": [convert.instant(message.occur_time) for message in payload.messages],
        },
    )


async def stopped(uow: UnitOfWork, envelope: EventEnvelope, payload: delivery_pb2.MessagesStopped) -> None:
    """Notes which messages did not get further, and why."""
    await store.reach(
        uow,
        await directory.time_zone(uow),
        STOPPED_COLUMNS[envelope.type],
        {
            "message_id": convert.ids(message.message_id for message in payload.messages),
            "campaign_id": convert.ids(message.campaign_id for message in payload.messages),
            "at": [convert.instant(message.occur_time) for message in payload.messages],
            "reason": [message.reason for message in payload.messages],
            "code": [message.code for message in payload.messages],
        },
        ", reason = i.reason, code = i.code",
    )


async def retried(uow: UnitOfWork, _envelope: EventEnvelope, payload: delivery_pb2.MessagesRetried) -> None:
    """Takes back the failure of messages that are tried once more; how it ends is told by what follows."""
    await store.reopen(
        uow,
        await directory.time_zone(uow),
        {
            "message_id": convert.ids(message.message_id for message in payload.messages),
            "campaign_id": convert.ids(message.campaign_id for message in payload.messages),
            "at": [convert.instant(message.occur_time) for message in payload.messages],
        },
    )


async def tried_again(
    uow: UnitOfWork, _envelope: EventEnvelope, payload: delivery_pb2.AttemptsFailed
) -> None:
    """Notes which messages were not taken and are tried again."""
    await store.retry(
        uow,
        await directory.time_zone(uow),
        {
            "message_id": convert.ids(message.message_id for message in payload.messages),
            "campaign_id": convert.ids(message.campaign_id for message in payload.messages),
            "at": [convert.instant(message.occur_time) for message in payload.messages],
            "attempt": [message.attempt for message in payload.messages],
        },
    )


async def skipped_by_campaign(
    uow: UnitOfWork, envelope: EventEnvelope, payload: campaign_pb2.CampaignRecipientsSkipped
) -> None:
    """Notes recipients that campaign never handed over; delivery has no event about them."""
    count = len(payload.recipients)
    at = convert.instant(envelope.occur_time)
    await store.reach(
        uow,
        await directory.time_zone(uow),
        "skipped_at",
        {
            "message_id": convert.ids(recipient.message_id for recipient in payload.recipients),
            "campaign_id": [convert.uuid_or_none(payload.campaign_id)] * count,
            "run_id": [convert.uuid_or_none(payload.run_id)] * count,
            "variant_key": [recipient.variant_key for recipient in payload.recipients],
            "contact_id": convert.ids(recipient.contact_id for recipient in payload.recipients),
            "channel": [payload.channel] * count,
            "at": [at] * count,
            "reason": [recipient.reason for recipient in payload.recipients],
        },
        ", reason = i.reason, channel = i.channel",
    )


async def bounced(
    uow: UnitOfWork, _envelope: EventEnvelope, payload: delivery_pb2.RecipientsReported
) -> None:
    """Notes which messages came back."""
    await store.reach(
        uow,
        await directory.time_zone(uow),
        "bounced_at",
        {**convert.reported(payload), "bounce_type": [report.bounce_type for report in payload.reports]},
        ", bounce_type = i.bounce_type, code = i.code",
    )


async def complained(
    uow: UnitOfWork, _envelope: EventEnvelope, payload: delivery_pb2.RecipientsReported
) -> None:
    """Notes which messages were reported as spam."""
    await store.reach(uow, await directory.time_zone(uow), "complained_at", convert.reported(payload))


async def opted_out(uow: UnitOfWork, _envelope: EventEnvelope, payload: consent_pb2.ContactOptedOut) -> None:
    """Notes which message made a contact unsubscribe."""
    if payload.message_id and payload.source in UNSUBSCRIBE_SOURCES:
        await store.reach(
            uow,
            await directory.time_zone(uow),
            "unsubscribed_at",
            {
                "message_id": [UUID(payload.message_id)],
                "campaign_id": [convert.uuid_or_none(payload.campaign_id)],
                "at": [convert.instant(payload.opt_out_time)],
            },
        )


async def costs_recorded(
    uow: UnitOfWork, _envelope: EventEnvelope, payload: delivery_pb2.CostsRecorded
) -> None:
    """Sets what attempts cost."""
    columns, shared = convert.cost_columns(payload), convert.cost_shared(payload)
    await store.record_costs(uow, await directory.time_zone(uow), columns, shared)


async def engaged(uow: UnitOfWork, _envelope: EventEnvelope, payload: delivery_pb2.MessagesEngaged) -> None:
    """Keeps every hit with its last verdict: by class, by link, and as the first human open and click of its message."""
    last: dict[UUID, delivery_pb2.MessageEngaged] = {}
    for hit in payload.hits:
        engagement_id = UUID(hit.engagement_id)
        known = last.get(engagement_id)
        if known is None or known.judgement < hit.judgement:
            last[engagement_id] = hit
    await engagement.fold_in(
        uow, await directory.time_zone(uow), [convert.hit_row(hit) for hit in last.values()]
    )
