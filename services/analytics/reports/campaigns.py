"""Use cases of the reports of campaigns: one, its arms, its links, many."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from uuid import UUID

from services.analytics.directory import store as directory
from services.analytics.directory.store import Campaign
from services.analytics.reports import store
from services.analytics.reports.domain import CampaignReport, Costs, Counts, Coupon, Part
from services.analytics.reports.store import Branches, StatRow
from services.analytics.rollups import ranges
from services.analytics.rollups.ranges import Asked, Span
from services.analytics.rollups.store import Sums
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.paging import PageToken, bad_token

K = TypeVar("K", bound=Hashable)
_COUNTED = frozenset(one.name for one in fields(Counts))


def counts_of(sums: Sums) -> Counts:
    """Returns sums of a rollup as counts."""
    return Counts(**{name: value for name, value in sums.items() if name in _COUNTED})


async def campaign_report(
    database: Database,
    tenant_id: UUID,
    campaign_id: UUID,
    run_id: UUID | None,
    branches: Branches = None,
) -> CampaignReport:
    """Returns the report of a campaign, or of one run; NOT_FOUND when no event told of the campaign."""
    async with database.tenant(tenant_id) as uow:
        campaign = await directory.campaign(uow, campaign_id)
        if campaign is None:
            raise not_found("campaign", campaign_id)
        rows = await store.campaign_stats(uow, campaign_id, run_id, branches)
        reasons = await store.reasons(uow, campaign_id, run_id, branches)
        brought = await store.revenues(uow, campaign_id, run_id, branches)
        whole = _part(rows)
        return CampaignReport(
            campaign_id=campaign_id,
            name=campaign.name,
            channel=campaign.channel,
            state=campaign.state,
            currency=(await directory.tenant(uow)).currency_code,
            counts=whole.counts,
            costs=whole.costs,
            variants=_per_variant(rows, campaign.variant_keys),
            runs=_parts(rows, lambda row: row.run_id),
            days=[(day, part.counts) for day, part in _parts(rows, _day)],
            engagement=await store.engagement(uow, campaign_id, run_id, branches),
            skips=[(reason, count) for kind, reason, count in reasons if kind == "skipped"],
            failures=[(reason, count) for kind, reason, count in reasons if kind == "failed"],
            revenues=_revenues((row[2], row[5]) for row in brought),
            variant_revenues={
                variant: _revenues((row[2], row[5]) for row in brought if row[0] == variant)
                for variant in {row[0] for row in brought}
            },
            conversions=sum(row[3] for row in brought),
            coupons=_coupons(brought),
            first_sent=min((row.first_sent for row in rows if row.first_sent), default=None),
            last_sent=max((row.last_sent for row in rows if row.last_sent), default=None),
            started=campaign.started_at,
            completed=campaign.completed_at,
            as_of=await store.newest_event(uow),
        )


async def link_report(
    database: Database,
    tenant_id: UUID,
    campaign_id: UUID | None,
    template_name: str = "",
    branches: Branches = None,
) -> list[tuple[UUID, str, int, int, int]]:
    """Returns the links of a campaign or a template; NOT_FOUND when no event told of the campaign."""
    async with database.tenant(tenant_id) as uow:
        if campaign_id is not None and await directory.campaign(uow, campaign_id) is None:
            raise not_found("campaign", campaign_id)
        return await store.links(uow, campaign_id, template_name, branches)


@dataclass(frozen=True, slots=True)
class Performance:
    """How one campaign did on some days."""

    campaign_id: UUID
    campaign: Campaign | None
    channel: int
    counts: Counts
    costs: Costs
    last_sent: datetime | None
    sort_key: Decimal


async def listed(
    database: Database,
    tenant_id: UUID,
    asked: Asked,
    *,
    channel: int,
    branches: Branches,
    sort: int,
    limit: int,
    after: tuple[Decimal, UUID] | None,
) -> list[Performance]:
    """Returns a page of campaigns with messages sent on the tenant days of a range."""
    async with database.tenant(tenant_id) as uow:
        span = ranges.whole_days(asked, uow.now(), await directory.time_zone(uow), ranges.MONTH)
        return await page(uow, span, channel=channel, branches=branches, sort=sort, limit=limit, after=after)


async def page(
    uow: UnitOfWork,
    span: Span,
    *,
    channel: int,
    branches: Branches,
    sort: int,
    limit: int,
    after: tuple[Decimal, UUID] | None = None,
    message_class: int = 0,
) -> list[Performance]:
    """Returns campaigns with messages sent in a range, the largest by what they are sorted by first."""
    rows = await store.campaign_page(
        uow,
        span.first_day,
        span.day_after,
        channel=channel,
        branches=branches,
        sort=sort,
        after=after,
        limit=limit,
        message_class=message_class,
    )
    ids = [row[0] for row in rows]
    known = await directory.campaigns(uow, ids)
    costs: defaultdict[UUID, Costs] = defaultdict(dict)
    for campaign_id, currency, cost in await store.costs_of(
        uow, ids, span.first_day, span.day_after, branches
    ):
        costs[campaign_id][currency] = cost
    return [
        Performance(id, known.get(id), channel, counts_of(sums), costs[id], last_sent, key)
        for id, channel, key, last_sent, sums in rows
    ]


def place_after(token: str, parameters: bytes) -> tuple[Decimal, UUID] | None:
    """Returns the key a page goes on after; invalid for a token of another list."""
    key = PageToken.decode(token, parameters, length=2)
    try:
        return (Decimal(key[0]), UUID(key[1])) if key else None
    except (InvalidOperation, ValueError):
        raise bad_token() from None


def _part(rows: Iterable[StatRow]) -> Part:
    counts, costs = Counts(), dict[str, Decimal]()
    for row in rows:
        counts += counts_of(row.sums)
        if row.sums["cost_micros"]:
            cost = Decimal(row.sums["cost_micros"]).scaleb(-6)
            costs[row.currency] = costs.get(row.currency, Decimal(0)) + cost
    return Part(counts, costs)


def _parts(rows: Sequence[StatRow], key: Callable[[StatRow], K]) -> list[tuple[K, Part]]:
    found: defaultdict[K, list[StatRow]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return sorted(((name, _part(members)) for name, members in found.items()), key=lambda one: str(one[0]))


def _per_variant(rows: Sequence[StatRow], order: tuple[str, ...]) -> list[tuple[str, Part]]:
    """Returns figures per variant in the order of the test; variants without a message are there with zeros."""
    found = dict.fromkeys(order, Part(Counts(), {}))
    found |= {key: part for key, part in _parts(rows, lambda row: row.variant_key) if key}
    return list(found.items())


def _day(row: StatRow) -> date:
    return row.day


def _revenues(amounts: Iterable[tuple[str, Decimal | None]]) -> Costs:
    found: Costs = {}
    for currency, amount in amounts:
        if currency and amount is not None:
            found[currency] = found.get(currency, Decimal(0)) + amount
    return found


def _coupons(
    brought: Sequence[tuple[str, str, str, int, int, Decimal | None, Decimal | None]],
) -> list[Coupon]:
    codes = sorted({row[1] for row in brought if row[1] and row[4]})
    return [
        Coupon(
            code,
            sum(row[4] for row in brought if row[1] == code),
            _revenues((row[2], row[6]) for row in brought if row[1] == code),
        )
        for code in codes
    ]
