"""The job that makes anchors of dates two days ahead, from what is known of contacts (JOB-11).

What events told is waiting already, with the time of its trigger as it was then: it is timed anew. What came with the
contacts themselves, by an import, is found by its date.
"""

import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.campaign.tenants import handlers as tenants
from services.campaign.triggers import anchors, configs, people, timing, variables
from services.campaign.triggers.conditions import instant
from services.campaign.triggers.domain import STALE_AFTER, Anchor, Config, Timing, TriggerType, qualifies
from services.campaign.triggers.people import Person
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts
from services.common.zones import local_day

logger = logging.getLogger(__name__)

EVERY: Final = timedelta(hours=1)
BEGINS: Final = "00:30"
"""When a day's anchors are made, in the tenant's zone (JOB-11)."""
_BLOCK: Final = 1000
_DAY: Final = timedelta(days=1)

# A tenant is done with its day once; one whose triggers changed is done anew.
_DUE: Final = f"""
SELECT tenant_id, today FROM (
    SELECT tenant_id, ((%(now)s::timestamptz AT TIME ZONE default_time_zone) - '{BEGINS}'::interval)::date AS today
    FROM tenant WHERE tenant_id > %(after)s AND state = 1
) AS t
WHERE NOT EXISTS (SELECT FROM trigger_calendar c WHERE c.tenant_id = t.tenant_id AND c.made_on >= t.today)
ORDER BY tenant_id LIMIT %(limit)s
"""
_MADE: Final = """
INSERT INTO trigger_calendar (tenant_id, made_on) VALUES (%s, %s)
ON CONFLICT (tenant_id) DO UPDATE SET made_on = excluded.made_on
"""
_CONTACTS: Final = """
SELECT contact_id FROM contact
WHERE tenant_id = %(tenant_id)s AND state < 3 AND contact_id > %(after)s AND {found}
ORDER BY contact_id LIMIT %(limit)s
"""
_RECURS: Final = (
    "({0}_month, {0}_day) IN (SELECT * FROM unnest(%(months)s::int2[], %(days)s::int2[])) AND {0}_month > 0"
)
_BETWEEN: Final = "{} >= %(since)s AND {} < %(until)s"
_FOUND: Final[Mapping[TriggerType, str]] = {
    TriggerType.BIRTHDAY_WISH: _RECURS.format("birth"),
    TriggerType.ANNIVERSARY_WISH: _RECURS.format("anniversary"),
    TriggerType.REBOOKING_REMINDER: _BETWEEN.format("last_visit_at", "last_visit_at"),
    TriggerType.MISS_YOU: _BETWEEN.format("last_visit_at", "last_visit_at"),
    TriggerType.MEMBERSHIP_EXPIRY: "membership_status = 'active' AND "
    + _BETWEEN.format("membership_expires_at", "membership_expires_at"),
    TriggerType.PACKAGE_EXPIRY: (
        "packages <> '[]' AND EXISTS (SELECT FROM jsonb_array_elements(packages) AS p"
        " WHERE (p ->> 'remaining')::int > 0 AND "
        + _BETWEEN.format("(p ->> 'expires_at')::timestamptz", "(p ->> 'expires_at')::timestamptz")
        + ")"
    ),
    TriggerType.LOYALTY_POINTS_EXPIRING: (
        "points_expiring > 0 AND points_expire_on >= %(first)s AND points_expire_on <= %(last)s"
    ),
}
# What waits about the same moment of a contact was told by an event, which knows more of it.
_TOLD: Final = """
SELECT contact_id, anchor_at FROM trigger_anchor
WHERE tenant_id = %(tenant_id)s AND contact_id = ANY(%(ids)b::uuid[]) AND trigger_type = %(type)s
"""


def job() -> Job:
    """Returns the job: an hourly scan that takes the tenants whose day has begun (JOB-5)."""
    return Job("build-date-anchors", EVERY, run)


async def run(context: JobContext) -> JobCounts:
    """Makes the anchors of every tenant whose day has begun; one that fails stops no other."""
    counts, after = JobCounts(), UUID(int=0)
    while not context.stopping:
        async with context.database.system() as uow:
            due = await uow.fetch_all(_DUE, {"now": uow.now(), "after": after, "limit": BATCH_ROWS})
        for tenant_id, today in due:
            try:
                counts = counts.plus(await make(context.database, tenant_id, today))
            except Exception as error:
                if is_outage(error):
                    raise
                logger.warning("anchors of tenant %s were not made", tenant_id, exc_info=error)
                counts = counts.plus(JobCounts(seen=1, failed=1))
        if len(due) < BATCH_ROWS:
            break
        after = due[-1][0]
    return counts


async def make(database: Database, tenant_id: UUID, today: date) -> JobCounts:
    """Makes the anchors of a tenant in blocks, each a transaction, and notes the day; a repeat changes nothing."""
    counts = JobCounts()
    async with database.tenant(tenant_id) as uow:
        # Noted first: what changes while the anchors are made has them made once more.
        await uow.execute(_MADE, (tenant_id, today))
        wanted = [one for one in (await configs.every(uow)).values() if one.is_enabled]
    try:
        for config in wanted:
            if config.timing is not Timing.DELAY:
                async for block in _blocks(database, tenant_id, config):
                    counts = counts.plus(block)
    except BaseException:
        async with database.tenant(tenant_id) as uow:
            await anchors.make_anew(uow)
        raise
    return counts


async def _blocks(database: Database, tenant_id: UUID, config: Config) -> AsyncIterator[JobCounts]:
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with database.tenant(tenant_id) as uow:
            seen, after, made = await _make_block(uow, config, after)
        yield JobCounts(seen=seen, done=made, skipped=seen - made)
    last: Anchor | None = None
    while True:
        async with database.tenant(tenant_id) as uow:
            waiting = await _waiting(uow, config, last)
            made = await _time(uow, config, waiting)
        yield JobCounts(seen=len(waiting), done=made, skipped=len(waiting) - made)
        if len(waiting) < _BLOCK:
            return
        last = waiting[-1]


async def _make_block(uow: UnitOfWork, config: Config, after: UUID) -> tuple[int, UUID | None, int]:
    """Makes the anchors of a block of contacts whose date comes; returns how many it looked at and where it ended."""
    _, settings = await tenants.current_settings(uow)
    dates = timing.dates_due(uow.now(), config)
    rows = await uow.fetch_all(
        _CONTACTS.format(found=_FOUND[config.trigger_type]),
        {**_named(uow, dates), "after": after, "limit": _BLOCK},
    )
    ids = [contact_id for (contact_id,) in rows]
    known = await people.known(uow, ids)
    told = await _told(uow, config, ids)
    wanted = []
    for person in known.values():
        for one in _OF[config.trigger_type](_Dates(config, person, dates)):
            due_at = timing.due(config, one, person.zone, settings.send_window_start)
            if (person.contact_id, one.anchor_at) not in told and _is_soon(uow, due_at):
                wanted.append(replace(one, due_at=due_at))
    wanted = [one for one in wanted if qualifies(config, one, one.due_at)]
    await anchors.put(uow, wanted)
    return len(rows), ids[-1] if len(ids) == _BLOCK else None, len(wanted)


def _named(uow: UnitOfWork, dates: Sequence[date]) -> dict[str, Any]:
    recurring = sorted({pair for day in dates for pair in timing.kept_by(day)})
    first, last = min(dates), max(dates)
    return {
        "tenant_id": uow.tenant_id,
        "months": [month for month, _ in recurring],
        "days": [day for _, day in recurring],
        "first": first,
        "last": last,
        # A day of a zone begins and ends up to a day before or after that of UTC.
        "since": timing.beginning(first - _DAY),
        "until": timing.beginning(last + 2 * _DAY),
    }


def _is_soon(uow: UnitOfWork, due_at: datetime) -> bool:
    now = uow.now()
    return now - STALE_AFTER < due_at <= now + timing.AHEAD


async def _told(uow: UnitOfWork, config: Config, ids: Collection[UUID]) -> set[tuple[UUID, datetime]]:
    if config.trigger_type in (TriggerType.BIRTHDAY_WISH, TriggerType.ANNIVERSARY_WISH) or not ids:
        return set()
    rows = await uow.fetch_all(
        _TOLD, {"tenant_id": uow.tenant_id, "ids": list(ids), "type": int(config.trigger_type)}
    )
    return {(contact_id, anchor_at) for contact_id, anchor_at in rows}


async def _waiting(uow: UnitOfWork, config: Config, last: Anchor | None) -> list[Anchor]:
    """Returns a block of what waits and may become due within two days by the timing as it now is."""
    named = _named(uow, timing.dates_due(uow.now(), config))
    return await anchors.waiting(uow, config.trigger_type, named["since"], named["until"], last, _BLOCK)


async def _time(uow: UnitOfWork, config: Config, waiting: Sequence[Anchor]) -> int:
    """Gives what waits the time at which it is due as things now stand."""
    _, settings = await tenants.current_settings(uow)
    known = await people.known(uow, {one.contact_id for one in waiting})
    timed = [
        replace(one, due_at=due_at)
        for one in waiting
        if (person := known.get(one.contact_id))
        and (due_at := timing.due(config, one, person.zone, settings.send_window_start)) != one.due_at
    ]
    await anchors.later(uow, timed)
    return len(timed)


@dataclass(frozen=True, slots=True)
class _Dates:
    """A contact whose date comes, and the dates that may."""

    config: Config
    person: Person
    dates: Sequence[date]

    def anchor(
        self, reference: str, at: datetime, shown: Mapping[str, Any], *, key: str = "", on: date | None = None
    ) -> Anchor:
        """Returns an occurrence that is timed later."""
        return Anchor(
            trigger_type=self.config.trigger_type,
            contact_id=self.person.contact_id,
            reference_id=reference,
            occurrence_key=key or reference,
            anchor_at=at,
            due_at=at,
            anchor_on=on,
            branch_id=self.person.branch_id,
            variables=shown,
        )


def _recurring(one: _Dates, recurs: tuple[int, int] | None) -> list[Anchor]:
    """Returns the dates on which something that recurs is kept, each with its year as its key (LIF-58)."""
    kept = [day for day in one.dates if recurs in set(timing.kept_by(day))]
    return [one.anchor(str(day.year), timing.beginning(day), {}, on=day) for day in kept]


def _last_visit(one: _Dates) -> list[Anchor]:
    at = one.person.last_visit_at
    if at is None:
        return []
    shown = {"lastVisitDate": local_day(at, one.person.zone).isoformat()}
    return [one.anchor(f"last-visit/{at.astimezone(UTC).isoformat()}", at, shown)]


def _packages(one: _Dates) -> list[Anchor]:
    found = []
    for reference, held in one.person.packages.items():
        ends = instant(held.get("expires_at"))
        if ends and held["remaining"] > 0:
            shown = variables.of_package(held["name"], held["remaining"], ends, one.person.zone)
            found.append(one.anchor(reference, ends, shown, key=timing.term(reference, ends)))
    return found


def _membership(one: _Dates) -> list[Anchor]:
    ends = one.person.member_until
    if ends is None or not one.person.is_member:
        return []
    shown = variables.of_membership("", ends, one.person.zone)
    return [one.anchor(timing.term("membership", ends), ends, shown)]


def _points(one: _Dates) -> list[Anchor]:
    day = one.person.points_expire_on
    if day is None or one.person.points_expiring <= 0:
        return []
    shown = variables.of_expiring_points(one.person.points_expiring, day)
    return [one.anchor(day.isoformat(), timing.beginning(day), shown, on=day)]


_OF: Final[Mapping[TriggerType, Callable[[_Dates], list[Anchor]]]] = {
    TriggerType.BIRTHDAY_WISH: lambda one: _recurring(one, one.person.birth),
    TriggerType.ANNIVERSARY_WISH: lambda one: _recurring(one, one.person.anniversary),
    TriggerType.REBOOKING_REMINDER: _last_visit,
    TriggerType.MISS_YOU: _last_visit,
    TriggerType.PACKAGE_EXPIRY: _packages,
    TriggerType.MEMBERSHIP_EXPIRY: _membership,
    TriggerType.LOYALTY_POINTS_EXPIRING: _points,
}
