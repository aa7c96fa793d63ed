"""Holding, resuming, cancelling; limits; schedule; tests; forecasts; reconciliation."""

from datetime import timedelta
from decimal import Decimal

import pytest

from angarium.campaign.v1 import campaign_pb2, contact_pb2, contact_service_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_pb2
from services.campaign.campaigns import wiring
from services.campaign.runs import completion
from services.campaign.runs.due import DueOrder
from services.campaign.runs.orders import Orders
from services.common.errors import ServiceError, failed, unavailable
from services.common.jobs import JobRunner
from services.common.money import Money
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_drafts import refused, stamp
from tests.campaign.campaigns.test_ledger import Told, launched
from tests.fakes.neighbours import ALLOW, defer, deny

State = campaign_pb2.Campaign
Message = message_pb2.Message


def told_of(stage: Stage, run_id: str) -> list[str]:
    return [what for what, selector in stage.delivery.told if selector.run_id == run_id]


@pytest.mark.req("CAM-64")
async def test_a_pause_stops_hand_over_and_holds_at_delivery_until_it_is_resumed(stage: Stage) -> None:
    await stage.contacts(30)
    sent = await stage.send()
    campaign_id = sent.campaign.campaign_id
    paused = await stage.stub.PauseCampaign(
        pb.PauseCampaignRequest(campaign_id=campaign_id, reason="wrong date")
    )
    assert (paused.campaign.state, paused.campaign.pause_reason) == (State.STATE_PAUSED, "manual")
    assert stage.delivery.told == []
    await stage.worker().run_until_idle()
    assert stage.delivery.messages == {}
    assert told_of(stage, sent.run_id) == ["hold"]
    await stage.stub.ResumeCampaign(pb.ResumeCampaignRequest(campaign_id=campaign_id))
    await stage.worker().run_until_idle()
    assert told_of(stage, sent.run_id) == ["hold", "release"]
    assert len(stage.delivery.messages) == 30
    assert [len(await stage.outbox(f"campaign.{word}")) for word in ("paused", "resumed")] == [1, 1]


@pytest.mark.req("GEN-3")
async def test_an_order_that_delivery_did_not_hear_is_repeated(stage: Stage) -> None:
    _, run_id, _ = await launched(stage, 3)
    campaign_id = (await stage.stub.ListCampaigns(pb.ListCampaignsRequest())).campaigns[0].campaign_id
    await stage.stub.PauseCampaign(pb.PauseCampaignRequest(campaign_id=campaign_id))
    stage.delivery.is_deaf = True
    await stage.worker().run_until_idle()
    assert told_of(stage, run_id) == []
    stage.delivery.is_deaf = False
    stage.clock.advance(timedelta(minutes=5))
    await stage.worker().run_until_idle()
    assert told_of(stage, run_id) == ["hold"]


@pytest.mark.req("CAM-64", "GEN-3")
@pytest.mark.parametrize("is_late", [True, False], ids=["late", "early"])
async def test_a_pause_or_resumption_while_delivery_is_told_is_what_delivery_knows_at_last(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    _, run_id, _ = await launched(stage, 3)
    campaign_id = (await stage.stub.ListCampaigns(pb.ListCampaignsRequest())).campaigns[0].campaign_id
    await stage.stub.PauseCampaign(pb.PauseCampaignRequest(campaign_id=campaign_id))
    slow, other = (Orders(stage.database, stage.channels) for _ in range(2))
    tell = slow._tell

    async def meanwhile(due: DueOrder) -> None:
        if not is_late:
            await tell(due)
        await stage.stub.ResumeCampaign(pb.ResumeCampaignRequest(campaign_id=campaign_id))
        await other.carry_out()
        if is_late:
            await tell(due)

    monkeypatch.setattr(slow, "_tell", meanwhile)
    await slow.carry_out()
    while await other.carry_out():
        pass
    assert told_of(stage, run_id)[-1] == "release"


@pytest.mark.req("CAM-65")
async def test_a_cancelled_campaign_hands_nothing_more_over_and_ends_its_ledger(stage: Stage) -> None:
    await stage.contacts(2500)
    sent = await stage.send()
    campaign_id = sent.campaign.campaign_id
    worker = stage.worker()
    await worker._expand()
    assert await worker._hand()
    stopped = await stage.stub.CancelCampaign(pb.CancelCampaignRequest(campaign_id=campaign_id))
    assert (stopped.campaign.state, stopped.stopped_count) == (State.STATE_CANCELLED, 1500)
    await worker.run_until_idle()
    assert told_of(stage, sent.run_id) == ["cancel"]
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 1000, "cancelled": 1500}
    told = Told(stage, campaign_id)
    ids = list(stage.delivery.messages)
    await told.apply(told.stopped("cancelled", *ids[:900]), told.sent(*ids[900:]))
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"sent": 100, "cancelled": 2400}
    error = await refused(stage.stub.CancelCampaign(pb.CancelCampaignRequest(campaign_id=campaign_id)))
    assert error.reason == "INVALID_CAMPAIGN_STATUS"


@pytest.mark.req("GEN-5")
async def test_nobody_is_handed_over_while_consent_cannot_be_asked(stage: Stage) -> None:
    await stage.contacts(5)
    sent = await stage.send()
    stage.consent.is_down = True
    await stage.worker().run_until_idle()
    assert stage.delivery.messages == {}
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"pending": 5}
    stage.consent.is_down = False
    stage.clock.advance(timedelta(minutes=2))
    await stage.worker().run_until_idle()
    assert len(stage.delivery.messages) == 5


async def test_a_block_delivery_can_never_take_pauses_the_campaign(stage: Stage) -> None:
    await stage.contacts(5)
    sent = await stage.send()
    stage.delivery.error = failed("NOT_FOUND", "template version not found")
    await stage.worker().run_until_idle()
    held = await stage.get(sent.campaign.campaign_id)
    assert (held.state, held.pause_reason) == (State.STATE_PAUSED, "failure_rate")
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"pending": 5}


async def test_a_recipient_delivery_refuses_is_skipped_with_its_reason(stage: Stage) -> None:
    await stage.contacts(3)
    stage.delivery.refused = {"reader1@example.com": "INVALID_RECIPIENT"}
    sent = await stage.send()
    await stage.worker().run_until_idle()
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 2, "skipped": 1}
    lines = await stage.recipients(
        sent.campaign.campaign_id, state=campaign_pb2.CampaignRecipient.STATE_SKIPPED
    )
    assert [line.reason for line in lines] == ["invalid_recipient"]


@pytest.mark.req("CAM-101", "CAM-125")
async def test_a_daily_limit_lets_so_many_messages_a_day_through_to_the_last(stage: Stage) -> None:
    await stage.contacts(25)
    sent = await stage.send(daily_limit=10)
    days = []
    for _ in range(4):
        await stage.worker().run_until_idle()
        days.append(len(stage.delivery.messages))
        stage.clock.advance(timedelta(days=1))
    assert days == [10, 20, 25, 25]
    assert max(stage.delivery.offered.values()) == 1
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 25}


@pytest.mark.req("CAM-101")
async def test_who_waited_seven_days_for_a_limit_is_skipped(stage: Stage) -> None:
    await stage.contacts(25)
    sent = await stage.send(monthly_limit=10)
    await stage.worker().run_until_idle()
    stage.clock.advance(timedelta(days=6))
    assert await completion.expire_limited(stage.database) == 0
    stage.clock.advance(timedelta(days=2))
    assert await completion.expire_limited(stage.database) == 15
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 10, "skipped": 15}
    lines = await stage.recipients(
        sent.campaign.campaign_id, state=campaign_pb2.CampaignRecipient.STATE_SKIPPED
    )
    assert {line.reason for line in lines} == {"campaign_limit"}


@pytest.mark.req("CAM-100")
async def test_blocks_leave_at_their_pace(stage: Stage) -> None:
    await stage.contacts(3000)
    await stage.send()
    worker = stage.worker(rate_limit_per_second=100)
    handed = []
    for _ in range(4):
        await worker.run_until_idle()
        handed.append(len(stage.delivery.messages))
        stage.clock.advance(timedelta(seconds=11))
    assert handed == [1000, 2000, 3000, 3000]


@pytest.mark.req("JOB-12", "CAM-63")
async def test_the_schedule_launches_what_is_due_and_gives_up_what_is_too_late(stage: Stage) -> None:
    await stage.contacts(2)
    due, late = [await stage.approved() for _ in range(2)]
    for one, ahead in ((late, timedelta(minutes=1)), (due, timedelta(hours=30))):
        await stage.stub.ScheduleCampaign(
            pb.ScheduleCampaignRequest(
                campaign_id=one.campaign_id, schedule_time=stamp(stage.clock.now() + ahead)
            )
        )
    jobs = JobRunner(stage.database, wiring.jobs(stage.database, stage.channels), stage.clock)
    await jobs._announce()
    counts = await jobs.run_now("scheduled-campaigns")
    assert counts is not None
    assert counts.seen == 0
    stage.clock.advance(timedelta(hours=30, minutes=1))
    counts = await jobs.run_now("scheduled-campaigns")
    assert counts is not None
    assert (counts.done, counts.skipped) == (1, 1)
    assert (await stage.get(due.campaign_id)).state == State.STATE_SENDING
    assert (await stage.get(late.campaign_id)).state == State.STATE_APPROVED
    await stage.worker().run_until_idle()
    assert len(stage.delivery.messages) == 2


async def staff(stage: Stage, count: int, *, verified: bool = True) -> list[str]:
    stub = stage.served.person(ContactServiceStub)
    ids = []
    for number in range(count):
        ids.append(f"staff{number}{verified}")
        await stub.UpsertStaffMember(
            contact_service_pb2.UpsertStaffMemberRequest(
                staff_member=contact_pb2.StaffMember(
                    staff_id=ids[-1],
                    name="Ada Byron",
                    email=f"ada{number}@bazaar.example",
                    is_email_verified=verified,
                )
            )
        )
    return ids


@pytest.mark.req("CAM-66")
async def test_a_test_may_name_addresses_and_only_those_of_verified_staff(stage: Stage) -> None:
    campaign = await stage.draft()
    await staff(stage, 3)
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT email FROM staff_member ORDER BY staff_id")
        await uow.execute("UPDATE staff_member SET is_email_verified = false WHERE email = %s", rows[2])
    *verified, other = (email for (email,) in rows)

    async def test(*addresses: str) -> pb.SendTestMessageResponse:
        request = pb.SendTestMessageRequest(campaign_id=campaign.campaign_id, addresses=addresses)
        return await stage.stub.SendTestMessage(request)

    answer = await test(verified[0].upper(), verified[1])
    assert len(answer.message_ids) == 2
    assert sorted(one.recipient.address for one in stage.delivery.messages.values()) == sorted(verified)
    error = await refused(test(verified[0], other, "reader1@example.com", verified[0]))
    assert error.reason == "INVALID_RECIPIENT"
    assert [one.field for one in error.violations] == ["addresses[1]", "addresses[2]", "addresses[3]"]
    assert (await refused(test())).reason == "VALIDATION_FAILED"


@pytest.mark.req("CAM-66")
async def test_a_test_goes_to_verified_staff_once_and_counts_nowhere(stage: Stage) -> None:
    await stage.contacts(1)
    campaign = await stage.draft()
    ids = await staff(stage, 10)
    [unverified] = await staff(stage, 1, verified=False)

    async def test(*members: str, key: str = "") -> pb.SendTestMessageResponse:
        return await stage.stub.SendTestMessage(
            pb.SendTestMessageRequest(
                campaign_id=campaign.campaign_id, staff_ids=members, idempotency_key=key
            )
        )

    error = await refused(test(ids[0], unverified, "nobody"))
    assert error.reason == "INVALID_RECIPIENT"
    assert [violation.field for violation in error.violations] == ["staff_ids[1]", "staff_ids[2]"]
    first = await test(ids[0], key="k")
    again = await test(ids[0], key="k")
    assert (list(again.message_ids), again.deduplicated) == (list(first.message_ids), True)
    [accepted] = stage.delivery.messages.values()
    assert accepted.content.origin == message_pb2.ORIGIN_TEST
    assert accepted.recipient.address == "ada0@bazaar.example"
    assert not accepted.recipient.contact_id
    for _ in range(4):
        await test(*ids)
    assert (await refused(test(*ids))).reason == "RATE_LIMITED"
    assert len(stage.delivery.messages) == 41
    assert (await stage.get(campaign.campaign_id)).counts.total == 0
    stage.clock.advance(timedelta(days=1))
    await test(*ids)


@pytest.mark.req("CAM-70")
async def test_a_forecast_counts_everybody_by_what_consent_says_and_sends_nothing(stage: Stage) -> None:
    contacts = await stage.contacts(5200)
    await stage.contacts(7, tag="n", email="")
    answers = {one: deny(consent_pb.DECISION_REASON_NO_CONSENT) for one in contacts[:100]}
    answers |= {one: defer(consent_pb.DECISION_REASON_QUIET_HOURS, None) for one in contacts[100:130]}
    stage.consent.rule = lambda context, item: answers.get(item.contact_id, ALLOW)
    campaign = await stage.draft()
    found = await stage.stub.EstimateCampaign(pb.EstimateCampaignRequest(campaign_id=campaign.campaign_id))
    assert (found.recipient_count, found.eligible_count, found.deferred_count) == (5207, 5070, 30)
    assert {one.reason: one.count for one in found.refusals} == {"no_consent": 100, "no_address": 7}
    assert Money.from_proto(found.cost).amount == Decimal("5.1")
    assert stage.delivery.messages == {}
    assert {request.context.purpose for request in stage.consent.requests} == {
        consent_pb.EVALUATION_PURPOSE_PREVIEW
    }


async def test_reconciliation_mends_what_no_event_has_told(stage: Stage) -> None:
    told, run_id, ids = await launched(stage, 2100)
    for one, state in zip(ids, [Message.STATE_DELIVERED] * 2000 + [Message.STATE_FAILED] * 90, strict=False):
        stage.delivery.messages[one].state = state
        stage.delivery.messages[one].reason = "bad" if state == Message.STATE_FAILED else ""
    stage.delivery.messages[ids[2095]].state = Message.STATE_UNKNOWN
    request = pb.ReconcileCampaignRequest(campaign_id=told.campaign_id)
    proof = await stage.stub.ReconcileCampaign(request)
    assert (proof.total_count, proof.sent_count, proof.failed_count) == (2100, 2000, 90)
    assert (proof.unknown_count, proof.never_tried_count, proof.missing_count) == (1, 9, 0)
    assert (proof.mended_count, proof.is_settled) == (2091, False)
    assert [(one.reason, one.count) for one in proof.reasons] == [("bad", 90)]
    again = await stage.stub.ReconcileCampaign(request)
    assert again.mended_count == 0
    for one in ids[2090:]:
        stage.delivery.messages[one].state = Message.STATE_SENT
    last = await stage.stub.ReconcileCampaign(request)
    assert (last.mended_count, last.is_settled) == (10, True)
    await stage.assert_tally_equals_lines(run_id)


async def test_reconciliation_hands_over_again_what_delivery_never_got(stage: Stage) -> None:
    """As after a restore of delivery's database to an earlier instant."""
    told, run_id, ids = await launched(stage, 1500)
    for one in ids[:1200]:
        del stage.delivery.messages[one]
    stage.delivery.keys.clear()
    request = pb.ReconcileCampaignRequest(campaign_id=told.campaign_id)
    proof = await stage.stub.ReconcileCampaign(request)
    assert (proof.missing_count, proof.never_tried_count, proof.is_settled) == (1200, 1500, False)
    assert await stage.assert_tally_equals_lines(run_id) == {"pending": 1200, "handed_over": 300}
    await stage.worker().run_until_idle()
    assert sorted(stage.delivery.messages) == ids
    assert (await stage.stub.ReconcileCampaign(request)).missing_count == 0


async def test_a_contact_that_changes_between_two_tries_is_written_to_once(stage: Stage) -> None:
    """The request differs from the one that delivery has under its key; its ids do not."""
    contacts = await stage.contacts(3)
    calls = []

    async def lose() -> None:
        calls.append(1)
        if len(calls) == 1:
            await stage.contacts(3, first_name="Renamed")
            raise unavailable("delivery")

    stage.delivery.after = lose
    sent = await stage.send()
    await stage.worker().run_until_idle()
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"pending": 3}
    stage.clock.advance(timedelta(minutes=2))
    await stage.worker().run_until_idle()
    assert await stage.assert_tally_equals_lines(sent.run_id) == {"handed_over": 3}
    assert sorted(one.recipient.contact_id for one in stage.delivery.messages.values()) == sorted(contacts)
    assert len(stage.delivery.keys) == 2


async def test_another_tenant_finds_nothing(stage: Stage) -> None:
    from uuid import uuid4

    from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub

    told, run_id, _ = await launched(stage, 2)
    stranger = stage.served.person(CampaignServiceStub, tenant_id=uuid4())
    for call, request in (
        (stranger.GetCampaign, pb.GetCampaignRequest(campaign_id=told.campaign_id)),
        (stranger.ReconcileCampaign, pb.ReconcileCampaignRequest(campaign_id=told.campaign_id)),
        (
            stranger.ListCampaignRecipients,
            pb.ListCampaignRecipientsRequest(campaign_id=told.campaign_id, run_id=run_id),
        ),
    ):
        with pytest.raises(ServiceError) as error:
            await call(request)
        assert error.value.reason == "NOT_FOUND"
