"""Use cases of the metrics: sums of a range, cut and ordered as a report asks for them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.analytics.directory import store as directory
from services.analytics.metrics import series
from services.analytics.metrics.domain import Cost, Found
from services.analytics.metrics.series import Period, Point
from services.analytics.reports.campaigns import counts_of
from services.analytics.reports.domain import Costs, Counts, Rates
from services.analytics.rollups import ranges, store
from services.analytics.rollups.filters import EVERYTHING, Filters
from services.analytics.rollups.ranges import Asked, Span
from services.common import zones
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid

CHANNELS: Final = range(1, 7)
TOP: Final = 10
MOST_POINTS: Final = 5000


def found_of(currency: str, sums: store.Sums) -> Found:
    """Returns what a row of one currency says."""
    micros = sums["cost_micros"]
    return Found(counts_of(sums), {currency: Decimal(micros).scaleb(-6)} if micros else {})


async def totals(
    database: Database, tenant_id: UUID, asked: Asked, default: timedelta, filters: Filters
) -> Found:
    """Returns the figures of a range, by event time."""
    by_key = await by(database, tenant_id, asked, default, filters, ())
    return by_key.get((), Found())


async def by(
    database: Database,
    tenant_id: UUID,
    asked: Asked,
    default: timedelta,
    filters: Filters,
    columns: Sequence[str],
) -> dict[tuple[Any, ...], Found]:
    """Returns the figures of a range by columns of the rollups, by event time."""
    async with database.tenant(tenant_id) as uow:
        span = ranges.span(asked, uow.now(), await directory.time_zone(uow), default)
        rows = await store.figures(uow, span, filters, (*columns, "currency"))
    return _gathered(rows)


async def per_channel(
    database: Database, tenant_id: UUID, asked: Asked, default: timedelta, filters: Filters
) -> list[tuple[int, Found]]:
    """Returns the figures of every channel, those without messages included."""
    found = await by(database, tenant_id, asked, default, filters, ("channel",))
    wanted = [filters.channel] if filters.channel else CHANNELS
    return [(channel, found.get((channel,), Found())) for channel in wanted]


async def hours(
    database: Database, tenant_id: UUID, day: date, zone: str, filters: Filters
) -> list[tuple[datetime, int, dict[int, Counts]]]:
    """Returns the hours of a day, what clocks show at their start, and counts by channel (ANA-18)."""
    async with database.tenant(tenant_id) as uow:
        own = await directory.time_zone(uow)
        asked = Asked(first_day=day, last_day=day, zone=zone or own)
        span = ranges.span(asked, uow.now(), own, ranges.WEEK)
        if ranges.reaches_beyond_hours(span, uow.now()):
            raise invalid("date", "hours are kept for 90 days", reason="RANGE_TOO_LARGE")
        rows = await store.steps(uow, span, filters, minutes=60)
    counted: defaultdict[datetime, dict[int, Counts]] = defaultdict(dict)
    for step, channel, _currency, sums in rows:
        counted[step][channel] = counted[step].get(channel, Counts()) + counts_of(sums)
    starts = series.steps(span.start, span.end, timedelta(hours=1))
    return [(start, start.astimezone(span.zone).hour, counted.get(start, {})) for start in starts]


async def top_categories(
    database: Database, tenant_id: UUID, asked: Asked, filters: Filters, limit: int
) -> list[tuple[int, Counts]]:
    """Returns the categories most is sent in."""
    found = await by(database, tenant_id, asked, ranges.MONTH, filters, ("category",))
    rows = [(category, one.counts) for (category,), one in found.items() if one.counts.sent]
    return sorted(rows, key=lambda row: (-row[1].sent, row[0]))[: limit or TOP]


async def top_templates(
    database: Database, tenant_id: UUID, asked: Asked, filters: Filters, limit: int
) -> list[tuple[str, Counts]]:
    """Returns the templates that are opened most, by day of sending (ANA-60)."""
    async with database.tenant(tenant_id) as uow:
        span = ranges.whole_days(asked, uow.now(), await directory.time_zone(uow), ranges.MONTH)
        rows = await store.cohorts(uow, span, filters, ("template_name",))
    found = [(name, counts_of(sums)) for (name,), sums in rows]
    return sorted(
        ((name, counts) for name, counts in found if counts.sent and name),
        key=lambda row: (-row[1].opened, -_percent(row[1]), row[0]),
    )[: limit or TOP]


async def time_series(
    database: Database, tenant_id: UUID, asked: Asked, filters: Filters, period: Period, *, by_sending: bool
) -> list[tuple[datetime, Found]]:
    """Returns the figures of each period of a range, without gaps; RANGE_TOO_LARGE above 5,000 points."""
    async with database.tenant(tenant_id) as uow:
        own = await directory.time_zone(uow)
        now = uow.now()
        wide = _widened(ranges.span(asked, now, own, ranges.MONTH), period, now, own)
        points = series.points(wide, period)
        if len(points) > MOST_POINTS:
            raise invalid("range", "has more than 5,000 points", reason="RANGE_TOO_LARGE")
        is_home = wide.zone.key == own
        if by_sending and (period is Period.HOUR or not is_home):
            raise invalid("basis", "sending counts by days of the tenant's zone")
        if (period is Period.HOUR or not is_home) and ranges.reaches_beyond_hours(wide, now):
            raise invalid("range", "quarter hours are kept for 90 days", reason="RANGE_TOO_LARGE")
        found = await _counted(uow, wide, filters, period, is_home=is_home, by_sending=by_sending)
    return [(point.start, found.get(point, Found())) for point in points]


async def delivery_days(
    database: Database, tenant_id: UUID, asked: Asked, filters: Filters
) -> list[tuple[date, int, str, Counts]]:
    """Returns counts per tenant day, channel and provider (ANA-23)."""
    async with database.tenant(tenant_id) as uow:
        span = ranges.whole_days(asked, uow.now(), await directory.time_zone(uow), ranges.WEEK)
        rows = await store.figures(uow, span, filters, ("day", "channel", "provider"))
    found = [(day, channel, provider, counts_of(sums)) for (day, channel, provider), sums in rows]
    return [row for row in found if row[3].sent or row[3].failed or row[3].retried or row[3].bounced]


async def cost(database: Database, tenant_id: UUID, asked: Asked, filters: Filters) -> Cost:
    """Returns what messages of a range cost, and how many contacts they went to (ANA-25)."""
    async with database.tenant(tenant_id) as uow:
        span = ranges.span(asked, uow.now(), await directory.time_zone(uow), ranges.MONTH)
        rows = await store.costs(uow, span, filters, ("channel", "branch_id", "provider"))
        counted = await store.figures(uow, span, filters)
        recipients = await store.recipients(uow, span, filters)
    total: Costs = {}
    channels: dict[int, Costs] = {}
    per_branch: dict[UUID, Costs] = {}
    providers: dict[str, Costs] = {}
    for (channel, branch_id, provider), currency, amount in rows:
        for costs in (
            total,
            channels.setdefault(channel, {}),
            per_branch.setdefault(branch_id, {}),
            providers.setdefault(provider, {}),
        ):
            costs[currency] = costs.get(currency, Decimal(0)) + amount
    return Cost(total, channels, per_branch, providers, counted[0][1]["sent"], recipients)


async def cost_by_tenant(database: Database, asked: Asked, now: datetime) -> list[tuple[UUID, str, Costs]]:
    """Returns what each tenant's messages cost; for platform administrators (ANA-75)."""
    span = ranges.whole_days(asked, now, "UTC", ranges.MONTH)
    async with database.system() as uow:
        names = {tenant_id: tenant.name for tenant_id, tenant in await directory.tenants(uow)}
        rows = await store.costs(uow, span, EVERYTHING, ("tenant_id",))
    found: defaultdict[UUID, Costs] = defaultdict(dict)
    for (tenant_id,), currency, amount in rows:
        found[tenant_id][currency] = amount
    return [(tenant_id, names.get(tenant_id, ""), costs) for tenant_id, costs in sorted(found.items())]


async def _counted(
    uow: UnitOfWork, span: Span, filters: Filters, period: Period, *, is_home: bool, by_sending: bool
) -> dict[Point, Found]:
    found: defaultdict[Point, Found] = defaultdict(Found)
    if period is Period.HOUR:
        for step, _channel, currency, sums in await store.steps(uow, span, filters, minutes=60):
            found[Point(step)] += found_of(currency, sums)
        return found
    days: list[tuple[date, str, store.Sums]]
    if is_home:
        read = store.cohorts if by_sending else store.figures
        days = [
            (day, currency, sums)
            for (day, currency), sums in await read(uow, span, filters, ("day", "currency"))
        ]
    else:
        days = await store.local_days(uow, span, filters)
    for day, currency, sums in days:
        found[series.point_of(day, period, span.zone)] += found_of(currency, sums)
    return found


def _widened(span: Span, period: Period, now: datetime, own: str) -> Span:
    """Returns a range of whole periods of its zone."""
    if period is Period.HOUR:
        start = _hour(span)
        hours = -(-(span.end - start) // timedelta(hours=1))
        return replace(span, start=start, end=start + hours * timedelta(hours=1))
    first = series.start_of(zones.local_day(span.start, span.zone), period)
    last = zones.local_day(span.end - timedelta(microseconds=1), span.zone)
    asked = Asked(
        first_day=first, last_day=series.next_of(last, period) - timedelta(days=1), zone=span.zone.key
    )
    start, end = zones.day_bounds(first, span.zone)[0], zones.day_bounds(asked.last_day or last, span.zone)[1]
    if end - start > ranges.LONGEST + timedelta(days=62):
        raise invalid("range", "is at most 400 days long", reason="RANGE_TOO_LARGE")
    return ranges.of_instants(start, end, span.zone, own, now)


def _hour(span: Span) -> datetime:
    local = span.start.astimezone(span.zone)
    return span.start - timedelta(minutes=local.minute, seconds=local.second)


def _gathered(rows: Sequence[tuple[tuple[Any, ...], store.Sums]]) -> dict[tuple[Any, ...], Found]:
    found: defaultdict[tuple[Any, ...], Found] = defaultdict(Found)
    for (*key, currency), sums in rows:
        found[tuple(key)] += found_of(currency, sums)
    return found


def _percent(counts: Counts) -> float:
    rate = Rates.of(counts).open
    return rate.percent if rate else -1.0
