"""Use cases of the reports over many campaigns: the overview, and what reminders achieve."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.analytics.compliance import handlers as compliance
from services.analytics.compliance import store as compliance_counts
from services.analytics.directory import store as directory
from services.analytics.metrics.domain import Found
from services.analytics.metrics.handlers import found_of
from services.analytics.reports import campaigns, reminders
from services.analytics.reports.campaigns import Performance
from services.analytics.reports.reminders import Credit
from services.analytics.rollups import ranges
from services.analytics.rollups import store as rollups
from services.analytics.rollups.filters import Filters
from services.analytics.rollups.ranges import Asked
from services.analytics.spend import handlers as spend
from services.analytics.spend.handlers import Month
from services.common.db.database import Database

_MARKETING: Final = 2
_ACTIVE: Final = (4, 5, 7)
"""Scheduled, sending, paused."""
_TOP: Final = 5
_BY_SENT: Final = 2
_NUMBERED: Final = re.compile(r"[-_. :]?(\d{1,4})$")


@dataclass(frozen=True, slots=True)
class Overview:
    """What marketing did."""

    totals: Found
    active: int
    opt_outs: int | None
    consents: int
    top: list[Performance]
    budget: Month | None


async def overview(
    database: Database, tenant_id: UUID, asked: Asked, branches: tuple[UUID, ...] | None
) -> Overview:
    """Returns totals of marketing by day of sending, and what stands around them."""
    async with database.tenant(tenant_id) as uow:
        span = ranges.whole_days(asked, uow.now(), await directory.time_zone(uow), ranges.MONTH)
        filters = Filters(message_class=_MARKETING, branch_ids=branches)
        totals = Found()
        for (currency,), sums in await rollups.cohorts(uow, span, filters, ("currency",)):
            totals += found_of(currency, sums)
        consents = await compliance_counts.counts(uow, span.start, span.end, branches)
        given = sum(count for word, count in consents.get("consent", []) if word in compliance.GIVEN)
        return Overview(
            totals=totals,
            active=await directory.count_in_states(uow, _ACTIVE),
            opt_outs=sum(count for _, count in consents.get("opt_out", [])) if branches is None else None,
            consents=given,
            top=await campaigns.page(
                uow,
                span,
                channel=0,
                branches=branches,
                sort=_BY_SENT,
                limit=_TOP,
                message_class=_MARKETING,
            ),
            budget=await spend.month(uow) if branches is None else None,
        )


@dataclass(frozen=True, slots=True)
class Reminder:
    """How one reminder works."""

    number: int
    sent: int
    converted: int
    average_minutes: float | None


async def reminder_effectiveness(
    database: Database,
    tenant_id: UUID,
    asked: Asked,
    branches: Sequence[UUID] | None,
    *,
    family: str,
    rule: str,
) -> list[Reminder]:
    """Returns how the reminders of a family of templates, or of rules, work, by their number (ANA-36)."""
    async with database.tenant(tenant_id) as uow:
        span = ranges.whole_days(asked, uow.now(), await directory.time_zone(uow), ranges.MONTH)
        sent = await reminders.sent(uow, span, branches, family=family, rule=rule)
        members = {name: number_of(name, family or rule) for name, _ in sent}
        names = [name for name, number in members.items() if number is not None]
        credited = await reminders.credited(uow, span, branches, names, by_rule=bool(rule))
    by_name: dict[str, Credit] = {one.name: one for one in credited}
    found: dict[int, Reminder] = {}
    for name, count in sent:
        number = members[name]
        if number is None:
            continue
        credit = by_name.get(name)
        found[number] = Reminder(
            number,
            count,
            credit.converted if credit else 0,
            round(credit.average_minutes, 2) if credit else None,
        )
    return [found[number] for number in sorted(found)]


def number_of(name: str, family: str) -> int | None:
    """Returns the number of a reminder in a family, 1 for one without; None for a stranger."""
    rest = name.removeprefix(family)
    if not name.startswith(family):
        return None
    if not rest:
        return 1
    numbered = _NUMBERED.fullmatch(rest)
    return int(numbered[1]) if numbered else None
