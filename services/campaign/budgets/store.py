"""SQL of budget periods and of what runs hold.

Who changes sums holds the row of the tenant's period, and locks periods before reservations: changes of one tenant's
month follow each other, so a limit that has room still has it at the commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from services.campaign.budgets.domain import NO_BRANCH, ZERO, Level, Period, PeriodKey, Share
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7s

_SUMS = "reserved, spent, uncounted, alerted_at, exhausted_at, closed_at"
_PERIOD = f"month, branch_id, limit_amount, {_SUMS}"


@dataclass(slots=True)
class Delta:
    """What a change does to the sums of a period."""

    reserved: Decimal = ZERO
    spent: Decimal = ZERO
    uncounted: Decimal = ZERO


class Deltas(dict[PeriodKey, Delta]):
    """Changes by period; what a branch is charged with, its tenant is too."""

    def add(
        self,
        month: str,
        branch_id: UUID,
        *,
        reserved: Decimal = ZERO,
        spent: Decimal = ZERO,
        uncounted: Decimal = ZERO,
    ) -> None:
        """Adds amounts to the tenant's period and, with a branch, to that of the branch."""
        for key in {PeriodKey(month), PeriodKey(month, branch_id)}:
            delta = self.setdefault(key, Delta())
            delta.reserved += reserved
            delta.spent += spent
            delta.uncounted += uncounted


class Held(NamedTuple):
    """What a run holds of a month for one branch, or for all."""

    run_id: UUID
    branch_id: UUID
    campaign_id: UUID
    month: str
    held: Decimal


# Periods

# A period that does not exist yet has the limit that would be its first.
_READ = f"""
SELECT wanted.month, wanted.branch_id,
    CASE WHEN p.month IS NULL THEN COALESCE(s.monthly_budget_limit, b.monthly_budget_limit) ELSE p.limit_amount END,
    COALESCE(p.reserved, 0), COALESCE(p.spent, 0), COALESCE(p.uncounted, 0), p.alerted_at, p.exhausted_at, p.closed_at,
    p.month IS NOT NULL
FROM {named_unnest({"month": "text", "branch_id": "uuid"}, alias="wanted")}
LEFT JOIN budget_period p ON p.tenant_id = %(tenant_id)s AND p.month = wanted.month AND p.branch_id = wanted.branch_id
LEFT JOIN marketing_settings s ON s.tenant_id = %(tenant_id)s AND wanted.branch_id = %(nobody)s
LEFT JOIN branch b ON b.tenant_id = %(tenant_id)s AND b.branch_id = wanted.branch_id
ORDER BY wanted.month, wanted.branch_id
"""

_OPEN = f"""
INSERT INTO budget_period (tenant_id, month, branch_id, limit_amount, reserved, spent, created_at, updated_at)
SELECT %(tenant_id)s, wanted.month, wanted.branch_id, COALESCE(s.monthly_budget_limit, b.monthly_budget_limit), 0, 0,
    %(now)s, %(now)s
FROM {named_unnest({"month": "text", "branch_id": "uuid"}, alias="wanted")}
LEFT JOIN marketing_settings s ON s.tenant_id = %(tenant_id)s AND wanted.branch_id = %(nobody)s
LEFT JOIN branch b ON b.tenant_id = %(tenant_id)s AND b.branch_id = wanted.branch_id
ORDER BY wanted.month, wanted.branch_id
ON CONFLICT (tenant_id, month, branch_id) DO NOTHING
"""

_LOCK = f"""
SELECT {_PERIOD} FROM budget_period
WHERE tenant_id = %(tenant_id)s AND (month, branch_id) IN (
    SELECT month, branch_id FROM {named_unnest({"month": "text", "branch_id": "uuid"}, alias="wanted")}
)
ORDER BY month, branch_id FOR UPDATE
"""


async def read(uow: UnitOfWork, keys: Iterable[PeriodKey]) -> dict[PeriodKey, Period]:
    """Returns periods as they are, those that nothing was recorded in yet included."""
    rows = await uow.fetch_all(_READ, {**_keys(keys), "tenant_id": uow.tenant_id, "nobody": NO_BRANCH})
    return {(found := _period(row)).key: found for row in rows}


async def lock(uow: UnitOfWork, keys: Iterable[PeriodKey]) -> dict[PeriodKey, Period]:
    """Makes periods that are missing, with the limit of this moment, and locks all of them in one order."""
    wanted = _keys(keys)
    params = {**wanted, "tenant_id": uow.tenant_id, "nobody": NO_BRANCH, "now": uow.now()}
    rows = await uow.fetch_all(_LOCK, params)
    if len(rows) < len(wanted["month"]):
        await uow.execute(_OPEN, params)
        rows = await uow.fetch_all(_LOCK, params)
    return {(found := _period(row)).key: found for row in rows}


_MOVE = f"""
UPDATE budget_period p SET reserved = p.reserved + d.reserved, spent = p.spent + d.spent,
    uncounted = p.uncounted + d.uncounted, updated_at = %(now)s
FROM {
    named_unnest(
        {
            "month": "text",
            "branch_id": "uuid",
            "reserved": "numeric",
            "spent": "numeric",
            "uncounted": "numeric",
        },
        alias="d",
    )
}
WHERE p.tenant_id = %(tenant_id)s AND p.month = d.month AND p.branch_id = d.branch_id
RETURNING {", ".join(f"p.{name}" for name in _PERIOD.split(", "))}
"""


async def move(uow: UnitOfWork, deltas: Mapping[PeriodKey, Delta]) -> list[Period]:
    """Adds to the sums of periods, which must be locked, and returns them as they then are."""
    if not deltas:
        return []
    rows = await uow.fetch_all(
        _MOVE,
        {
            **_keys(deltas),
            "reserved": [deltas[key].reserved for key in sorted(deltas)],
            "spent": [deltas[key].spent for key in sorted(deltas)],
            "uncounted": [deltas[key].uncounted for key in sorted(deltas)],
            "tenant_id": uow.tenant_id,
            "now": uow.now(),
        },
    )
    return [_period(row) for row in rows]


async def put_limit(uow: UnitOfWork, key: PeriodKey, limit: Decimal | None) -> Period:
    """Gives a period another limit, made when it is missing."""
    await lock(uow, [key])
    row = await uow.fetch_one(
        "UPDATE budget_period SET limit_amount = %s, updated_at = %s "
        f"WHERE tenant_id = %s AND month = %s AND branch_id = %s RETURNING {_PERIOD}",
        (limit, uow.now(), uow.tenant_id, *key),
    )
    assert row is not None  # noqa: S101 - it is locked
    return _period(row)


async def mark(uow: UnitOfWork, key: PeriodKey, level: Level) -> None:
    """Notes that a level was reached in a locked period."""
    column = {Level.THRESHOLD: "alerted_at", Level.EXHAUSTED: "exhausted_at"}[level]
    await uow.execute(
        f"UPDATE budget_period SET {column} = %s WHERE tenant_id = %s AND month = %s AND branch_id = %s",
        (uow.now(), uow.tenant_id, *key),
    )


async def open_before(uow: UnitOfWork, month: str) -> list[PeriodKey]:
    """Returns the periods before a month that are not closed."""
    rows = await uow.fetch_all(
        "SELECT month, branch_id FROM budget_period WHERE tenant_id = %s AND month < %s AND closed_at IS NULL "
        "ORDER BY month, branch_id",
        (uow.tenant_id, month),
    )
    return [PeriodKey(*row) for row in rows]


async def close(uow: UnitOfWork, keys: Sequence[PeriodKey]) -> None:
    """Closes locked periods: their limit stays what it is."""
    await uow.execute(
        "UPDATE budget_period SET closed_at = %(now)s, updated_at = %(now)s WHERE tenant_id = %(tenant_id)s "
        f"AND (month, branch_id) IN (SELECT month, branch_id FROM {named_unnest({'month': 'text', 'branch_id': 'uuid'}, alias='wanted')})",
        {**_keys(keys), "tenant_id": uow.tenant_id, "now": uow.now()},
    )


class MonthBegun(NamedTuple):
    """A tenant whose month has begun, and nobody opened it yet."""

    tenant_id: UUID
    month: str


async def months_begun(uow: UnitOfWork, now: datetime, after: UUID, limit: int) -> list[MonthBegun]:
    """Returns tenants without a period of their present month, or with one of an earlier month that is not closed.

    Needs a unit of work across tenants.
    """
    rows = await uow.fetch_all(
        """
        SELECT tenant_id, month FROM (
            SELECT tenant_id, to_char(%(now)s::timestamptz AT TIME ZONE default_time_zone, 'YYYY-MM') AS month
            FROM tenant WHERE tenant_id > %(after)s
        ) AS t
        WHERE NOT EXISTS (
            SELECT FROM budget_period p WHERE p.tenant_id = t.tenant_id AND p.month = t.month AND p.branch_id = %(nobody)s
        ) OR EXISTS (
            SELECT FROM budget_period p WHERE p.tenant_id = t.tenant_id AND p.month < t.month AND p.closed_at IS NULL
        )
        ORDER BY tenant_id LIMIT %(limit)s
        """,
        {"now": now, "after": after, "nobody": NO_BRANCH, "limit": limit},
    )
    return [MonthBegun(*row) for row in rows]


# What runs hold


async def has_reserved(uow: UnitOfWork, run_id: UUID) -> bool:
    """Returns whether a run reserved before."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM budget_reservation WHERE tenant_id = %s AND run_id = %s)",
            (uow.tenant_id, run_id),
        )
    )


async def hold(uow: UnitOfWork, month: str, campaign_id: UUID, run_id: UUID, found: Sequence[Share]) -> None:
    """Writes down what a run holds, with the entries of it."""
    now = uow.now()
    await uow.execute(
        f"""
        WITH held AS (
            INSERT INTO budget_reservation
                (tenant_id, run_id, branch_id, campaign_id, month, share, held, created_at, updated_at)
            SELECT %(tenant_id)s, %(run_id)s, branch_id, %(campaign_id)s, %(month)s, each, amount, %(now)s, %(now)s
            FROM {named_unnest({"entry_id": "uuid", "branch_id": "uuid", "amount": "numeric", "each": "numeric"})}
        )
        INSERT INTO budget_entry
            (tenant_id, entry_id, month, kind, amount, campaign_id, run_id, created_at, branch_id)
        SELECT %(tenant_id)s, entry_id, %(month)s, 'reserve', amount, %(campaign_id)s, %(run_id)s, %(now)s, branch_id
        FROM {named_unnest({"entry_id": "uuid", "branch_id": "uuid", "amount": "numeric", "each": "numeric"})}
        """,
        {
            "entry_id": uuid7s(len(found)),
            "branch_id": [one.branch_id for one in found],
            "amount": [one.amount for one in found],
            "each": [one.each for one in found],
            "tenant_id": uow.tenant_id,
            "run_id": run_id,
            "campaign_id": campaign_id,
            "month": month,
            "now": now,
        },
    )


async def months_of_runs(uow: UnitOfWork, run_ids: Sequence[UUID]) -> list[PeriodKey]:
    """Returns the periods that runs hold something of, those of their tenant included."""
    rows = await uow.fetch_all(
        "SELECT DISTINCT month, branch_id FROM budget_reservation WHERE tenant_id = %s AND run_id = ANY(%s) AND held > 0",
        (uow.tenant_id, list(run_ids)),
    )
    return sorted({key for month, branch in rows for key in (PeriodKey(month), PeriodKey(month, branch))})


async def branches_of_run(uow: UnitOfWork, run_id: UUID) -> list[UUID]:
    """Returns what a run reserved of, whether or not it still holds something."""
    rows = await uow.fetch_all(
        "SELECT branch_id FROM budget_reservation WHERE tenant_id = %s AND run_id = %s",
        (uow.tenant_id, run_id),
    )
    return [branch_id for (branch_id,) in rows]


async def held_by_run(uow: UnitOfWork, run_id: UUID) -> list[Held]:
    """Returns what a run still holds, locked."""
    rows = await uow.fetch_all(
        "SELECT run_id, branch_id, campaign_id, month, held FROM budget_reservation "
        "WHERE tenant_id = %s AND run_id = %s AND held > 0 ORDER BY branch_id FOR UPDATE",
        (uow.tenant_id, run_id),
    )
    return [Held(*row) for row in rows]


async def held_before(uow: UnitOfWork, month: str, states: Sequence[int]) -> tuple[list[Held], list[Held]]:
    """Returns what runs hold of months before one, locked: of runs in these states, and of runs that are over."""
    rows = await uow.fetch_all(
        "SELECT h.run_id, h.branch_id, h.campaign_id, h.month, h.held, COALESCE(r.state = ANY (%s::int2[]), false) "
        "FROM budget_reservation h "
        "LEFT JOIN campaign_run r ON r.tenant_id = h.tenant_id AND r.run_id = h.run_id "
        "WHERE h.tenant_id = %s AND h.month < %s AND h.held > 0 ORDER BY h.run_id, h.branch_id FOR UPDATE OF h",
        (list(states), uow.tenant_id, month),
    )
    live = [Held(*row[:5]) for row in rows if row[5]]
    return live, [Held(*row[:5]) for row in rows if not row[5]]


async def give_back(uow: UnitOfWork, found: Sequence[Held], *, into: str = "") -> None:
    """Ends what runs hold of their months, with entries; `into` another month they hold the same of it."""
    if not found:
        return
    columns = named_unnest(
        {
            "entry_id": "uuid",
            "run_id": "uuid",
            "branch_id": "uuid",
            "campaign_id": "uuid",
            "month": "text",
            "held": "numeric",
        },
        alias="h",
    )
    params = {
        "entry_id": uuid7s(len(found)),
        "run_id": [one.run_id for one in found],
        "branch_id": [one.branch_id for one in found],
        "campaign_id": [one.campaign_id for one in found],
        "month": [one.month for one in found],
        "held": [one.held for one in found],
        "tenant_id": uow.tenant_id,
        "into": into,
        "now": uow.now(),
    }
    entry = (
        "INSERT INTO budget_entry (tenant_id, entry_id, month, kind, amount, campaign_id, run_id, created_at, branch_id) "
        "SELECT %(tenant_id)s, entry_id, {}, {}, held, campaign_id, run_id, %(now)s, branch_id FROM "
    )
    await uow.execute(entry.format("month", "'release'") + columns, params)
    if into:
        await uow.execute(entry.format("%(into)s", "'reserve'") + columns, params)
    await uow.execute(
        f"UPDATE budget_reservation r SET month = {'%(into)s' if into else 'r.month'}, "
        f"held = {'r.held' if into else '0'}, updated_at = %(now)s FROM {columns} "
        "WHERE r.tenant_id = %(tenant_id)s AND r.run_id = h.run_id AND r.branch_id = h.branch_id",
        params,
    )


def _keys(keys: Iterable[PeriodKey]) -> dict[str, list[Any]]:
    found = sorted(set(keys))
    return {"month": [one.month for one in found], "branch_id": [one.branch_id for one in found]}


def _period(row: Sequence[Any]) -> Period:
    return Period(*row)
