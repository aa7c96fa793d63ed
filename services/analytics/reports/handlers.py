"""Use cases of the reports."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from services.analytics.directory import store as directory
from services.analytics.reports import store
from services.analytics.reports.domain import CampaignReport, Counts
from services.analytics.rollups import store as rollups
from services.common.db.database import Database
from services.common.errors import not_found


async def campaign_report(
    database: Database, tenant_id: UUID, campaign_id: UUID, run_id: UUID | None
) -> CampaignReport:
    """Returns the report of a campaign, or of one run; NOT_FOUND when no event told of the campaign."""
    async with database.tenant(tenant_id) as uow:
        campaign = await directory.campaign(uow, campaign_id)
        if campaign is None:
            raise not_found("campaign", campaign_id)
        rows = await store.campaign_stats(uow, campaign_id, run_id)
        engagement = await store.engagement(uow, campaign_id, run_id)
        reasons = await store.reasons(uow, campaign_id, run_id)
        first_sent, last_sent = await store.send_times(uow, campaign_id)
        return CampaignReport(
            campaign_id=campaign_id,
            name=campaign.name,
            counts=sum((row.counts for row in rows), Counts()),
            variants=_per_variant(rows, campaign.variant_keys),
            days=_per_day(rows),
            engagement=engagement,
            skips=[(reason, count) for kind, reason, count in reasons if kind == "skipped"],
            failures=[(reason, count) for kind, reason, count in reasons if kind == "failed"],
            costs=await rollups.spend(uow, campaign_id=campaign_id),
            first_sent=first_sent,
            last_sent=last_sent,
            as_of=await store.newest_event(uow),
        )


async def link_report(
    database: Database, tenant_id: UUID, campaign_id: UUID
) -> list[tuple[UUID, str, int, int, int]]:
    """Returns the links of a campaign; NOT_FOUND when no event told of the campaign."""
    async with database.tenant(tenant_id) as uow:
        if await directory.campaign(uow, campaign_id) is None:
            raise not_found("campaign", campaign_id)
        return await store.links(uow, campaign_id)


def _per_variant(rows: list[store.StatRow], order: tuple[str, ...]) -> list[tuple[str, Counts]]:
    """Returns counts per variant in the order of the test; variants without a message are there with zeros."""
    found: dict[str, Counts] = {key: Counts() for key in order}
    for row in rows:
        if row.variant_key:
            found[row.variant_key] = found.get(row.variant_key, Counts()) + row.counts
    return list(found.items())


def _per_day(rows: list[store.StatRow]) -> list[tuple[date, Counts]]:
    found: dict[date, Counts] = defaultdict(Counts)
    for row in rows:
        found[row.day] += row.counts
    return sorted(found.items())
