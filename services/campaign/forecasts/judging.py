"""Going through an audience as a launch would: in blocks, each judged by consent for its own time."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from angarium.consent.v1 import compliance_service_pb2 as pb
from angarium.consent.v1.compliance_service_pb2_grpc import ComplianceServiceStub
from services.campaign.blocks.messages import REASON_WORDS, question
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.findings import Findings
from services.campaign.campaigns.schedules import launch_at
from services.campaign.campaigns.variants import cumulative
from services.campaign.forecasts import store
from services.campaign.forecasts.results import Tally
from services.campaign.forecasts.store import Reader
from services.campaign.ledger.domain import is_tested, variant_of
from services.campaign.ledger.store import NO_ADDRESS
from services.campaign.runs.departures import Departures, departures
from services.campaign.segments.audience import audience
from services.common.addresses import country_of_phone
from services.common.db.database import Database
from services.common.rpc.client import Channels, as_tenant
from services.common.zones import zone

BLOCK: Final = 1000
TOGETHER: Final = 4
"""Blocks asked about at once."""
_HOUR: Final = timedelta(hours=1)


class _Asked(NamedTuple):
    category: int
    at: datetime | None


class Judges:
    """Asks consent about whole audiences; nothing is stored."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._consent = channels.stub(ComplianceServiceStub, "consent")

    async def go_through(
        self, tenant_id: UUID, campaign: Campaign, findings: Findings
    ) -> AsyncIterator[Tally]:
        """Yields the growing tally after every few blocks, at least once; the same object each time."""
        async with self._database.tenant(tenant_id) as uow:
            found = await audience(uow, segment_id=campaign.segment_id, branch_ids=campaign.branch_ids)
        tally = Tally(audience=findings.audience)
        leaving = _leaving(campaign, findings, self._database.clock.now())
        after: UUID | None = None
        while True:
            async with self._database.tenant(tenant_id) as uow:
                people = await store.page(
                    uow, found, channel=campaign.channel, after=after, limit=BLOCK * TOGETHER
                )
            await self._judge(tenant_id, campaign, findings, leaving, people, tally)
            tally.audience = max(tally.audience, tally.judged)
            yield tally
            if len(people) < BLOCK * TOGETHER:
                return
            after = people[-1].contact_id

    async def _judge(
        self,
        tenant_id: UUID,
        campaign: Campaign,
        findings: Findings,
        leaving: Departures | datetime | None,
        people: Sequence[Reader],
        tally: Tally,
    ) -> None:
        home = findings.owner.default_time_zone
        categories = [one.template.category for one in findings.contents]
        bounds = cumulative(campaign.variants)
        tested = campaign.ab_test.share if campaign.ab_test is not None else 0
        asked: defaultdict[_Asked, list[Reader]] = defaultdict(list)
        for one in people:
            place = tally.zones[one.time_zone or home]
            place.recipients += 1
            place.leaves_at = leaving.of(one.time_zone) if isinstance(leaving, Departures) else leaving
            variant = variant_of(campaign.campaign_id, one.contact_id, bounds) if bounds else 0
            waits = tested and not is_tested(campaign.campaign_id, one.contact_id, tested)
            tally.variants[0 if waits or not bounds else variant + 1] += 1
            if one.address is None:
                tally.refused[NO_ADDRESS] += 1
                place.refused += 1
                continue
            asked[_Asked(categories[variant], place.leaves_at)].append(one)
        tally.judged += len(people)
        blocks = [
            (what, of[start : start + BLOCK])
            for what, of in asked.items()
            for start in range(0, len(of), BLOCK)
        ]
        limit = asyncio.Semaphore(TOGETHER)

        async def ask(what: _Asked, block: Sequence[Reader]) -> None:
            async with limit:
                await self._ask(tenant_id, campaign, what, block, home, tally)

        await asyncio.gather(*(ask(what, block) for what, block in blocks))

    async def _ask(
        self,
        tenant_id: UUID,
        campaign: Campaign,
        what: _Asked,
        people: Sequence[Reader],
        home: str,
        tally: Tally,
    ) -> None:
        request = question(campaign, what.category, ((one.contact_id, one.address) for one in people))
        if what.at is not None:
            request.context.evaluate_time.FromDatetime(what.at)
        with as_tenant(tenant_id):
            answer = await self._consent.EvaluateSendBatch(request)
        for one, decision in zip(people, answer.decisions, strict=True):
            place = tally.zones[one.time_zone or home]
            if decision.outcome == pb.OUTCOME_ALLOW:
                tally.eligible += 1
                place.eligible += 1
            elif decision.outcome == pb.OUTCOME_DEFER:
                tally.deferred[REASON_WORDS[decision.reason]] += 1
                tally.resumes[_hour_of(decision)] += 1
                place.deferred += 1
            else:
                tally.refused[REASON_WORDS[decision.reason]] += 1
                place.refused += 1
                continue
            tally.countries[country_of_phone(one.address or "")] += 1


def _leaving(campaign: Campaign, findings: Findings, now: datetime) -> Departures | datetime | None:
    """Returns when people would be written to: each zone at its time, all at one time, or now."""
    home = findings.owner.default_time_zone
    if campaign.in_own_zones:
        planned = campaign.planned_at or now
        began = max(launch_at(planned, zone(home), in_own_zones=True), now)
        return departures(planned, began, home, campaign.passed_time)
    planned_at = campaign.planned_at
    return planned_at if planned_at is not None and planned_at > now else None


def _hour_of(decision: pb.Decision) -> datetime | None:
    if not decision.HasField("defer_time"):
        return None
    return decision.defer_time.ToDatetime(tzinfo=UTC).replace(minute=0, second=0, microsecond=0)
