"""Campaigns before they are sent: checks, approval, schedule."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from angarium.common.v1 import enums_pb2
from services.common.errors import ServiceError
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.segments.asking import GT, rule, segment
from tests.campaign.templates.given import content, variable, version

State = campaign_pb2.Campaign
ARMS = [
    campaign_pb2.CampaignVariant(key="a", share_basis_points=5_000),
    campaign_pb2.CampaignVariant(key="b", share_basis_points=5_000),
]


def stamp(instant: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(instant)
    return made


async def refused(call: Any) -> ServiceError:
    with pytest.raises(ServiceError) as error:
        await call
    return error.value


async def update(stage: Stage, campaign: Any, *paths: str, **fields: Any) -> Any:
    message = campaign_pb2.Campaign(campaign_id=campaign.campaign_id, etag=campaign.etag, **fields)
    response = await stage.stub.UpdateCampaign(
        pb.UpdateCampaignRequest(campaign=message, update_mask=FieldMask(paths=paths or list(fields)))
    )
    return response.campaign


@pytest.mark.req("CAM-13", "CAM-55", "CAM-56", "CAM-97")
async def test_a_campaign_is_created_as_a_draft_with_what_it_would_reach_and_cost(stage: Stage) -> None:
    await stage.contacts(120)
    await stage.contacts(5, tag="n", email="")
    created = await stage.create(description="to all")
    campaign = created.campaign
    assert (campaign.state, created.estimated_recipients) == (State.STATE_DRAFT, 125)
    assert created.estimated_cost == Money(currency_code="EUR", units=0, nanos=120_000_000)
    assert campaign.requires_approval
    assert await stage.get(campaign.campaign_id) == campaign
    listed = await stage.stub.ListCampaigns(pb.ListCampaignsRequest(text="spri"))
    assert list(listed.campaigns) == [campaign]
    assert [one.type for one in await stage.outbox("campaign.created")] == ["campaign.created"]
    assert await stage.audited() == ["campaign.create"]


@pytest.mark.req("SEC-75", "SEC-74", "CAM-108", "CAM-110", "CAM-109", "CAM-116")
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"target_all_contacts": False}, "VALIDATION_FAILED"),
        ({"target_all_contacts": True, "segment_id": str(uuid4())}, "VALIDATION_FAILED"),
        ({"target_all_contacts": False, "segment_id": str(uuid4())}, "NOT_FOUND"),
        ({"template_id": str(uuid4())}, "NOT_FOUND"),
        ({"name": " "}, "VALIDATION_FAILED"),
        ({"variables_json": "[1]"}, "VALIDATION_FAILED"),
        ({"message_class": enums_pb2.MESSAGE_CLASS_SYSTEM}, "VALIDATION_FAILED"),
        ({"variants": ARMS[:1]}, "INVALID_AB_TEST"),
        ({"schedule_time": stamp(datetime(2020, 1, 1, tzinfo=UTC))}, "INVALID_SCHEDULE"),
        ({"schedule_time": stamp(datetime(2120, 1, 1, tzinfo=UTC))}, "INVALID_SCHEDULE"),
        ({"channel": enums_pb2.CHANNEL_SMS}, "TEMPLATE_CHANNEL_MISMATCH"),
        ({"message_class": enums_pb2.MESSAGE_CLASS_TRANSACTIONAL}, "VALIDATION_FAILED"),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_anything_is_written(
    stage: Stage, fields: dict[str, Any], reason: str
) -> None:
    assert (await refused(stage.create(**fields))).reason == reason
    assert not (await stage.stub.ListCampaigns(pb.ListCampaignsRequest())).campaigns


@pytest.mark.req("SEC-69", "SEC-53", "SEC-52", "CAM-97")
async def test_switches_and_budget_are_checked_in_their_order(stage: Stage) -> None:
    await stage.contacts(10)
    template_id = await stage.template()
    await stage.configure(monthly_budget_limit=Money(currency_code="EUR"))
    assert (await refused(stage.create(template_id=template_id))).reason == "BUDGET_EXCEEDED"
    await stage.configure(marketing_enabled=False)
    assert (await refused(stage.create(template_id=template_id))).reason == "MARKETING_DISABLED"
    await stage.configure(enabled_channels=[enums_pb2.CHANNEL_SMS])
    assert (await refused(stage.create(template_id=template_id))).reason == "CHANNEL_DISABLED"


async def test_a_template_without_an_active_version_cannot_be_sent(stage: Stage) -> None:
    from angarium.campaign.v1 import template_service_pb2 as template_pb
    from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
    from tests.campaign.templates.given import template

    templates = stage.served.person(TemplateServiceStub)
    made = await templates.CreateTemplate(
        template_pb.CreateTemplateRequest(template=template("draft"), version=version())
    )
    error = await refused(stage.create(template_id=made.template.template_id))
    assert error.reason == "TEMPLATE_INVALID"


@pytest.mark.req("CAM-57", "CAM-107")
async def test_a_change_of_what_is_sent_voids_the_approval_and_a_new_name_does_not(stage: Stage) -> None:
    await stage.contacts(100)
    campaign = await stage.approved()
    assert campaign.approved_by == "berta"
    assert campaign.template_version_id
    renamed = await update(stage, campaign, name="New name")
    assert (renamed.state, renamed.approved_by) == (State.STATE_APPROVED, "berta")
    other = await update(stage, renamed, template_id=await stage.template())
    assert (other.state, other.approved_by, other.template_version_id) == (State.STATE_DRAFT, "", "")
    assert len(await stage.outbox("campaign.rejected")) == 1
    stale = await refused(update(stage, campaign, name="again"))
    assert stale.reason == "VERSION_CONFLICT"


@pytest.mark.req("CAM-57")
async def test_once_launched_only_name_and_description_change(stage: Stage) -> None:
    await stage.contacts(3)
    sent = await stage.send()
    error = await refused(update(stage, sent.campaign, daily_limit=5))
    assert error.reason == "INVALID_CAMPAIGN_STATUS"
    renamed = await update(stage, sent.campaign, name="Later")
    assert (renamed.name, renamed.state) == ("Later", State.STATE_SENDING)


@pytest.mark.req("CAM-58", "GEN-33")
async def test_only_a_draft_is_deleted(stage: Stage) -> None:
    await stage.contacts(1)
    draft, approved = await stage.draft(), await stage.approved()
    await stage.stub.DeleteCampaign(pb.DeleteCampaignRequest(campaign_id=draft.campaign_id))
    assert (await refused(stage.get(draft.campaign_id))).reason == "NOT_FOUND"
    error = await refused(
        stage.stub.DeleteCampaign(pb.DeleteCampaignRequest(campaign_id=approved.campaign_id))
    )
    assert error.reason == "INVALID_CAMPAIGN_STATUS"


@pytest.mark.req("SEC-70", "CAM-98", "CAM-122", "CAM-133")
async def test_submitting_recounts_pins_versions_and_scores_every_arm(stage: Stage) -> None:
    await stage.contacts(50)
    loud = await stage.template(
        version=version(
            content(subject="re: WINNER, free cash prize", body_text="Act now!", body_html=""), variables=[]
        )
    )
    calm = await stage.template()
    arms = [
        campaign_pb2.CampaignVariant(key="a", share_basis_points=5_000),
        campaign_pb2.CampaignVariant(key="b", share_basis_points=5_000, template_id=loud),
    ]
    tested = await stage.draft(template_id=calm, variants=arms)
    error = await refused(stage.stub.SubmitCampaign(pb.SubmitCampaignRequest(campaign_id=tested.campaign_id)))
    assert (error.reason, error.metadata["variant"]) == ("SPAM_SCORE_TOO_HIGH", "b")
    plain = await stage.draft(template_id=calm, variants=ARMS)
    assert not plain.requires_approval
    await stage.contacts(50, tag="more")
    done = await stage.stub.SubmitCampaign(pb.SubmitCampaignRequest(campaign_id=plain.campaign_id))
    assert (done.campaign.state, done.campaign.requires_approval) == (State.STATE_PENDING_APPROVAL, True)
    assert all(one.template_version_id for one in done.campaign.variants)
    assert done.campaign.submitted_by == "anna"


async def test_required_variables_and_a_postal_address_are_needed_to_submit(stage: Stage) -> None:
    await stage.contacts(1)
    needy = await stage.template(version=version(variables=[variable("product")]))
    silent = await stage.draft(template_id=needy)
    submit = stage.stub.SubmitCampaign
    error = await refused(submit(pb.SubmitCampaignRequest(campaign_id=silent.campaign_id)))
    assert (error.reason, error.metadata["variables"]) == ("MISSING_VARIABLES", "product")
    told = await update(stage, silent, variables_json='{"product": "tea"}')
    await stage.configure(postal_address="")
    error = await refused(submit(pb.SubmitCampaignRequest(campaign_id=told.campaign_id)))
    assert error.reason == "INVALID_CONFIGURATION"
    await stage.configure(postal_address="Lindenallee 1")
    await submit(pb.SubmitCampaignRequest(campaign_id=told.campaign_id))


@pytest.mark.req("SEC-72", "CAM-60", "CAM-61", "CAM-121")
async def test_nobody_approves_what_they_made_and_a_rejection_says_why(stage: Stage) -> None:
    await stage.contacts(100)
    draft = await stage.draft()
    await stage.stub.SubmitCampaign(pb.SubmitCampaignRequest(campaign_id=draft.campaign_id))
    approval = pb.ApproveCampaignRequest(campaign_id=draft.campaign_id)
    error = await refused(stage.stub.ApproveCampaign(approval))
    assert error.reason == "SELF_APPROVAL"
    rejected = await stage.approver.RejectCampaign(
        pb.RejectCampaignRequest(campaign_id=draft.campaign_id, reason="too early")
    )
    assert (rejected.campaign.state, rejected.campaign.rejection_reason) == (State.STATE_DRAFT, "too early")
    await stage.configure(allow_self_approval=True)
    await stage.stub.SubmitCampaign(pb.SubmitCampaignRequest(campaign_id=draft.campaign_id))
    done = await stage.stub.ApproveCampaign(approval)
    assert done.campaign.state == State.STATE_APPROVED
    assert await stage.audited() == [
        "campaign.create",
        "campaign.submit",
        "campaign.reject",
        "campaign.submit",
        "campaign.approve",
    ]
    manager = stage.served.person(CampaignServiceStub, "branch_manager", subject="carl")
    assert (await refused(manager.ApproveCampaign(approval))).reason == "PERMISSION_DENIED"


@pytest.mark.req("CAM-62", "CAM-63", "CAM-107", "CAM-114")
async def test_a_campaign_is_scheduled_taken_off_and_sent_before_its_time(stage: Stage) -> None:
    await stage.contacts(2)
    campaign = await stage.approved()
    at = stage.clock.now() + timedelta(hours=1)

    async def schedule(when: datetime) -> Any:
        request = pb.ScheduleCampaignRequest(campaign_id=campaign.campaign_id, schedule_time=stamp(when))
        return (await stage.stub.ScheduleCampaign(request)).campaign

    past = await refused(schedule(stage.clock.now() - timedelta(seconds=1)))
    assert past.reason == "INVALID_SCHEDULE"
    assert (await schedule(at)).state == State.STATE_SCHEDULED
    off = await stage.stub.UnscheduleCampaign(pb.UnscheduleCampaignRequest(campaign_id=campaign.campaign_id))
    assert off.campaign.state == State.STATE_APPROVED
    assert not off.campaign.HasField("schedule_time")
    await schedule(at)
    early = await refused(stage.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=campaign.campaign_id)))
    assert early.reason == "INVALID_CAMPAIGN_STATUS"
    sent = await stage.stub.SendCampaign(
        pb.SendCampaignRequest(campaign_id=campaign.campaign_id, send_now=True)
    )
    assert sent.campaign.state == State.STATE_SENDING


@pytest.mark.req("CAM-107")
async def test_of_many_launches_at_once_one_makes_the_run(stage: Stage) -> None:
    await stage.contacts(3)
    campaign = await stage.approved()
    request = pb.SendCampaignRequest(campaign_id=campaign.campaign_id)
    answers = await asyncio.gather(
        *(stage.stub.SendCampaign(request) for _ in range(6)), return_exceptions=True
    )
    errors = [one for one in answers if isinstance(one, ServiceError)]
    assert {error.reason for error in errors} == {"INVALID_CAMPAIGN_STATUS"}
    assert len(errors) == 5
    runs = await stage.stub.ListCampaignRuns(pb.ListCampaignRunsRequest(campaign_id=campaign.campaign_id))
    assert [run.run_number for run in runs.runs] == [1]
    assert len(await stage.outbox("campaign.sent")) == 1


async def test_a_repeated_launch_with_its_key_gets_the_first_answer(stage: Stage) -> None:
    await stage.contacts(3)
    campaign = await stage.approved()
    request = pb.SendCampaignRequest(campaign_id=campaign.campaign_id, idempotency_key="once")
    first = await stage.stub.SendCampaign(request)
    again = await stage.stub.SendCampaign(request)
    assert (again.run_id, again.deduplicated) == (first.run_id, True)


@pytest.mark.req("SEC-71", "CAM-99", "CAM-122")
async def test_an_audience_that_outgrew_its_approval_needs_another(stage: Stage) -> None:
    await stage.contacts(100)
    campaign = await stage.approved()
    await stage.contacts(11, tag="more")
    request = pb.SendCampaignRequest(campaign_id=campaign.campaign_id)
    assert (await refused(stage.stub.SendCampaign(request))).reason == "APPROVAL_REQUIRED"
    waiting = await stage.get(campaign.campaign_id)
    assert (waiting.state, waiting.approved_by) == (State.STATE_PENDING_APPROVAL, "")
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        alerts = await uow.fetch_all("SELECT template_name, role, variables FROM staff_alert")
    told = {"campaign": campaign.name, "before": 100, "now": 111}
    assert alerts == [("campaign-outgrew", "super_owner", told)]
    await stage.approver.ApproveCampaign(pb.ApproveCampaignRequest(campaign_id=campaign.campaign_id))
    await stage.stub.SendCampaign(request)


@pytest.mark.req("CAM-36", "CAM-46", "SEC-114")
async def test_what_a_waiting_campaign_uses_stays(stage: Stage) -> None:
    from angarium.campaign.v1 import template_service_pb2 as template_pb
    from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub

    await stage.contacts(1)
    campaign = await stage.draft()
    templates = stage.served.person(TemplateServiceStub)
    request = template_pb.DeleteTemplateRequest(template_id=campaign.template_id)
    assert (await refused(templates.DeleteTemplate(request))).reason == "TEMPLATE_IN_USE"
    await stage.stub.CancelCampaign(pb.CancelCampaignRequest(campaign_id=campaign.campaign_id))
    await templates.DeleteTemplate(request)


@pytest.mark.req("CAM-97", "CAM-70", "W2")
async def test_what_costs_nobody_knows_what_is_told_where_a_budget_should_hold_it(stage: Stage) -> None:
    await stage.contacts(2)
    stage.delivery.rate = None
    assert list((await stage.create()).warnings) == []
    await stage.configure(monthly_budget_limit=Money(currency_code="EUR", units=5))
    made = await stage.create()
    assert list(made.warnings) == ["no_rate"]
    found = [
        step
        async for step in stage.stub.DryRunCampaign(
            pb.DryRunCampaignRequest(campaign_id=made.campaign.campaign_id)
        )
    ]
    assert list(found[-1].report.warnings) == ["no_rate"]


@pytest.mark.req("GEN-11")
async def test_a_manager_of_a_branch_sees_and_makes_campaigns_of_that_branch(stage: Stage) -> None:
    from services.common.security.jwt import issue_person

    await stage.contacts(1)
    mine, other = await stage.branch(), await stage.branch()
    template_id = await stage.template()
    theirs = await stage.draft(template_id=template_id, branch_ids=[other])
    token = issue_person(stage.settings, stage.served.tenant_id, "dora", ["branch_manager"], [mine])
    stub = stage.served._stub(CampaignServiceStub, token, None)
    assert not (await stub.ListCampaigns(pb.ListCampaignsRequest())).campaigns
    hidden = await refused(stub.GetCampaign(pb.GetCampaignRequest(campaign_id=theirs.campaign_id)))
    assert hidden.reason == "NOT_FOUND"
    fields = {"name": "x", "channel": 1, "template_id": template_id, "target_all_contacts": True}
    everybody = pb.CreateCampaignRequest(campaign=campaign_pb2.Campaign(**fields))
    assert (await refused(stub.CreateCampaign(everybody))).reason == "PERMISSION_DENIED"
    made = await stub.CreateCampaign(
        pb.CreateCampaignRequest(campaign=campaign_pb2.Campaign(**fields, branch_ids=[mine]))
    )
    assert [one.campaign_id for one in (await stub.ListCampaigns(pb.ListCampaignsRequest())).campaigns] == [
        made.campaign.campaign_id
    ]
    owner = stage.served.person(SegmentServiceStub)
    wanted = segment("Theirs", rule("visit_count", GT, -1), branch_ids=[other])
    fields |= {
        "target_all_contacts": False,
        "segment_id": (await owner.CreateSegment(wanted)).segment.segment_id,
    }
    beyond = campaign_pb2.Campaign(**fields, branch_ids=[mine])
    for call in (
        stub.CreateCampaign(pb.CreateCampaignRequest(campaign=beyond)),
        stub.EstimateCampaign(pb.EstimateCampaignRequest(draft=beyond)),
    ):
        assert (await refused(call)).reason == "NOT_FOUND"
