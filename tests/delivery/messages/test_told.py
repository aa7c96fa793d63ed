"""What other services are told of a message that waits or does not get further: which, why, when and until when."""

from __future__ import annotations

from typing import Any

import pytest

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import delivery_events_pb2 as events_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from tests.delivery.kit import House, later, recipient
from tests.fakes.neighbours import ALLOW, defer, deny


async def told(house: House, type: str, kind: Any) -> Any:
    """The payload of the only event of a type."""
    [(envelope,)] = await house.rows("SELECT envelope FROM outbox WHERE type = %s", type)
    payload = kind()
    assert EventEnvelope.FromString(envelope).payload.Unpack(payload)
    return payload


@pytest.mark.req("EVT-93")
async def test_a_message_that_waits_is_told_with_the_time_it_is_due(house: House) -> None:
    due, until = later(hours=3), later(hours=2)
    content = house.content()
    content.schedule_time.FromDatetime(due)
    waiting = await house.send_one(content, recipient(1))
    scheduled = await told(house, "message.scheduled", events_pb2.MessagesScheduled)
    assert scheduled.due_time.ToDatetime() == due.replace(tzinfo=None)
    assert [one.message_id for one in scheduled.messages] == [waiting.message_id]
    house.neighbours.consent.rule = lambda *_: defer(consent_pb.DECISION_REASON_QUIET_HOURS, until)
    put_off = await house.send_one(house.content(), recipient(2))
    [deferred] = (await told(house, "message.deferred", events_pb2.MessagesStopped)).messages
    assert (deferred.message_id, deferred.reason) == (put_off.message_id, "quiet_hours")
    assert deferred.defer_time.ToDatetime() == until.replace(tzinfo=None)


@pytest.mark.req("EVT-96")
async def test_a_message_that_ends_unsent_is_told_with_its_reason_and_when(house: House) -> None:
    house.neighbours.consent.rule = lambda *_: deny(consent_pb.DECISION_REASON_SUPPRESSED)
    skipped = await house.send_one(house.content(), recipient(1))
    house.neighbours.consent.rule = lambda *_: ALLOW
    unwanted = house.content(correlation_key="visit-7")
    cancelled = await house.send_one(unwanted, recipient(2))
    selector = pb.MessageSelector(correlation_key="visit-7")
    await house.messages.CancelMessages(
        pb.CancelMessagesRequest(selector=selector), metadata=house.as_service()
    )
    late = house.campaign_content()
    late.expire_time.FromDatetime(later(seconds=1))
    await house.send_block(late, [recipient(3)])
    hold = pb.HoldMessagesRequest(selector=pb.MessageSelector(tenant_marketing=True))
    await house.messages.HoldMessages(hold, metadata=house.as_service())
    expired = await house.value("SELECT message_id::text FROM message WHERE campaign_id IS NOT NULL")
    failed = await house.send_one(house.content(), recipient(4))
    async with house.worker():  # there is no account that could take it
        await house.until_states({"skipped": 1, "cancelled": 1, "expired": 1, "failed": 1})
    for kind, message_id, reason in (
        ("skipped", skipped.message_id, "suppressed"),
        ("cancelled", cancelled.message_id, "cancelled"),
        ("expired", expired, "expired"),
        ("failed", failed.message_id, "provider_not_configured"),
    ):
        [one] = (await told(house, f"message.{kind}", events_pb2.MessagesStopped)).messages
        assert (kind, one.message_id, one.reason) == (kind, message_id, reason)
        assert one.HasField("occur_time")
