"""Who gets the letter, and who says so: a segment, a campaign with an A/B test, and a second pair of eyes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from google.protobuf.json_format import ParseDict

from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2, segment_service_pb2
from angarium.common.v1 import enums_pb2
from cli.demo.actors import Cast, patiently
from cli.demo.stage import Phase
from cli.demo.steps.content import Letter
from cli.output import CommandError
from services.common.errors import ServiceError

_MADE_UP_RULE = {
    "operator": "SEGMENT_OPERATOR_AND",
    "conditions": [
        {"field": "source", "operator": "CONDITION_OPERATOR_EQ", "value": "import"},
        {"field": "language", "operator": "CONDITION_OPERATOR_IN", "value": ["en", "de", "fr", "es"]},
    ],
    "groups": [
        {
            "operator": "SEGMENT_OPERATOR_OR",
            "conditions": [
                {
                    "field": "attributes.plan",
                    "operator": "CONDITION_OPERATOR_IN",
                    "value": ["free", "basic", "pro"],
                },
                {"field": "tags", "operator": "CONDITION_OPERATOR_CONTAINS", "value": "vip"},
            ],
        }
    ],
}
_EVERYBODY_RULE = {
    "operator": "SEGMENT_OPERATOR_AND",
    "conditions": [{"field": "source", "operator": "CONDITION_OPERATOR_EQ", "value": "import"}],
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign that may be sent."""

    campaign_id: UUID
    audience: int
    expected: int
    """How many would get it now, by the estimate."""
    later: int
    """How many would get it later, when they may be written to."""
    refusals: Mapping[str, int]
    """By reason, by the estimate."""


async def make_segment(cast: Cast, *, made_up: bool, phase: Phase) -> str:
    """Creates the segment and returns its id; CommandError when nobody is in it."""
    rule = ParseDict(_MADE_UP_RULE if made_up else _EVERYBODY_RULE, segment_service_pb2.SegmentRule())
    created = await patiently(
        cast.ada.segments.CreateSegment,
        segment_service_pb2.CreateSegmentRequest(
            segment=segment_service_pb2.Segment(
                name="Readers of the autumn letter",
                description="Everybody who was imported, speaks a language of the letter and pays for it"
                if made_up
                else "Everybody who was imported",
                rule=rule,
            ),
            idempotency_key="demo-segment",
        ),
    )
    count = created.segment.contact_count
    if not count:
        raise CommandError(
            "Nobody is in the segment.", "Import contacts with a language of en, de, fr or es."
        )
    words = (
        "language in en, de, fr, es, and plan below team or tagged vip" if made_up else "everybody imported"
    )
    phase.result = f"{count:,} people: {words}"
    return str(created.segment.segment_id)


async def make_campaign(cast: Cast, segment_id: str, letter: Letter) -> UUID:
    """Creates the draft of a campaign whose two halves get different subjects."""
    created = await patiently(
        cast.ada.campaigns.CreateCampaign,
        campaign_service_pb2.CreateCampaignRequest(
            campaign=campaign_pb2.Campaign(
                name="Autumn roasts",
                description="Two subjects compared, half and half",
                kind=campaign_pb2.Campaign.KIND_ONE_TIME,
                channel=enums_pb2.CHANNEL_EMAIL,
                message_class=enums_pb2.MESSAGE_CLASS_MARKETING,
                template_id=letter.template_ids["a"],
                segment_id=segment_id,
                variables_json=json.dumps(letter.values),
                variants=[
                    campaign_pb2.CampaignVariant(
                        key=key,
                        name=f"subject {key.upper()}",
                        template_id=template_id,
                        share_basis_points=5000,
                    )
                    for key, template_id in letter.template_ids.items()
                ],
            ),
            idempotency_key="demo-campaign",
        ),
    )
    return UUID(created.campaign.campaign_id)


async def estimate(cast: Cast, campaign_id: UUID, phase: Phase) -> Plan:
    """Counts who would get the campaign and why others would not; nothing is sent."""
    found = await patiently(
        cast.ada.campaigns.EstimateCampaign,
        campaign_service_pb2.EstimateCampaignRequest(campaign_id=str(campaign_id)),
    )
    refusals = {one.reason: one.count for one in found.refusals}
    phase.result = f"{found.eligible_count:,} of {found.recipient_count:,} would get it"
    if found.deferred_count:
        phase.result += f" now, {found.deferred_count:,} later"
    if refusals:
        phase.note("refused: " + ", ".join(f"{reason} {count:,}" for reason, count in refusals.items()))
    return Plan(campaign_id, found.recipient_count, found.eligible_count, found.deferred_count, refusals)


async def have_approved(cast: Cast, campaign_id: UUID, phase: Phase) -> None:
    """Submits as Ada, shows that Ada may not approve her own campaign, and approves as Ben."""
    submitted = await patiently(
        cast.ada.campaigns.SubmitCampaign,
        campaign_service_pb2.SubmitCampaignRequest(
            campaign_id=str(campaign_id), idempotency_key=f"demo-submit-{campaign_id}"
        ),
    )
    if submitted.campaign.state == campaign_pb2.Campaign.STATE_APPROVED:
        phase.result = "so few recipients need no second person"
        return
    try:
        await patiently(cast.ada.campaigns.ApproveCampaign, _approval(campaign_id, "ada"))
    except ServiceError as refused:
        if refused.reason != "SELF_APPROVAL":
            raise
        phase.note(f"ada, who wrote it, may not approve it: {refused.reason} ({refused.code})")
    else:
        raise CommandError("Ada could approve her own campaign.")
    await patiently(cast.ben.campaigns.ApproveCampaign, _approval(campaign_id, "ben"))
    phase.result = "written by ada, approved by ben"


def _approval(campaign_id: UUID, who: str) -> campaign_service_pb2.ApproveCampaignRequest:
    return campaign_service_pb2.ApproveCampaignRequest(
        campaign_id=str(campaign_id),
        idempotency_key=f"demo-approve-{who}-{campaign_id}",
        comment="Read in four languages.",
    )
