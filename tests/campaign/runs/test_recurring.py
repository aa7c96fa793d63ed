"""Campaigns that come again, at their times and no others; and those that triggers send."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from angarium.campaign.v1 import campaign_events_pb2, campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.delivery.v1 import delivery_events_pb2 as events_pb2
from services.common.ids import uuid7
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_drafts import refused, stamp

C, Run = campaign_pb2.Campaign, campaign_pb2.CampaignRun
BERLIN = ZoneInfo("Europe/Berlin")
DAILY = campaign_pb2.Recurrence(pattern=campaign_pb2.Recurrence.PATTERN_DAILY, local_time="10:00")


def at(message: object, name: str) -> datetime:
    found: datetime = getattr(message, name).ToDatetime(tzinfo=UTC)
    return found


async def scheduled(stage: Stage, **changes: object) -> campaign_pb2.Campaign:
    fields = {"kind": C.KIND_RECURRING, "recurrence": DAILY, **changes}
    campaign = await stage.approved(**fields)
    answer = await stage.stub.ScheduleCampaign(pb.ScheduleCampaignRequest(campaign_id=campaign.campaign_id))
    return answer.campaign


async def go_to(stage: Stage, moment: datetime) -> None:
    stage.clock.advance(moment - stage.clock.now() + timedelta(seconds=1))


async def send_out(stage: Stage, campaign_id: str) -> str:
    """Runs the launcher and everything after it; returns the newest run."""
    await stage.job("scheduled-campaigns")
    await stage.worker().run_until_idle()
    run_id = (await stage.runs(campaign_id))[-1].run_id
    await stage.deliver(campaign_id, run_id)
    return run_id


@pytest.mark.req("CAM-103", "CAM-105", "JOB-12", "CAM-15", "CAM-13")
async def test_a_recurring_campaign_is_sent_at_every_occurrence_and_waits_for_the_next(stage: Stage) -> None:
    await stage.contacts(5)
    campaign = await scheduled(stage)
    first = at(campaign, "next_run_time")
    assert (campaign.state, first.astimezone(BERLIN).hour) == (C.STATE_SCHEDULED, 10)
    assert await stage.job("scheduled-campaigns") == (0, 0, 0, 0)
    # Launched ten minutes late: the next one is computed from the planned time all the same.
    await go_to(stage, first + timedelta(minutes=10))
    await send_out(stage, campaign.campaign_id)
    waiting = await stage.get(campaign.campaign_id)
    assert (waiting.state, at(waiting, "next_run_time") - first) == (C.STATE_SCHEDULED, timedelta(days=1))
    await go_to(stage, first + timedelta(days=1))
    await send_out(stage, campaign.campaign_id)
    runs = await stage.runs(campaign.campaign_id)
    assert [(run.run_number, run.state, run.counts.sent) for run in runs] == [
        (1, Run.STATE_COMPLETED, 5),
        (2, Run.STATE_COMPLETED, 5),
    ]
    assert [at(run, "plan_time") for run in runs] == [first, first + timedelta(days=1)]
    assert len(stage.delivery.messages) == 10
    assert len(await stage.outbox("campaign.completed")) == 2


@pytest.mark.req("CAM-103", "JOB-12", "JOB-13")
async def test_occurrences_missed_by_more_than_an_hour_are_written_down_and_not_sent(stage: Stage) -> None:
    await stage.contacts(3)
    campaign = await scheduled(stage)
    first = at(campaign, "next_run_time")
    await go_to(stage, first + timedelta(days=2, minutes=61))
    assert await stage.job("scheduled-campaigns") == (1, 0, 1, 0)
    runs = await stage.runs(campaign.campaign_id)
    assert [(run.state, run.reason, at(run, "plan_time")) for run in runs] == [
        (Run.STATE_SKIPPED, "missed", first + timedelta(days=day)) for day in range(3)
    ]
    waiting = await stage.get(campaign.campaign_id)
    assert (waiting.state, at(waiting, "next_run_time")) == (C.STATE_SCHEDULED, first + timedelta(days=3))
    told = []
    for envelope in await stage.outbox("campaign.run_skipped"):
        payload = campaign_events_pb2.CampaignRunSkipped()
        assert envelope.payload.Unpack(payload)
        told.append(payload.reason)
    assert told == ["missed"] * 3
    # Who comes within the hour is sent.
    await go_to(stage, first + timedelta(days=3, minutes=59))
    await send_out(stage, campaign.campaign_id)
    assert (await stage.runs(campaign.campaign_id))[-1].counts.sent == 3
    assert await stage.job("scheduled-campaigns") == (0, 0, 0, 0)


@pytest.mark.req("CAM-103")
async def test_a_run_still_sending_makes_the_next_one_skip(stage: Stage) -> None:
    await stage.contacts(3)
    campaign = await scheduled(stage)
    first = at(campaign, "next_run_time")
    await go_to(stage, first)
    await stage.job("scheduled-campaigns")
    await stage.worker().run_until_idle()
    await go_to(stage, first + timedelta(days=1))
    await stage.job("scheduled-campaigns")
    runs = await stage.runs(campaign.campaign_id)
    assert [(run.state, run.reason) for run in runs] == [
        (Run.STATE_RUNNING, ""),
        (Run.STATE_SKIPPED, "still_sending"),
    ]
    # What is held or stopped is the run that is sent, not the one that was skipped.
    await stage.stub.PauseCampaign(pb.PauseCampaignRequest(campaign_id=campaign.campaign_id))
    assert (await stage.runs(campaign.campaign_id))[0].state == Run.STATE_PAUSED
    await stage.stub.ResumeCampaign(pb.ResumeCampaignRequest(campaign_id=campaign.campaign_id))
    await stage.deliver(campaign.campaign_id, runs[0].run_id)
    waiting = await stage.get(campaign.campaign_id)
    assert (waiting.state, at(waiting, "next_run_time")) == (C.STATE_SCHEDULED, first + timedelta(days=2))


@pytest.mark.req("CAM-103", "CAM-105")
async def test_after_its_last_occurrence_a_recurring_campaign_is_sent(stage: Stage) -> None:
    await stage.contacts(2)
    end = stamp(stage.clock.now() + timedelta(hours=25))
    recurrence = campaign_pb2.Recurrence(pattern=DAILY.pattern, local_time="10:00", end_time=end)
    campaign = await scheduled(stage, recurrence=recurrence)
    while (waiting := await stage.get(campaign.campaign_id)).state == C.STATE_SCHEDULED:
        await go_to(stage, at(waiting, "next_run_time"))
        await send_out(stage, campaign.campaign_id)
    assert (waiting.state, waiting.HasField("next_run_time")) == (C.STATE_SENT, False)
    assert 1 <= len(await stage.runs(campaign.campaign_id)) <= 2


@pytest.mark.req("CAM-99", "CAM-103")
async def test_an_occurrence_that_cannot_be_launched_is_skipped_with_the_reason(stage: Stage) -> None:
    await stage.contacts(4)
    campaign = await scheduled(stage)
    await stage.configure(postal_address="")
    first = at(campaign, "next_run_time")
    await go_to(stage, first)
    assert await stage.job("scheduled-campaigns") == (1, 0, 0, 1)
    runs = await stage.runs(campaign.campaign_id)
    assert [(run.state, run.reason) for run in runs] == [(Run.STATE_SKIPPED, "invalid_configuration")]
    waiting = await stage.get(campaign.campaign_id)
    assert (waiting.state, at(waiting, "next_run_time")) == (C.STATE_SCHEDULED, first + timedelta(days=1))


@pytest.mark.req("CAM-99")
async def test_an_audience_that_outgrew_its_approval_stops_a_recurring_campaign(stage: Stage) -> None:
    await stage.configure(campaign_approval_threshold_recipients=10)
    await stage.contacts(10)
    campaign = await scheduled(stage)
    await go_to(stage, at(campaign, "next_run_time"))
    await send_out(stage, campaign.campaign_id)
    await stage.contacts(2, tag="more")
    await go_to(stage, at(await stage.get(campaign.campaign_id), "next_run_time"))
    await stage.job("scheduled-campaigns")
    stopped = await stage.get(campaign.campaign_id)
    assert (stopped.state, stopped.HasField("next_run_time")) == (C.STATE_PENDING_APPROVAL, False)
    assert len(await stage.runs(campaign.campaign_id)) == 1


@pytest.mark.req("JOB-13")
async def test_repair_gives_a_next_occurrence_to_who_lost_it(stage: Stage) -> None:
    await stage.contacts(2)
    campaign = await scheduled(stage)
    expected = at(campaign, "next_run_time")
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        await uow.execute("UPDATE campaign SET next_run_at = NULL, due_at = NULL")
    assert await stage.job("recurring-repair") == (1, 1, 0, 0)
    assert at(await stage.get(campaign.campaign_id), "next_run_time") == expected
    await go_to(stage, expected + timedelta(days=1, hours=2))
    assert await stage.job("recurring-repair") == (1, 1, 0, 0)
    repaired = await stage.get(campaign.campaign_id)
    assert at(repaired, "next_run_time") == expected + timedelta(days=2)
    assert [run.reason for run in await stage.runs(campaign.campaign_id)] == ["missed", "missed"]


@pytest.mark.req("CAM-108", "CAM-109")
async def test_recurrences_that_cannot_be_are_refused(stage: Stage) -> None:
    template = await stage.template()
    recurring = {"template_id": template, "kind": C.KIND_RECURRING}
    for changes, field in (
        (recurring, "campaign.recurrence"),
        ({"template_id": template, "recurrence": DAILY}, "campaign.recurrence"),
        ({**recurring, "recurrence": DAILY, "schedule_time": stamp(stage.clock.now() + timedelta(days=1))},
         "campaign.schedule_time"),
        ({**recurring, "recurrence": campaign_pb2.Recurrence(pattern=2, day=7, local_time="10:00")},
         "campaign.recurrence.day"),
    ):  # fmt: skip
        error = await refused(stage.create(**changes))
        assert (error.reason, error.violations[0].field) == ("VALIDATION_FAILED", field)
    over = campaign_pb2.Recurrence(
        pattern=1, local_time="10:00", end_time=stamp(stage.clock.now() + timedelta(seconds=5))
    )
    assert (await refused(stage.create(**recurring, recurrence=over))).reason == "INVALID_SCHEDULE"


@pytest.mark.req("CAM-104")
async def test_a_trigger_campaign_goes_on_until_it_is_held_or_stopped(stage: Stage) -> None:
    await stage.contacts(3)
    await stage.configure(campaign_approval_required=True, campaign_approval_threshold_recipients=100)
    draft = await stage.draft(kind=C.KIND_TRIGGER, target_all_contacts=False)
    submitted = await stage.stub.SubmitCampaign(pb.SubmitCampaignRequest(campaign_id=draft.campaign_id))
    # Nobody knows how many it will write to: a second person looks at every one.
    assert submitted.campaign.state == C.STATE_PENDING_APPROVAL
    await stage.approver.ApproveCampaign(pb.ApproveCampaignRequest(campaign_id=draft.campaign_id))
    schedule = pb.ScheduleCampaignRequest(
        campaign_id=draft.campaign_id, schedule_time=stamp(stage.clock.now() + timedelta(days=1))
    )
    assert (await refused(stage.stub.ScheduleCampaign(schedule))).reason == "INVALID_SCHEDULE"
    sent = await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=draft.campaign_id))
    await stage.worker().run_until_idle()
    assert (await stage.get(draft.campaign_id)).state == C.STATE_SENDING
    assert (sent.recipient_count, stage.delivery.messages) == (0, {})
    await stage.stub.PauseCampaign(pb.PauseCampaignRequest(campaign_id=draft.campaign_id))
    await stage.stub.ResumeCampaign(pb.ResumeCampaignRequest(campaign_id=draft.campaign_id))
    await stage.stub.CancelCampaign(pb.CancelCampaignRequest(campaign_id=draft.campaign_id))
    assert (await stage.get(draft.campaign_id)).state == C.STATE_CANCELLED


@pytest.mark.req("CAM-104")
async def test_a_trigger_campaign_counts_what_became_of_the_messages_that_refer_to_it(stage: Stage) -> None:
    contacts = await stage.contacts(4)
    await stage.configure(campaign_approval_required=False)
    campaign = await stage.approved(kind=C.KIND_TRIGGER, target_all_contacts=False)
    campaign_id = campaign.campaign_id
    sent = await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=campaign_id))
    ids = [str(uuid7()) for _ in contacts]
    accepted = events_pb2.MessagesAccepted(dimensions=events_pb2.MessageDimensions(campaign_id=campaign_id))
    for message_id, contact_id in zip(ids, contacts, strict=True):
        accepted.messages.add(message_id=message_id, contact_id=contact_id)
    for _ in range(2):
        await stage.apply("message.accepted", accepted)
    went = events_pb2.MessagesSent(campaign_id=campaign_id)
    for one in ids[:3]:
        went.messages.add(message_id=one).send_time.FromDatetime(stage.clock.now())
    await stage.apply("message.sent", went)
    await stage.worker().run_until_idle()
    counts = (await stage.get(campaign_id)).counts
    assert (counts.total, counts.pending, counts.sent) == (4, 1, 3)
    lines = await stage.recipients(campaign_id)
    assert sorted(line.message_id for line in lines) == sorted(ids)
    proof = await stage.stub.ReconcileCampaign(pb.ReconcileCampaignRequest(campaign_id=campaign_id))
    assert (proof.total_count, proof.sent_count) == (4, 3)
    # What waits at delivery is held and stopped by its campaign, for it names no run.
    await stage.stub.CancelCampaign(pb.CancelCampaignRequest(campaign_id=campaign_id))
    await stage.worker().run_until_idle()
    assert [(what, one.campaign_id) for what, one in stage.delivery.told] == [("cancel", campaign_id)]
    assert sent.run_id
