"""Campaigns, runs and recipients as people read them."""

import pytest

from angarium.campaign.v1 import campaign_events_pb2, campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from angarium.common.v1 import enums_pb2
from services.common.errors import ServiceError
from services.common.ids import uuid7
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_drafts import refused

C, Line = campaign_pb2.Campaign, campaign_pb2.CampaignRecipient


async def export(
    stub: CampaignServiceStub, campaign_id: str, **fields: object
) -> list[list[campaign_pb2.CampaignRecipient]]:
    request = pb.ExportCampaignRecipientsRequest(campaign_id=campaign_id, **fields)  # type: ignore[arg-type]
    return [list(one.recipients) async for one in stub.ExportCampaignRecipients(request)]


@pytest.mark.req("CAM-68", "CAM-67")
async def test_an_export_streams_every_recipient_with_their_address_to_who_may_see_contacts(
    stage: Stage,
) -> None:
    contacts = await stage.contacts(2300)
    await stage.contacts(4, tag="n", email="")
    sent = await stage.send()
    await stage.worker().run_until_idle()
    campaign_id = sent.campaign.campaign_id
    blocks = await export(stage.stub, campaign_id)
    assert [len(block) for block in blocks] == [1000, 1000, 304]
    lines = [line for block in blocks for line in block]
    assert [line.message_id for line in lines] == sorted({line.message_id for line in lines})
    assert sorted(line.contact_id for line in lines if line.address) == sorted(contacts)
    assert all(line.address.startswith("reader") for line in lines if line.address)
    skipped = await export(stage.stub, campaign_id, state=Line.STATE_SKIPPED)
    assert [line.reason for line in skipped[0]] == ["no_address"] * 4
    # A receptionist sees the list, masked, and may not have the addresses.
    desk = stage.served.person(CampaignServiceStub, "receptionist")
    page = await desk.ListCampaignRecipients(pb.ListCampaignRecipientsRequest(campaign_id=campaign_id))
    assert page.recipients
    with pytest.raises(ServiceError) as error:
        await export(stage.served.person(CampaignServiceStub, "nobody"), campaign_id)
    assert error.value.reason == "PERMISSION_DENIED"
    assert (await refused(export(stage.stub, str(uuid7())))).reason == "NOT_FOUND"


@pytest.mark.req("CAM-55", "CAM-69")
async def test_campaigns_are_found_by_what_they_are_and_show_what_they_name(stage: Stage) -> None:
    await stage.contacts(2)
    template = await stage.template("letter")
    mail = await stage.draft(template_id=template, name="Spring letter")
    again = await stage.draft(
        template_id=template,
        name="Weekly",
        kind=C.KIND_RECURRING,
        recurrence=campaign_pb2.Recurrence(pattern=2, day=1, local_time="09:30"),
    )

    async def found(**fields: object) -> list[str]:
        listed = await stage.stub.ListCampaigns(pb.ListCampaignsRequest(**fields))  # type: ignore[arg-type]
        return [one.name for one in listed.campaigns]

    assert await found() == ["Weekly", "Spring letter"]
    assert await found(kind=C.KIND_RECURRING) == ["Weekly"]
    assert await found(channel=enums_pb2.CHANNEL_SMS) == []
    assert await found(text="spring", channel=enums_pb2.CHANNEL_EMAIL) == ["Spring letter"]
    assert await found(branch_id=str(uuid7())) == []
    shown = await stage.get(again.campaign_id)
    assert (shown.template_name, shown.segment_name, shown.estimated_recipients) == ("letter", "", 2)
    assert (shown.recurrence.day, shown.recurrence.local_time) == (1, "09:30")
    assert mail.template_name == "letter"


@pytest.mark.req("EVT-88", "EVT-89", "EVT-90", "EVT-91", "EVT-92")
async def test_events_tell_what_a_campaign_is_and_who_changed_it(stage: Stage) -> None:
    await stage.configure(campaign_approval_threshold_recipients=2)
    await stage.contacts(3)
    draft = await stage.draft()
    await stage.stub.SubmitCampaign(pb.SubmitCampaignRequest(campaign_id=draft.campaign_id))
    await stage.approver.RejectCampaign(
        pb.RejectCampaignRequest(campaign_id=draft.campaign_id, reason="too early")
    )
    rejected = await stage.get(draft.campaign_id)
    assert (rejected.rejected_by, rejected.rejection_reason, rejected.HasField("reject_time")) == (
        "berta",
        "too early",
        True,
    )
    await stage.approve(draft.campaign_id)
    sent = await stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=draft.campaign_id))
    await stage.worker().run_until_idle()
    await stage.deliver(draft.campaign_id, sent.run_id)
    told = {}
    for word in ("created", "submitted", "approved", "rejected"):
        for envelope in await stage.outbox(f"campaign.{word}"):
            payload = campaign_events_pb2.CampaignChanged()
            assert envelope.payload.Unpack(payload)
            told[word] = payload
    assert {word: one.changed_by for word, one in told.items()} == {
        "created": "anna", "submitted": "anna", "approved": "berta", "rejected": "berta",
    }  # fmt: skip
    created = told["created"]
    assert (created.kind, created.template_id, created.estimated_recipients) == (
        C.KIND_ONE_TIME, draft.template_id, 3,
    )  # fmt: skip
    assert created.estimated_cost.currency_code == "EUR"
    assert told["rejected"].reason == "too early"
    (completed,) = await stage.outbox("campaign.completed")
    done = campaign_events_pb2.CampaignCompleted()
    assert completed.payload.Unpack(done)
    assert (done.counts.sent, done.actual_cost.currency_code) == (3, "EUR")
    (launched,) = await stage.outbox("campaign.sent")
    begun = campaign_events_pb2.CampaignLaunched()
    assert launched.payload.Unpack(begun)
    assert (begun.run_id, begun.recipient_count) == (sent.run_id, 3)


@pytest.mark.req("CAM-116", "CAM-13")
async def test_a_coupon_that_is_not_the_tenants_is_not_there(stage: Stage) -> None:
    error = await refused(stage.create(coupon_id=str(uuid7())))
    assert error.reason == "NOT_FOUND"
