"""A text to everybody with a phone: those for whom it is night wait, and some answer with a word that stops texts."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from google.protobuf.json_format import ParseDict

from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2, segment_service_pb2
from angarium.common.v1 import enums_pb2
from cli.demo import figures, texts, watch
from cli.demo.actors import Cast, patiently
from cli.demo.sandbox import SandboxClient
from cli.demo.stage import Phase
from cli.demo.steps import launch, plan
from cli.demo.steps.content import Letter
from cli.demo.texts import Planned

_RULE = {
    "operator": "SEGMENT_OPERATOR_AND",
    "conditions": [
        {"field": "source", "operator": "CONDITION_OPERATOR_EQ", "value": "import"},
        {"field": "phone", "operator": "CONDITION_OPERATOR_CONTAINS", "value": "+"},
    ],
}
_EVERY = 0.2
_PATIENCE = 60.0


async def prepare(cast: Cast, letter: Letter, phase: Phase) -> Planned | None:
    """Plans the text and has it approved; None when nobody with a phone may be written to."""
    segment = await patiently(
        cast.ada.segments.CreateSegment,
        segment_service_pb2.CreateSegmentRequest(
            segment=segment_service_pb2.Segment(
                name="People with a phone", rule=ParseDict(_RULE, segment_service_pb2.SegmentRule())
            ),
            idempotency_key="demo-texts-segment",
        ),
    )
    if not segment.segment.contact_count:
        phase.result = "nobody has a phone"
        return None
    created = await patiently(
        cast.ada.campaigns.CreateCampaign,
        campaign_service_pb2.CreateCampaignRequest(
            campaign=campaign_pb2.Campaign(
                name="Saturday's tasting",
                kind=campaign_pb2.Campaign.KIND_ONE_TIME,
                channel=enums_pb2.CHANNEL_SMS,
                message_class=enums_pb2.MESSAGE_CLASS_MARKETING,
                template_id=letter.template_ids["a"],
                segment_id=segment.segment.segment_id,
            ),
            idempotency_key="demo-texts",
        ),
    )
    campaign_id = UUID(created.campaign.campaign_id)
    planned = await plan.estimate(cast, campaign_id, phase)
    if not planned.expected + planned.later:
        phase.result = "nobody with a phone agreed to texts"
        return None
    counted = phase.result
    await plan.have_approved(cast, campaign_id, phase)
    phase.result = counted
    return Planned(campaign_id, planned.expected, await texts.blocked(cast))


async def send(cast: Cast, planned: Planned, sandbox: SandboxClient, phase: Phase) -> bool:
    """Sends the texts and waits for the answers; False when something that is missing does not come."""
    await launch.launch(cast, planned.campaign_id)
    bars = phase.bar("handed over", planned.expected), phase.bar("delivered")
    moved_at, before = time.monotonic(), ("", "")
    resumed = 0
    while True:
        campaign = await figures.campaign_of(cast, planned.campaign_id)
        if watch.held_itself(campaign):
            resumed += 1
            await watch.resume(cast, planned.campaign_id, resumed, phase)
        summary = await sandbox.summary(str(planned.campaign_id))
        for bar, name in zip(bars, ("accepted_unique", "delivered"), strict=True):
            bar.set(summary["totals"][name])
        missing = await _missing(cast, planned, sandbox, campaign.counts, summary)
        if not missing:
            phase.result = f"{summary['totals']['delivered']:,} delivered"
            return True
        phase.waiting = f"waiting for {missing}"
        if (now := (missing, repr(summary))) != before:
            moved_at, before = time.monotonic(), now
        elif time.monotonic() - moved_at > _PATIENCE:
            phase.note(f"[red]nothing moved for {_PATIENCE:.0f} s while waiting for {missing}[/]")
            return False
        await asyncio.sleep(_EVERY)


async def _missing(
    cast: Cast,
    planned: Planned,
    sandbox: SandboxClient,
    counts: campaign_pb2.RecipientCounts,
    summary: Mapping[str, Any],
) -> str:
    """Returns what is still under way; empty when all is quiet."""
    totals = summary["totals"]
    settled = counts.delivered + counts.bounced + counts.failed
    if not counts.total:
        return "the audience"
    if counts.sent or counts.unknown or settled < totals["accepted_unique"] or summary["pending"]["total"]:
        return "receipts and answers"
    over = settled + counts.skipped + counts.cancelled + counts.expired
    if counts.total - over != len(await texts.held_back(cast, planned.campaign_id)):
        return "texts to be handed over"
    report = await figures.report_of(cast, planned.campaign_id)
    if (report.counts.sent, report.counts.delivered) != (totals["accepted_unique"], totals["delivered"]):
        return "analytics to count"
    wanted = texts.stop_words(await sandbox.messages(str(planned.campaign_id)))
    return "stop words to be heard" if len(await texts.blocked(cast) - planned.blocked) != wanted else ""
