"""Who would get a campaign, and why others would not: consent's forecast over the whole audience (CAM-70)."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from uuid import UUID

from angarium.consent.v1 import compliance_service_pb2 as pb
from angarium.consent.v1.compliance_service_pb2_grpc import ComplianceServiceStub
from services.campaign.blocks.messages import REASON_WORDS, question
from services.campaign.campaigns.checks import Checks, Findings
from services.campaign.campaigns.domain import Campaign, cumulative
from services.campaign.ledger.domain import variant_of
from services.campaign.ledger.store import NO_ADDRESS
from services.campaign.runs import store as runs
from services.campaign.segments.audience import Audience, audience
from services.common.db.database import Database
from services.common.rpc.client import Channels, as_tenant

BLOCK: Final = 1000
TOGETHER: Final = 4
"""Blocks asked about at once."""


@dataclass(slots=True)
class Forecast:
    """What consent would say now."""

    recipients: int = 0
    eligible: int = 0
    deferred: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    cost: Decimal = Decimal(0)
    currency: str = ""


class Estimates:
    """Forecasts campaigns; nothing is sent and nothing stored."""

    def __init__(self, database: Database, channels: Channels, checks: Checks) -> None:
        self._database = database
        self._consent = channels.stub(ComplianceServiceStub, "consent")
        self._checks = checks

    async def of(self, tenant_id: UUID, campaign: Campaign) -> Forecast:
        """Asks consent about everybody in the audience, in blocks."""
        async with self._database.tenant(tenant_id) as uow:
            found = await audience(uow, segment_id=campaign.segment_id, branch_ids=campaign.branch_ids)
        findings = await self._checks.contents(tenant_id, campaign)
        forecast = Forecast(currency=findings.owner.currency_code)
        after: UUID | None = None
        while True:
            pages = await self._pages(tenant_id, campaign, found, after)
            await asyncio.gather(
                *(self._judge(tenant_id, campaign, findings, page, forecast) for page in pages)
            )
            if not pages or len(pages[-1]) < BLOCK:
                break
            after = pages[-1][-1][0]
        forecast.cost = await self._checks.cost(
            tenant_id, campaign, findings, forecast.eligible + forecast.deferred
        )
        return forecast

    async def _pages(
        self, tenant_id: UUID, campaign: Campaign, found: Audience, after: UUID | None
    ) -> list[list[tuple[UUID, str | None]]]:
        async with self._database.tenant(tenant_id) as uow:
            people = await runs.audience_page(
                uow,
                found.where,
                found.params,
                channel=campaign.channel,
                after=after,
                limit=BLOCK * TOGETHER,
            )
        return [people[start : start + BLOCK] for start in range(0, len(people), BLOCK)]

    async def _judge(
        self,
        tenant_id: UUID,
        campaign: Campaign,
        findings: Findings,
        people: Sequence[tuple[UUID, str | None]],
        forecast: Forecast,
    ) -> None:
        forecast.recipients += len(people)
        reachable = [one for one in people if one[1] is not None]
        if len(people) > len(reachable):
            forecast.refusals[NO_ADDRESS] += len(people) - len(reachable)
        for category, asked in _by_category(campaign, findings, reachable).items():
            with as_tenant(tenant_id):
                answer = await self._consent.EvaluateSendBatch(question(campaign, category, asked))
            for decision in answer.decisions:
                if decision.outcome == pb.OUTCOME_ALLOW:
                    forecast.eligible += 1
                elif decision.outcome == pb.OUTCOME_DEFER:
                    forecast.deferred += 1
                else:
                    forecast.refusals[REASON_WORDS[decision.reason]] += 1


def _by_category(
    campaign: Campaign, findings: Findings, people: Sequence[tuple[UUID, str | None]]
) -> dict[int, list[tuple[UUID, str | None]]]:
    """Returns people by the category of what they would get, which may differ between variants."""
    categories = [one.template.category for one in findings.contents]
    if len(set(categories)) == 1:
        return {categories[0]: list(people)} if people else {}
    bounds = cumulative(campaign.variants)
    grouped: defaultdict[int, list[tuple[UUID, str | None]]] = defaultdict(list)
    for one in people:
        grouped[categories[variant_of(campaign.campaign_id, one[0], bounds)]].append(one)
    return grouped
