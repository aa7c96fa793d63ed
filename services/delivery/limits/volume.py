"""How much a tenant sends a day and a month: counters in PostgreSQL, taken before the call (DEL-69)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.common.db.uow import UnitOfWork
from services.delivery.messages.domain import Channel

_LIMITS = "SELECT daily, monthly, time_zone FROM tenant_limit WHERE tenant_id = %s AND channel = %s"

_COUNTERS = """
INSERT INTO tenant_volume (tenant_id, channel, period, used, updated_at)
SELECT %(tenant_id)s, %(channel)s, p, 0, %(now)s FROM unnest(%(periods)s::text[]) AS p ORDER BY p
ON CONFLICT (tenant_id, channel, period) DO NOTHING
"""

_LOCKED = """
SELECT period, used FROM tenant_volume
WHERE tenant_id = %(tenant_id)s AND channel = %(channel)s AND period = ANY (%(periods)s) ORDER BY period FOR UPDATE
"""

_ADD = """
UPDATE tenant_volume SET used = greatest(used + %(count)s, 0), updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND channel = %(channel)s AND period = ANY (%(periods)s)
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages of a block may go, and when the next period begins for the rest."""

    granted: int
    periods: tuple[str, ...] = ()
    next_at: datetime | None = None


async def take(uow: UnitOfWork, channel: Channel, count: int, *, held_back: bool, now: datetime) -> Grant:
    """Counts a block against the tenant's volume and returns how much of it may go.

    `held_back` is false for transactional and critical messages: they are counted and sent all the same.
    """
    row = await uow.fetch_one(_LIMITS, (uow.tenant_id, int(channel)))
    if row is None or (row[0] is None and row[1] is None):
        return Grant(count)
    daily, monthly, zone_name = row
    today = now.astimezone(ZoneInfo(zone_name))
    limits = {}
    if daily is not None:
        limits[f"{today:%Y-%m-%d}"] = daily
    if monthly is not None:
        limits[f"{today:%Y-%m}"] = monthly
    periods = tuple(sorted(limits))
    params = {"tenant_id": uow.tenant_id, "channel": int(channel), "periods": list(periods), "now": now}
    await uow.execute(_COUNTERS, params)
    used = dict(await uow.fetch_all(_LOCKED, params))
    room = min(max(limits[period] - used[period], 0) for period in periods)
    granted = min(count, room) if held_back else count
    uow.defer(_ADD, {**params, "count": granted})
    if granted == count:
        return Grant(count, periods)
    is_month = any(len(period) == 7 and limits[period] - used[period] < count for period in periods)
    return Grant(granted, periods, _next_start(today, month=is_month))


def give_back(uow: UnitOfWork, channel: Channel, grant: Grant, count: int, now: datetime) -> None:
    """Takes back with the commit what was counted for messages that did not go."""
    if grant.periods and count:
        uow.defer(
            _ADD,
            {
                "tenant_id": uow.tenant_id,
                "channel": int(channel),
                "periods": list(grant.periods),
                "count": -count,
                "now": now,
            },
        )


def _next_start(today: datetime, *, month: bool) -> datetime:
    start = today.replace(hour=0, minute=0, second=0, microsecond=0)
    start = (start.replace(day=1) + timedelta(days=32)).replace(day=1) if month else start + timedelta(days=1)
    return start.astimezone(UTC)
