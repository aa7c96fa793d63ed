"""How much a tenant sends a day and a month: counters in PostgreSQL, taken before the call (DEL-69).

The limits are the tenant's settings, which campaign tells of.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, cast
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from google.protobuf.message import Message

from angarium.campaign.v1 import campaign_events_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event
from services.delivery.enums import wire
from services.delivery.messages.domain import Channel

_VOLUMES: Final = UUID("c1f6b1de-52c8-4d0e-9c7e-4c1d5f0a7b3a")
"""Namespace of the subjects of alerts."""

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


_USED = "SELECT period, used FROM tenant_volume WHERE tenant_id = %s AND channel = %s AND period = ANY (%s)"

_SET = """
INSERT INTO tenant_limit (tenant_id, channel, daily, monthly, time_zone, updated_at)
VALUES (%(tenant_id)s, %(channel)s, nullif(%(daily)s, 0), nullif(%(monthly)s, 0), %(time_zone)s, %(now)s)
ON CONFLICT (tenant_id, channel) DO UPDATE
SET daily = excluded.daily, monthly = excluded.monthly, time_zone = excluded.time_zone, updated_at = excluded.updated_at
"""

# One alert for each limit and period, whichever worker reached it: they hold the lock of its counter. The mark is
# kept as if it were of the period's end.
_MARK = """
INSERT INTO alert_mark (tenant_id, kind, subject_id, hour)
VALUES (%(tenant_id)s, 'tenant_volume', %(subject)s, date_trunc('hour', %(now)s::timestamptz + interval '32 days'))
ON CONFLICT DO NOTHING
"""
_MARKED = "SELECT true FROM alert_mark WHERE tenant_id = %(tenant_id)s AND kind = 'tenant_volume' AND subject_id = %(subject)s"


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
    for period in periods:
        if used[period] + granted >= limits[period]:
            await _tell(uow, channel, period, limits[period], now)
    if granted == count:
        return Grant(count, periods)
    is_month = any(len(period) == 7 and limits[period] - used[period] < count for period in periods)
    return Grant(granted, periods, _next_start(today, month=is_month))


async def next_room(uow: UnitOfWork, channel: Channel, now: datetime) -> datetime | None:
    """Returns when there is room again for what is held back, or None when there is some now; nothing is counted."""
    row = await uow.fetch_one(_LIMITS, (uow.tenant_id, int(channel)))
    if row is None:
        return None
    today = now.astimezone(ZoneInfo(row[2]))
    limits = {f"{today:%Y-%m-%d}": row[0], f"{today:%Y-%m}": row[1]}
    used = dict(await uow.fetch_all(_USED, (uow.tenant_id, int(channel), list(limits))))
    full = [period for period, limit in limits.items() if limit is not None and used.get(period, 0) >= limit]
    return _next_start(today, month=any(len(period) == 7 for period in full)) if full else None


async def follow(uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
    """Keeps the limits of a tenant as its settings say, and the zone it is billed in."""
    updated = cast("campaign_events_pb2.MarketingSettingsUpdated", payload)
    settings, zone = updated.settings, updated.tenant.default_time_zone or "UTC"
    given = {
        Channel.EMAIL: (settings.daily_email_limit, settings.monthly_email_limit),
        Channel.SMS: (settings.daily_sms_limit, settings.monthly_sms_limit),
    }
    for channel, (daily, monthly) in given.items():
        await uow.execute(
            _SET,
            {
                "tenant_id": uow.tenant_id,
                "channel": int(channel),
                "daily": daily,
                "monthly": monthly,
                "time_zone": zone,
                "now": uow.now(),
            },
        )


HANDLERS: Final = {"marketing_settings.updated": follow}


async def _tell(uow: UnitOfWork, channel: Channel, period: str, limit: int, now: datetime) -> None:
    row = {
        "tenant_id": uow.tenant_id,
        "subject": uuid5(_VOLUMES, f"{int(channel)} {period}"),
        "now": now,
    }
    if await uow.fetch_value(_MARKED, row) or not await uow.execute(_MARK, row):
        return
    payload = events.TenantVolumeReached(channel=wire(channel), period=period, limit=limit)
    uow.emit(Event("tenant.volume_reached", "tenant", str(uow.tenant_id), payload))


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
