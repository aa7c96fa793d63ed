"""Use cases of spend: the summary, and the daily check against campaign's ledger (ANA-73, JOB-36)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from angarium.analytics.v1 import analytics_events_pb2 as events
from services.analytics.directory import store as directory
from services.analytics.directory.store import Tenant
from services.analytics.rollups.counters import Bearer
from services.analytics.spend import store
from services.analytics.spend.store import Row
from services.common import telemetry
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, invalid
from services.common.events.event import Event
from services.common.jobs import Job, JobContext, JobCounts
from services.common.money import Money

log = structlog.get_logger("spend")

Ledger = Callable[[UUID, str], Awaitable[Decimal | None]]
"""Returns what campaign's ledger says was spent in a month, in the tenant's currency; None when it is not known."""

ZERO: Final = Decimal(0)
MOST_MONTHS: Final = 13
_differs = telemetry.gauge(
    "analytics_spend_differences", "Months whose spend differs from facts or from campaign's ledger.", []
)


@dataclass(frozen=True, slots=True)
class Month:
    """What was spent of a limit in a month, in the tenant's currency."""

    period: str
    currency: str
    spend: Decimal
    limit: Decimal | None

    @property
    def percent(self) -> float | None:
        """Returns spent of the limit; None without a limit."""
        return float(round(self.spend * 100 / self.limit, 2)) if self.limit else None


@dataclass(frozen=True, slots=True)
class Summary:
    """What was billed, by group, and each month against the limit."""

    rows: list[Row]
    months: list[Month]
    names: dict[str, str]


async def summary(
    database: Database,
    tenant_id: UUID,
    first: str,
    last: str,
    group: int,
    branches: Sequence[UUID] | None,
) -> Summary:
    """Returns what was billed in months; RANGE_TOO_LARGE above 13 of them."""
    async with database.tenant(tenant_id) as uow:
        tenant = await directory.tenant(uow)
        first = first or this_month(uow, tenant)
        last = last or first
        if last < first:
            raise invalid("end_month", "must not be before start_month")
        if len(months_between(first, last)) > MOST_MONTHS:
            raise invalid("end_month", "at most 13 months", reason="RANGE_TOO_LARGE")
        rows = await store.billed(uow, first, last, group, branches)
        months = [] if branches is not None else await _months(uow, tenant, first, last)
        names: dict[str, str] = {}
        if group == 4:
            ids = [UUID(row.key) for row in rows]
            names = {str(id): one.name for id, one in (await directory.campaigns(uow, ids)).items()}
    return Summary(rows, months, names)


async def month(uow: UnitOfWork) -> Month | None:
    """Returns this month against the limit; None while the tenant's currency is unknown."""
    tenant = await directory.tenant(uow)
    if not tenant.currency_code:
        return None
    period = this_month(uow, tenant)
    return (await _months(uow, tenant, period, period))[0]


def this_month(uow: UnitOfWork, tenant: Tenant) -> str:
    """Returns the present month in the tenant's zone."""
    return uow.now().astimezone(ZoneInfo(tenant.time_zone)).strftime("%Y-%m")


def months_between(first: str, last: str) -> list[str]:
    """Returns months from one to another, both included."""
    start, end = _number(first), _number(last)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(start, end + 1)]


def job(ledger: Ledger) -> Job:
    """Returns the daily check of spend (JOB-36)."""

    async def run(context: JobContext) -> JobCounts:
        return await check_all(context.database, ledger)

    return Job("spend_check", timedelta(days=1), run, at=time(4, 15))


async def check_all(database: Database, ledger: Ledger) -> JobCounts:
    """Compares each tenant's spend of this month and the last with its facts and with campaign's ledger."""
    async with database.system() as uow:
        tenants = await directory.tenants(uow)
    seen = failed = differing = 0
    for tenant_id, tenant in tenants:
        try:
            differing += await check(database, tenant_id, tenant, ledger)
        except ServiceError as error:
            failed += 1
            log.warning("spend could not be compared", tenant_id=str(tenant_id), reason=error.reason)
        seen += 1
    _differs.set(differing)
    return JobCounts(seen=seen, done=seen - failed, failed=failed)


async def check(database: Database, tenant_id: UUID, tenant: Tenant, ledger: Ledger) -> int:
    """Compares a tenant's spend; returns how many months differ.

    What is folded in meanwhile makes the ledger differ for a moment, so an alert is raised when it differs in two
    checks one after the other; facts and rollups are read in one transaction and may never differ.
    """
    async with database.tenant(tenant_id) as uow:
        now = this_month(uow, tenant)
    differing = 0
    for period in months_between(_before(now), now):
        # Asked before the transaction: no call is made inside one.
        spent = await ledger(tenant_id, period)
        async with database.tenant(tenant_id) as uow:
            differing += await _check_month(uow, tenant, period, spent)
    return differing


async def _check_month(uow: UnitOfWork, tenant: Tenant, period: str, spent: Decimal | None) -> int:
    found = {row[0]: row[1:] for row in await store.compared(uow, period)}
    if spent:
        found.setdefault(tenant.currency_code, (ZERO, ZERO, ZERO))
    differing = 0
    for currency, (own, counted, borne) in sorted(found.items()):
        told = spent if currency == tenant.currency_code else None
        unlike, apart = own != counted, told is not None and told != borne
        again, _ = await store.put_check(
            uow, period, currency, spend=own, facts=counted, ledger=told, differs=unlike or apart
        )
        if unlike or (apart and again):
            differing += 1
            log.error("spend differs", billing_period=period, currency=currency)
            uow.emit(_event(uow, period, currency, own, counted, told))
    return differing


def _event(
    uow: UnitOfWork, period: str, currency: str, spend: Decimal, facts: Decimal, ledger: Decimal | None
) -> Event:
    payload = events.SpendDiffers(
        billing_period=period,
        spend=Money(currency, spend).to_proto(),
        facts=Money(currency, facts).to_proto(),
        ledger=None if ledger is None else Money(currency, ledger).to_proto(),
    )
    return Event("spend.differs", "tenant", str(uow.tenant_id), payload)


async def _months(uow: UnitOfWork, tenant: Tenant, first: str, last: str) -> list[Month]:
    billed = {
        row.period: row.cost
        for row in await store.billed(uow, first, last, 0, None, (Bearer.BUDGET,))
        if row.currency == tenant.currency_code
    }
    return [
        Month(period, tenant.currency_code, billed.get(period, ZERO), tenant.monthly_limit)
        for period in months_between(first, last)
        if tenant.currency_code
    ]


def _before(period: str) -> str:
    number = _number(period) - 1
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _number(period: str) -> int:
    return int(period[:4]) * 12 + int(period[5:]) - 1
