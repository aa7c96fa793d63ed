"""The ledger as delivery's events settle it: forward only, in any order, any number of times."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.message import Message
from google.type.money_pb2 import Money as MoneyMessage

from angarium.campaign.v1 import campaign_events_pb2, campaign_pb2, settings_service_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.ledger.convert import recipient_to_proto
from services.campaign.ledger.domain import Recipient, RecipientState
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.money import Money
from tests.campaign.campaigns.conftest import Stage

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Line = campaign_pb2.CampaignRecipient


class Told:
    """Events of one campaign."""

    def __init__(self, stage: Stage, campaign_id: str) -> None:
        self.stage = stage
        self.campaign_id = campaign_id

    def sent(self, *ids: str) -> tuple[str, Message]:
        payload = events.MessagesSent(campaign_id=self.campaign_id, provider="sendgrid")
        for one in ids:
            payload.messages.add(message_id=one, attempt=1).send_time.FromDatetime(NOON)
        return "message.sent", payload

    def reached(self, kind: str, *ids: str) -> tuple[str, Message]:
        payload = events.MessagesReached()
        for one in ids:
            payload.messages.add(message_id=one, campaign_id=self.campaign_id).occur_time.FromDatetime(NOON)
        return f"message.{kind}", payload

    def stopped(self, kind: str, *ids: str, reason: str = "why") -> tuple[str, Message]:
        payload = events.MessagesStopped()
        for one in ids:
            payload.messages.add(message_id=one, campaign_id=self.campaign_id, reason=reason)
        return f"message.{kind}", payload

    def retried(self, *ids: str) -> tuple[str, Message]:
        payload = events.MessagesRetried()
        for one in ids:
            payload.messages.add(message_id=one, campaign_id=self.campaign_id, actor="anna")
        return "message.retried", payload

    def reported(self, kind: str, *ids: str) -> tuple[str, Message]:
        payload = events.RecipientsReported()
        for one in ids:
            payload.reports.add(message_id=one, campaign_id=self.campaign_id, code="550")
        return f"message.{kind}", payload

    def costs(
        self, amount: str, *ids: str, attempt: int = 1, is_actual: bool = False, currency: str = "EUR"
    ) -> tuple[str, Message]:
        payload = events.CostsRecorded(provider="sendgrid", campaign_id=self.campaign_id)
        for one in ids:
            item = payload.costs.add(
                message_id=one, attempt=attempt, billing_period=self.month, is_actual=is_actual
            )
            item.cost.CopyFrom(Money(currency, Decimal(amount)).to_proto())
        return "message.cost_recorded", payload

    @property
    def month(self) -> str:
        return self.stage.clock.now().strftime("%Y-%m")

    async def apply(self, *told: tuple[str, Message]) -> None:
        for kind, payload in told:
            await self.stage.apply(kind, payload)


async def launched(stage: Stage, count: int, **fields: Any) -> tuple[Told, str, list[str]]:
    await stage.contacts(count)
    sent = await stage.send(**fields)
    await stage.worker().run_until_idle()
    ids = [line.message_id for line in await stage.recipients(sent.campaign.campaign_id)]
    return Told(stage, sent.campaign.campaign_id), sent.run_id, ids


@pytest.mark.req("CAM-16", "CAM-127")
async def test_each_line_ends_where_its_message_did(stage: Stage) -> None:
    told, run_id, ids = await launched(stage, 9)
    await told.apply(
        told.sent(*ids[:5]),
        told.reached("delivered", *ids[1:4]),
        told.reached("read", ids[2]),
        told.reported("bounced", ids[3]),
        told.stopped("failed", ids[5], reason="invalid_recipient"),
        told.stopped("skipped", ids[6], reason="opted_out"),
        told.stopped("expired", ids[7]),
        told.stopped("unknown", ids[8]),
    )
    assert await stage.assert_tally_equals_lines(run_id) == {
        "sent": 2, "delivered": 1, "read": 1, "bounced": 1, "failed": 1, "skipped": 1, "expired": 1, "unknown": 1,
    }  # fmt: skip
    by_id = {line.message_id: line for line in await stage.recipients(told.campaign_id)}
    assert (by_id[ids[5]].state, by_id[ids[5]].reason) == (Line.STATE_FAILED, "invalid_recipient")
    assert by_id[ids[2]].send_time.ToDatetime(tzinfo=UTC) == NOON
    counts = (await stage.get(told.campaign_id)).counts
    assert (counts.total, counts.delivered, counts.read, counts.sent) == (9, 2, 1, 2)


async def test_events_in_any_order_and_twice_leave_the_same_ledger(stage: Stage) -> None:
    told, run_id, ids = await launched(stage, 30)
    steps = [
        told.sent(*ids[:20]),
        told.sent(*ids[5:25]),
        told.reached("delivered", *ids[:15]),
        told.reached("read", *ids[:7]),
        told.reported("bounced", *ids[15:18]),
        told.stopped("unknown", *ids[10:28]),
        told.stopped("failed", *ids[25:27]),
        told.stopped("skipped", *ids[28:]),
        told.reported("complained", *ids[:2]),
        told.costs("0.001", *ids[:20]),
    ]
    shown = []
    for seed in range(4):
        order = steps * 2
        random.Random(seed).shuffle(order)
        await told.apply(*order)
        lines = await stage.recipients(told.campaign_id)
        shown.append([(line.state, line.reason, line.send_time, line.deliver_time) for line in lines])
        found = await stage.assert_tally_equals_lines(run_id)
        async with stage.database.tenant(stage.served.tenant_id) as uow:
            sums = await uow.fetch_one("SELECT complaints, actual_cost FROM campaign_run_tally")
            await uow.execute(
                "UPDATE campaign_recipient SET state = 2, reason = NULL, sent_at = NULL, delivered_at = NULL, "
                "complained = false, cost = NULL, costs = NULL"
            )
            zeros = "pending = 0, sent = 0, delivered = 0, read = 0, bounced = 0, failed = 0, skipped = 0"
            await uow.execute(
                f"UPDATE campaign_run_tally SET handed_over = 30, {zeros}, unknown = 0, complaints = 0, "
                "actual_cost = 0"
            )
        assert sums == (2, Decimal("0.020000"))
    assert all(one == shown[0] for one in shown)
    assert found == {
        "sent": 7,
        "delivered": 8,
        "read": 7,
        "bounced": 3,
        "failed": 2,
        "unknown": 1,
        "skipped": 2,
    }


@pytest.mark.req("DEL-30", "CAM-127")
async def test_a_failed_line_waits_again_when_its_message_is_retried_and_ends_where_that_does(
    stage: Stage,
) -> None:
    told, run_id, ids = await launched(stage, 4)
    await told.apply(told.sent(ids[0]), told.stopped("failed", *ids[1:], reason="content_refused"))
    await told.apply(told.retried(*ids[1:3]))
    assert await stage.assert_tally_equals_lines(run_id) == {"sent": 1, "failed": 1, "handed_over": 2}
    await told.apply(told.sent(ids[1]), told.stopped("failed", ids[2], reason="unavailable"))
    assert await stage.assert_tally_equals_lines(run_id) == {"sent": 2, "failed": 2}
    by_id = {line.message_id: line for line in await stage.recipients(told.campaign_id)}
    assert by_id[ids[2]].reason == "unavailable"


async def test_an_event_that_overtakes_its_hand_over_stays(stage: Stage) -> None:
    """A provider may be faster than the note that delivery accepted the block."""
    await stage.contacts(4)

    async def early() -> None:
        ids = list(stage.delivery.messages)
        await stage.apply(*Told(stage, stage.delivery.messages[ids[0]].content.campaign_id).sent(*ids[:2]))

    stage.delivery.after = early
    sent = await stage.send()
    await stage.worker().run_until_idle()
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"sent": 2, "handed_over": 2}


@pytest.mark.req("CAM-105")
async def test_a_run_completes_when_nothing_is_waited_for_and_receipts_still_count(stage: Stage) -> None:
    told, run_id, ids = await launched(stage, 4)
    await told.apply(told.sent(*ids[:3]))
    await stage.worker().run_until_idle()
    assert (await stage.get(told.campaign_id)).state == campaign_pb2.Campaign.STATE_SENDING
    await told.apply(told.stopped("unknown", ids[3]))
    await stage.worker().run_until_idle()
    assert (await stage.get(told.campaign_id)).state == campaign_pb2.Campaign.STATE_SENDING
    await told.apply(told.stopped("failed", ids[3]))
    await stage.worker().run_until_idle()
    done = await stage.get(told.campaign_id)
    assert done.state == campaign_pb2.Campaign.STATE_SENT
    assert done.HasField("complete_time")
    [envelope] = await stage.outbox("campaign.completed")
    payload = campaign_events_pb2.CampaignCompleted()
    assert envelope.payload.Unpack(payload)
    assert (payload.counts.total, payload.counts.sent, payload.counts.failed) == (4, 3, 1)
    await told.apply(told.reached("delivered", *ids[:3]))
    assert (await stage.get(told.campaign_id)).counts.delivered == 3
    runs = await stage.stub.ListCampaignRuns(pb.ListCampaignRunsRequest(campaign_id=told.campaign_id))
    assert runs.runs[0].state == campaign_pb2.CampaignRun.STATE_COMPLETED
    assert runs.runs[0].run_id == run_id


async def test_a_tally_that_lies_is_put_right_before_a_run_ends(stage: Stage) -> None:
    told, run_id, _ = await launched(stage, 2)
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        await uow.execute("UPDATE campaign_run_tally SET handed_over = 0, sent = 2")
    await stage.worker().run_until_idle()
    assert (await stage.get(told.campaign_id)).state == campaign_pb2.Campaign.STATE_SENDING
    assert await stage.assert_tally_equals_lines(run_id) == {"handed_over": 2}


@pytest.mark.req("CAM-74")
async def test_costs_turn_reservation_into_spend_and_the_rest_is_released(stage: Stage) -> None:
    await stage.configure(monthly_budget_limit=MoneyMessage(currency_code="EUR", units=1))
    told, _, ids = await launched(stage, 10)
    settings = stage.served.person(SettingsServiceStub)

    async def budget() -> tuple[Decimal, Decimal]:
        read = await settings.GetBudget(settings_service_pb2.GetBudgetRequest(month=told.month))
        return Money.from_proto(read.reserved).amount, Money.from_proto(read.spent).amount

    assert await budget() == (Decimal("0.01"), Decimal(0))
    event = told.costs("0.0005", *ids[:4])
    await told.apply(event)
    assert await budget() == (Decimal("0.006"), Decimal("0.002"))
    await told.apply(told.costs("0.0008", *ids[:1], is_actual=True))
    await told.apply(told.costs("1", *ids[:1], currency="USD"))
    assert await budget() == (Decimal("0.006"), Decimal("0.0023"))
    campaign = await stage.get(told.campaign_id)
    assert Money.from_proto(campaign.actual_cost).amount == Decimal("0.0023")
    await told.apply(told.sent(*ids))
    await stage.worker().run_until_idle()
    assert await budget() == (Decimal(0), Decimal("0.0023"))


@pytest.mark.req("CAM-74", "CAM-134")
async def test_launches_at_once_never_reserve_more_than_the_budget(stage: Stage) -> None:
    import asyncio

    await stage.contacts(10)
    template_id = await stage.template()
    await stage.configure(monthly_budget_limit=MoneyMessage(currency_code="EUR", nanos=20_000_000))
    campaigns = [await stage.approved(template_id=template_id) for _ in range(5)]
    answers = await asyncio.gather(
        *(stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=one.campaign_id)) for one in campaigns),
        return_exceptions=True,
    )
    reasons = [one.reason for one in answers if isinstance(one, ServiceError)]
    assert reasons == ["BUDGET_EXCEEDED"] * 3
    assert len(await stage.outbox("campaign.sent")) == 2


@pytest.mark.req("CAM-106")
async def test_a_campaign_that_bounces_too_often_holds_itself(stage: Stage) -> None:
    from services.campaign.runs import brakes

    told, _, ids = await launched(stage, 220)
    await told.apply(told.sent(*ids), told.reported("bounced", *ids[:22]))
    assert await brakes.hold_failing(stage.database) == 0
    await told.apply(told.reported("bounced", ids[22]))
    assert await brakes.hold_failing(stage.database) == 1
    held = await stage.get(told.campaign_id)
    assert (held.state, held.pause_reason) == (campaign_pb2.Campaign.STATE_PAUSED, "failure_rate")
    assert await brakes.hold_failing(stage.database) == 0


@pytest.mark.req("CAM-76")
async def test_a_campaign_that_spends_the_budget_holds_itself(stage: Stage) -> None:
    from services.campaign.runs import brakes

    await stage.configure(monthly_budget_limit=MoneyMessage(currency_code="EUR", units=1))
    told, _, ids = await launched(stage, 3)
    await told.apply(told.costs("0.6", *ids[:2]))
    assert await brakes.hold_failing(stage.database) == 1
    assert (await stage.get(told.campaign_id)).pause_reason == "budget_exceeded"


@pytest.mark.req("CAM-67")
async def test_recipients_are_listed_by_state_and_arm_with_addresses_only_for_who_may_see_them(
    stage: Stage,
) -> None:
    from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub

    arms = [
        campaign_pb2.CampaignVariant(key="a", share_basis_points=5_000),
        campaign_pb2.CampaignVariant(key="b", share_basis_points=5_000),
    ]
    told, _, ids = await launched(stage, 60, variants=arms)
    await told.apply(told.sent(*ids[:10]))
    lines = await stage.recipients(told.campaign_id, state=Line.STATE_SENT)
    assert [line.message_id for line in lines] == ids[:10]
    by_arm = [await stage.recipients(told.campaign_id, variant_key=key) for key in ("a", "b")]
    assert sum(map(len, by_arm)) == 60
    assert {line.variant_key for line in by_arm[0]} == {"a"}
    assert all(line.address.startswith("reader") for line in lines)
    shown = recipient_to_proto(
        Recipient(uuid7(), uuid7(), 0, RecipientState.SENT, address="reader@example.com"), [], 1, masked=True
    )
    assert shown.address == "r***@example.com"
    analyst = stage.served.person(CampaignServiceStub, "platform_admin")
    with pytest.raises(ServiceError):
        await analyst.ListCampaignRecipients(pb.ListCampaignRecipientsRequest(campaign_id=told.campaign_id))


async def test_events_of_messages_that_are_no_lines_change_nothing(stage: Stage) -> None:
    told, run_id, _ = await launched(stage, 2)
    stranger = str(uuid7())
    await told.apply(told.sent(stranger), told.reported("complained", stranger))
    plain = events.MessagesStopped()
    plain.messages.add(message_id=stranger, reason="x")
    await told.apply(("message.failed", plain))
    assert await stage.assert_tally_equals_lines(run_id) == {"handed_over": 2}
