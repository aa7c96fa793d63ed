"""What follows events in the whole service: drafts that nobody sent, offers that nobody applied."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2, segment_service_pb2, settings_service_pb2
from angarium.campaign.v1 import event_intake_service_pb2 as pb
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1 import enums_pb2
from services.campaign import reactions
from services.campaign.intake.sealing import Vault
from services.campaign.intake.worker import IntakeWorker
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.security.envelope import Envelope
from tests.campaign.intake.kit import envelope
from tests.campaign.templates.given import active_template, content, variable, version
from tests.house import Served


async def tell(served: Served, kind: str, data: dict[str, Any]) -> pb.InboundEvent:
    """Tells an event, has it handled once, and returns where it stands."""
    told = envelope(served.tenant_id, kind, source="planner", data=data)
    neighbour = served.person(EventIntakeServiceStub, "service", subject="planner")
    answer = await neighbour.IngestEvents(pb.IngestEventsRequest(events_json=orjson.dumps(told)))
    assert answer.accepted_count == 1, answer
    settings = served.settings
    assert isinstance(settings, CampaignSettings)
    vault = Vault(Envelope(settings.encryption_keys), settings.hash_keys)
    await IntakeWorker(served.service.database, vault, reactions.steps(settings)).run_until_idle()
    owner = served.person(EventIntakeServiceStub)
    found = await owner.GetInboundEvent(pb.GetInboundEventRequest(event_id=told["event_id"]))
    event: pb.InboundEvent = found.inbound_event
    return event


async def campaigns(served: Served) -> list[campaign_pb2.Campaign]:
    stub = served.person(CampaignServiceStub)
    answer = await stub.ListCampaigns(campaign_service_pb2.ListCampaignsRequest())
    return list(answer.campaigns)


WANTED = {"name": "Spring sale", "channel": "email", "template": "spring", "segment": "all"}


@pytest.mark.req("EVT-52", "EVT-130")
async def test_a_campaign_that_a_neighbour_asks_for_is_a_draft_that_names_its_event(
    campaign: Served, clock: FixedClock
) -> None:
    template = await active_template(campaign)
    event = await tell(campaign, "marketing.campaign", {**WANTED, "schedule": "2026-03-01T09:00:00Z"})
    assert event.state == pb.InboundEvent.STATE_PROCESSED
    [draft] = await campaigns(campaign)
    assert (draft.state, draft.name, draft.template_id) == (
        campaign_pb2.Campaign.STATE_DRAFT,
        "Spring sale",
        template.template_id,
    )
    assert draft.source_event_id == event.event_id
    assert draft.created_by == "event:planner"
    assert draft.target_all_contacts
    assert draft.schedule_time.ToJsonString() == "2026-03-01T09:00:00Z"
    # A time that has passed is no plan, and a segment may be named.
    segments = campaign.person(SegmentServiceStub)
    listed = await segments.ListSegments(segment_service_pb2.ListSegmentsRequest())
    named = listed.segments[0]
    past = {**WANTED, "template": template.template_id, "segment": named.name}
    await tell(campaign, "marketing.campaign", {**past, "schedule": "2026-01-01T09:00:00Z"})
    newest = (await campaigns(campaign))[0]
    assert newest.segment_id == named.segment_id
    assert not newest.HasField("schedule_time")


@pytest.mark.req("EVT-52", "EVT-124")
@pytest.mark.parametrize("lacking", [{"template": "none"}, {"segment": "none"}, {"channel": "pigeon"}])
async def test_a_campaign_that_cannot_be_drafted_waits_and_is_seen(
    campaign: Served, lacking: dict[str, str]
) -> None:
    await active_template(campaign)
    event = await tell(campaign, "marketing.campaign", {**WANTED, **lacking})
    assert event.state == pb.InboundEvent.STATE_FAILED
    assert "NOT_FOUND" in event.error
    assert await campaigns(campaign) == []


SAMPLES = {"title": "New", "body": "New.", "link": "https://hall.example"}
ANNOUNCED = {
    "title": "New season",
    "body": "All is new.",
    "link": "https://hall.example/new",
    "operational": False,
}


@pytest.mark.req("EVT-51", "EVT-130")
async def test_an_announcement_nobody_needs_is_a_draft_for_those_it_names(campaign: Served) -> None:
    words = content(subject="{{ title }}", body_html="<p>{{ body }} <a href='{{ link }}'>{{ link }}</a></p>")
    variables = [variable(name, required=False, sample=SAMPLES[name]) for name in SAMPLES]
    await active_template(
        campaign,
        "announcement",
        category=enums_pb2.CATEGORY_ANNOUNCEMENT,
        version=version(words, variables=variables),
    )
    for audience in ({"segment": "all"}, {"event_ref": "e-1"}, {"event_ref": "e-1"}):
        event = await tell(campaign, "venue.announcement", {**ANNOUNCED, "audience": audience})
        assert event.state == pb.InboundEvent.STATE_PROCESSED, event.error
    again, holders, everybody = await campaigns(campaign)
    assert everybody.target_all_contacts
    assert holders.segment_id == again.segment_id != ""
    assert {one.state for one in (again, holders, everybody)} == {campaign_pb2.Campaign.STATE_DRAFT}
    assert orjson.loads(holders.variables_json)["body"] == "All is new."
    operational = {**ANNOUNCED, "operational": True, "audience": {"event_ref": "e-1"}}
    await tell(campaign, "venue.announcement", operational)
    assert len(await campaigns(campaign)) == 3


@pytest.mark.req("EVT-51", "EVT-124")
async def test_an_announcement_without_a_template_waits_and_is_seen(campaign: Served) -> None:
    event = await tell(campaign, "venue.announcement", {**ANNOUNCED, "audience": {"segment": "all"}})
    assert (event.state, "NOT_FOUND" in event.error) == (pb.InboundEvent.STATE_FAILED, True)
    assert await campaigns(campaign) == []


@pytest.mark.req("EVT-53")
@pytest.mark.parametrize("kind", ["venue.updated", "branch.updated"])
async def test_settings_that_a_neighbour_tells_are_offered_and_not_applied(
    campaign: Served, kind: str
) -> None:
    owner = campaign.person(SettingsServiceStub)
    asked = settings_service_pb2.GetTenantRequest(tenant_id=str(campaign.tenant_id))
    before = await campaign.person(SettingsServiceStub, "platform_admin").GetTenant(asked)
    settings = await owner.GetMarketingSettings(settings_service_pb2.GetMarketingSettingsRequest())
    offered = {"name": "Other", "zone": "America/Chicago", "country": "US", "branding": {"color": "#000"}}
    event = await tell(campaign, kind, offered)
    assert event.state == pb.InboundEvent.STATE_PROCESSED
    assert orjson.loads(event.data_json) == offered
    assert await campaign.person(SettingsServiceStub, "platform_admin").GetTenant(asked) == before
    again = await owner.GetMarketingSettings(settings_service_pb2.GetMarketingSettingsRequest())
    assert again == settings


@pytest.mark.req("EVT-132", "EVT-12")
async def test_what_is_emitted_of_an_event_holds_no_address(campaign: Served) -> None:
    data = {"user_id": "u-1", "email": "anna.quill@example.com", "phone": "+4915112345678", "order_id": "o"}
    assert (await tell(campaign, "order.expired", data)).state == pb.InboundEvent.STATE_PROCESSED
    settings = campaign.settings
    assert isinstance(settings, CampaignSettings)
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        emitted = await uow.fetch_all("SELECT type, envelope FROM outbox")
    for _, packed in emitted:
        assert b"anna.quill" not in packed
        assert b"4915112345678" not in packed
