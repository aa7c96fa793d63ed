"""One campaign from its launch to the last event about it, watched and checked."""

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID

from angarium.campaign.v1 import campaign_service_pb2
from bench.quiet import events_settled
from bench.stack import Stack
from cli.demo.actors import Cast
from cli.demo.figures import campaign_of

_POLL = 0.25
_PATIENCE = 60.0

# A hand-over is a row for up to a thousand messages, so asking costs next to nothing.
_HANDED_OVER = """
SELECT sum(accepted_count) FROM delivery.handover WHERE tenant_id = %s AND finished_at IS NOT NULL
"""
_COUNTED = "SELECT sum(total_sent) FROM analytics.cohort_stat WHERE tenant_id = %s AND campaign_id = %s"


@dataclass(frozen=True, slots=True)
class Launched:
    """When what was done, in seconds since the launch was asked for."""

    first: float
    """The first hand-over was recorded."""
    handed_over: float
    """The last hand-over was recorded."""
    settled: float
    """Every event was heard: the campaign's ledger and analytics have counted all."""


async def launch(stack: Stack, cast: Cast, campaign_id: str, recipients: int) -> Launched:
    """Launches a campaign and returns when everybody was handed over and counted; RuntimeError when numbers differ."""
    began = time.perf_counter()
    await cast.ada.campaigns.SendCampaign(campaign_service_pb2.SendCampaignRequest(campaign_id=campaign_id))
    first, handed_over = await _handed_over(stack, cast.tenant_id, recipients, began)
    await events_settled(stack)
    settled = time.perf_counter() - began
    await _check(stack, cast, campaign_id, recipients)
    return Launched(first, handed_over, settled)


async def _handed_over(stack: Stack, tenant_id: UUID, recipients: int, began: float) -> tuple[float, float]:
    first, before, moved = 0.0, 0, time.perf_counter()
    while (done := await stack.count(_HANDED_OVER, tenant_id)) < recipients:
        now = time.perf_counter()
        if done and not first:
            first = now - began
        if done != before:
            before, moved = done, now
        elif now - moved > _PATIENCE:
            raise RuntimeError(f"nothing was handed over for {_PATIENCE:.0f} s, after {done} of {recipients}")
        await asyncio.sleep(_POLL)
    now = time.perf_counter() - began
    return first or now, now


async def _check(stack: Stack, cast: Cast, campaign_id: str, recipients: int) -> None:
    counts = (await campaign_of(cast, UUID(campaign_id))).counts
    counted = await stack.count(_COUNTED, cast.tenant_id, campaign_id)
    if {counts.total, counts.sent, counted} != {recipients}:
        raise RuntimeError(
            f"of {recipients} recipients the ledger counts {counts.sent} sent of {counts.total}, analytics {counted}"
        )
