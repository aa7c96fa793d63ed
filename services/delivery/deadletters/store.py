"""The SQL of dead letters: pages of them, and what retrying makes of their messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.deadletters.domain import OUTLIVED, DeadLetter, Filter, Resolution
from services.delivery.dispatch.domain import DUPLICATE_ACCEPTED

_LETTERS: Final = """
SELECT d.message_id, m.contact_id, m.channel, m.category, m.campaign_id, c.run_id, c.template_name,
    coalesce(m.provider, ''), d.reason, d.last_error, d.attempt_count, d.created_at, coalesce(m.expire_at, c.expire_at),
    d.resolution, d.resolved_by, d.resolved_at, d.note, m.state, c.message_class
FROM dead_letter d
JOIN message m ON m.tenant_id = d.tenant_id AND m.message_id = d.message_id
JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
WHERE d.tenant_id = %(tenant_id)s AND {}
"""

_CONDITIONS: Final = {
    "channel": "m.channel = %(channel)s",
    "category": "m.category = %(category)s",
    "reason": "d.reason = %(reason)s",
    "provider": "m.provider = %(provider)s",
    "campaign_id": "m.campaign_id = %(campaign_id)s",
    "run_id": "c.run_id = %(run_id)s",
    "contact_id": "m.contact_id = %(contact_id)s",
    "start": "d.created_at >= %(start)s",
    "end": "d.created_at < %(end)s",
}

_RESOLUTIONS: Final = {
    Resolution.OPEN: "d.resolution IS NULL",
    Resolution.RETRIED: "d.resolution = 'retried'",
    Resolution.DISCARDED: "d.resolution = 'discarded'",
}

_PENDING = """
UPDATE message SET state = 1, series_start = attempt_count, reason = NULL, failure_code = NULL, failed_at = NULL,
    wake_at = NULL
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND state = 11
"""

_ACCEPT_DUPLICATE = """
UPDATE attempt SET code = %(code)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND outcome = 4
"""

_EXISTS = "SELECT 1 FROM dead_letter WHERE tenant_id = %s AND message_id = %s"

# Their messages go with the month they were made in; what is left then says nothing to anybody.
_CLOSE = """
UPDATE dead_letter SET resolution = 'discarded', resolved_by = 'retention', resolved_at = %(now)s, note = %(note)s
WHERE (tenant_id, message_id) IN (
    SELECT tenant_id, message_id FROM dead_letter
    WHERE resolution IS NULL AND message_id < %(before)s LIMIT %(limit)s
)
"""

_FORGET = """
DELETE FROM dead_letter WHERE (tenant_id, message_id) IN (
    SELECT tenant_id, message_id FROM dead_letter WHERE resolved_at < %s LIMIT %s
)
"""

_RESOLVE = """
UPDATE dead_letter SET resolution = %(resolution)s, resolved_by = %(actor)s, resolved_at = %(now)s, note = %(note)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[])
"""


def _asked(wanted: Filter) -> tuple[list[str], dict[str, Any]]:
    given = {name: value for name in _CONDITIONS if (value := getattr(wanted, name)) is not None}
    return [_CONDITIONS[name] for name in given], given


async def page(
    uow: UnitOfWork, wanted: Filter, resolution: Resolution, after: tuple[datetime, UUID] | None, limit: int
) -> list[DeadLetter]:
    """Returns dead letters, newest first, behind the one a page ended with."""
    conditions, params = _asked(wanted)
    conditions.append(_RESOLUTIONS[resolution])
    if after is not None:
        conditions.append("(d.created_at, d.message_id) < (%(at)s, %(id)s)")
        params |= {"at": after[0], "id": after[1]}
    rows = await uow.fetch_all(
        f"{_LETTERS.format(' AND '.join(conditions))} ORDER BY d.created_at DESC, d.message_id DESC LIMIT %(limit)s",
        {**params, "tenant_id": uow.tenant_id, "limit": limit},
    )
    return [DeadLetter(*row) for row in rows]


async def oldest(uow: UnitOfWork, wanted: Filter, limit: int) -> list[UUID]:
    """Returns the messages of open letters, oldest first."""
    conditions, params = _asked(wanted)
    conditions.append(_RESOLUTIONS[Resolution.OPEN])
    rows = await uow.fetch_all(
        f"{_LETTERS.format(' AND '.join(conditions))} ORDER BY d.created_at, d.message_id LIMIT %(limit)s",
        {**params, "tenant_id": uow.tenant_id, "limit": limit},
    )
    return [row[0] for row in rows]


async def lock(uow: UnitOfWork, ids: Sequence[UUID]) -> list[DeadLetter]:
    """Locks letters and their messages, in the order of their ids, and returns them."""
    rows = await uow.fetch_all(
        f"{_LETTERS.format('d.message_id = ANY (%(ids)s)')} ORDER BY d.message_id FOR UPDATE OF m, d",
        {"tenant_id": uow.tenant_id, "ids": list(ids)},
    )
    return [DeadLetter(*row) for row in rows]


async def exists(uow: UnitOfWork, message_id: UUID) -> bool:
    """Returns whether there is a letter, with its message or without."""
    return await uow.fetch_value(_EXISTS, (uow.tenant_id, message_id)) is not None


async def accept_duplicates(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Lets messages that may have gone out by one account go by any other as well."""
    packed = columns.uuids([one.bytes for one in ids])
    await uow.execute(
        _ACCEPT_DUPLICATE, {"tenant_id": uow.tenant_id, "ids": packed, "code": DUPLICATE_ACCEPTED}
    )


async def close_outlived(uow: UnitOfWork, before: UUID, now: datetime, limit: int) -> int:
    """Puts aside open letters whose messages are due to be removed; needs a unit of work across tenants."""
    return await uow.execute(_CLOSE, {"before": before, "now": now, "limit": limit, "note": OUTLIVED})


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes letters that were resolved before an instant; needs a unit of work across tenants."""
    return await uow.execute(_FORGET, (before, limit))


async def make_pending(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Gives failed messages a fresh series of tries; their earlier tries stay on record."""
    await uow.execute(
        _PENDING, {"tenant_id": uow.tenant_id, "ids": columns.uuids([one.bytes for one in ids])}
    )


async def resolve(
    uow: UnitOfWork, ids: Sequence[UUID], resolution: Resolution, actor: str, note: str, now: datetime
) -> None:
    """Notes what became of letters."""
    await uow.execute(
        _RESOLVE,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids([one.bytes for one in ids]),
            "resolution": resolution.name.lower(),
            "actor": actor,
            "note": note,
            "now": now,
        },
    )
