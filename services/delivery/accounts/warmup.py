"""Warm-up: how many messages a new account hands over a day, and what it has handed over today (W12).

Days are those of UTC. The counter is taken before the hand-over and in one statement, so all workers together keep it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.common.db.database import Database
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=3)

_USED = """
SELECT d.account_id, d.used FROM account_day d
WHERE d.account_id = ANY (%(ids)s) AND d.tenant_id = ANY (%(tenants)s) AND d.day = %(day)s
"""

# How much there was room for is told by comparing before and after, under the row's lock.
_OPEN = """
INSERT INTO account_day (tenant_id, account_id, day, used) VALUES (%(tenant_id)s, %(account_id)s, %(day)s, 0)
ON CONFLICT (tenant_id, account_id, day) DO NOTHING
"""

_TAKE = """
WITH before AS (
    SELECT used FROM account_day
    WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s AND day = %(day)s FOR UPDATE
), granted AS (
    SELECT CASE WHEN %(is_held)s THEN greatest(least(%(count)s, %(maximum)s - used), 0) ELSE %(count)s END AS count
    FROM before
)
UPDATE account_day d SET used = d.used + g.count FROM granted g
WHERE d.tenant_id = %(tenant_id)s AND d.account_id = %(account_id)s AND d.day = %(day)s
RETURNING g.count
"""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A schedule: its first day, and steps of a day's number and the most it hands over."""

    start: date
    steps: tuple[tuple[int, int], ...]

    def maximum(self, on: date) -> int | None:
        """Returns how many messages may be handed over on a day; None when nothing is held back any more.

        The days between two steps rise evenly; before its first day nothing is handed over.
        """
        number = (on - self.start).days + 1
        if number < 1:
            return 0
        low = self.steps[0]
        for high in self.steps:
            if number == high[0]:
                return high[1]
            if number < high[0]:
                return low[1] + (high[1] - low[1]) * (number - low[0]) // (high[0] - low[0])
            low = high
        return None

    def stored(self) -> dict[str, Any]:
        """Returns it as it is stored."""
        return {"start": self.start.isoformat(), "steps": [list(step) for step in self.steps]}


def schedule(stored: Mapping[str, Any] | None) -> WarmUp | None:
    """Returns a stored schedule."""
    if not stored:
        return None
    return WarmUp(date.fromisoformat(stored["start"]), tuple((day, most) for day, most in stored["steps"]))


def today(now: datetime) -> date:
    """Returns the day that is counted."""
    return now.astimezone(UTC).date()


def next_day(now: datetime) -> datetime:
    """Returns when the next day begins."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


async def used(
    uow: UnitOfWork, tenants: Iterable[UUID], account_ids: Sequence[UUID], now: datetime
) -> dict[UUID, int]:
    """Returns what accounts have handed over today; needs a unit of work that sees them."""
    rows = await uow.fetch_all(_USED, {"tenants": list(tenants), "ids": list(account_ids), "day": today(now)})
    return dict(rows)


async def take(
    database: Database,
    tenant_id: UUID,
    account_id: UUID,
    count: int,
    maximum: int,
    *,
    is_held: bool,
    now: datetime,
) -> int:
    """Counts messages that are about to be handed over and returns how many may be; all when `is_held` is false."""
    values = {
        "tenant_id": tenant_id,
        "account_id": account_id,
        "day": today(now),
        "count": count,
        "maximum": maximum,
        "is_held": is_held,
    }
    async with database.system() as uow:
        await uow.execute(_OPEN, values)
        granted: int = await uow.fetch_value(_TAKE, values)
    return granted


async def forget(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes up to `limit` days that are over; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM account_day WHERE (tenant_id, account_id, day) IN"
        " (SELECT tenant_id, account_id, day FROM account_day WHERE day < %s LIMIT %s)",
        (today(now - KEPT), limit),
    )
