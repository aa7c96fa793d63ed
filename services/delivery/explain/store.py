"""The SQL of explanations: counts against caps as they stand, and the account of a run."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.explain.domain import Line, RunMessage

_USAGE = """
SELECT count(*) FILTER (WHERE channel = %(channel)s AND taken_at >= %(midnight)s),
    count(*) FILTER (WHERE is_marketing AND taken_at >= %(midnight)s), count(*) FILTER (WHERE is_marketing),
    count(*) FILTER (WHERE is_marketing AND taken_at > %(day_ago)s)
FROM send_slot WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND taken_at > %(week_ago)s
"""

_VOLUME = """
SELECT l.daily, l.monthly, l.time_zone,
    (SELECT used FROM tenant_volume v WHERE v.tenant_id = l.tenant_id AND v.channel = l.channel
     AND v.period = to_char(%(now)s::timestamptz AT TIME ZONE l.time_zone, 'YYYY-MM-DD')),
    (SELECT used FROM tenant_volume v WHERE v.tenant_id = l.tenant_id AND v.channel = l.channel
     AND v.period = to_char(%(now)s::timestamptz AT TIME ZONE l.time_zone, 'YYYY-MM'))
FROM tenant_limit l WHERE l.tenant_id = %(tenant_id)s AND l.channel = %(channel)s
"""

STANDING: Final = """
CASE WHEN m.state IN (7, 8, 9, 10) THEN 2
    WHEN m.state = 15 OR m.state = 11 AND m.reason = 'outcome_unknown' THEN 5
    WHEN m.state IN (11, 13, 14) THEN 3
    WHEN m.state = 12 THEN 4
    ELSE 1 END
"""
"""Where a message stands, by its state; what was given up as unknown is still in doubt."""

# Nobody may get it twice: no provider took it, nobody doubts that, and nothing took its place.
RESENDABLE: Final = """
(m.state IN (11, 12, 13, 14) AND m.sent_at IS NULL AND m.reason IS DISTINCT FROM 'outcome_unknown'
    AND m.fallback_message_id IS NULL AND m.digest_id IS NULL)
"""

_RUN = """
SELECT (array_agg(first_id ORDER BY first_id))[1], (array_agg(last_id ORDER BY last_id DESC))[1],
    (array_agg(campaign_id))[1]
FROM content WHERE tenant_id = %s AND run_id = %s AND fallback_from IS NULL
"""

_OF_RUN: Final = """
FROM message m JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
WHERE m.tenant_id = %(tenant_id)s AND m.campaign_id {campaign}
  AND m.message_id BETWEEN %(first)s AND %(last)s AND c.run_id = %(run_id)s AND m.fallback_of IS NULL
"""

_LINES = f"""
SELECT {STANDING} AS standing, m.state, coalesce(m.reason, ''), count(*), count(*) FILTER (WHERE {RESENDABLE})
{_OF_RUN} GROUP BY 1, 2, 3 ORDER BY 1, 2, 4 DESC, 3
"""

_PAGE = f"""
SELECT m.message_id, m.contact_id, {STANDING} AS standing, m.state, coalesce(m.reason, ''), {RESENDABLE}
{_OF_RUN} AND m.message_id > %(after)s {{conditions}} ORDER BY m.message_id LIMIT %(limit)s
"""


class Volume(NamedTuple):
    """How much of a tenant's volume is used; None where there is no limit."""

    daily: int | None
    monthly: int | None
    time_zone: str
    used_today: int | None
    used_this_month: int | None


async def usage(
    uow: UnitOfWork, contact_id: UUID, channel: int, midnight: datetime, now: datetime
) -> tuple[int, int, int, int]:
    """Returns what a contact received: on the channel today, marketing today, in a week, in 24 hours."""
    row = await uow.fetch_one(
        _USAGE,
        {
            "tenant_id": uow.tenant_id,
            "contact_id": contact_id,
            "channel": channel,
            "midnight": midnight,
            "day_ago": now - timedelta(hours=24),
            "week_ago": now - timedelta(days=7),
        },
    )
    return (0, 0, 0, 0) if row is None else (row[0], row[1], row[2], row[3])


async def volume(uow: UnitOfWork, channel: int, now: datetime) -> Volume | None:
    """Returns a tenant's volume on a channel; None when it has no limit."""
    row = await uow.fetch_one(_VOLUME, {"tenant_id": uow.tenant_id, "channel": channel, "now": now})
    return None if row is None else Volume(*row)


async def run_lines(uow: UnitOfWork, run_id: UUID) -> list[Line]:
    """Returns the account of a run, by standing, state and reason."""
    scope = await _scope(uow, run_id)
    return (
        []
        if scope is None
        else [Line(*row) for row in await uow.fetch_all(_LINES.format(campaign=_campaign(scope)), scope)]
    )


async def run_page(
    uow: UnitOfWork,
    run_id: UUID,
    *,
    standing: int,
    reason: str,
    resendable_only: bool,
    after: UUID | None,
    limit: int,
) -> Sequence[RunMessage]:
    """Returns messages of a run in the order of their ids, behind the one a page ended with."""
    scope = await _scope(uow, run_id)
    if scope is None:
        return []
    conditions = [
        f"AND ({STANDING}) = %(standing)s" if standing else "",
        "AND m.reason = %(reason)s" if reason else "",
        f"AND {RESENDABLE}" if resendable_only else "",
    ]
    values = {
        **scope,
        "standing": standing,
        "reason": reason,
        "after": after or UUID(int=0),
        "limit": limit,
    }
    query = _PAGE.format(conditions=" ".join(conditions), campaign=_campaign(scope))
    return [RunMessage(*row) for row in await uow.fetch_all(query, values)]


def _campaign(scope: Mapping[str, Any]) -> str:
    """Returns the condition by which the index of campaigns is used, where there is one."""
    return "= %(campaign_id)s" if scope["campaign_id"] else "IS NULL"


async def _scope(uow: UnitOfWork, run_id: UUID) -> dict[str, Any] | None:
    row = await uow.fetch_one(_RUN, (uow.tenant_id, run_id))
    if row is None or row[0] is None:
        return None
    first, last, campaign_id = row
    return {
        "tenant_id": uow.tenant_id,
        "run_id": run_id,
        "campaign_id": campaign_id,
        "first": first,
        "last": last,
    }
