"""SQL of notices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.campaign.notices.domain import State
from services.common.db.sets import columns, unnest
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that is to be handed over."""

    tenant_id: UUID
    notice_id: UUID
    source: str
    key: str
    rule: str
    contact_id: UUID | None
    staff_id: str | None
    language_code: str
    time_zone: str
    category: int
    template: str
    channels: Sequence[int]
    mode: int
    priority: int
    fallback_channel: int
    sealed: bytes
    countdown_to: datetime | None
    due_at: datetime
    expires_at: datetime
    attempts: int
    correlation_key: str
    correlation_id: str
    event_id: UUID | None
    branch_id: UUID | None
    campaign_id: UUID | None
    automation_run_id: UUID | None


_DUE: Final = ", ".join(Due.__slots__)

# Arrays inside a block are sent as their text.
_FIELDS: Final[Mapping[str, str]] = {
    "notice_id": "uuid",
    "source": "text",
    "key": "text",
    "rule": "text",
    "contact_id": "uuid",
    "staff_id": "text",
    "address_hashes": "text",
    "language_code": "text",
    "time_zone": "text",
    "category": "smallint",
    "template": "text",
    "channels": "text",
    "mode": "smallint",
    "priority": "smallint",
    "fallback_channel": "smallint",
    "sealed": "bytea",
    "countdown_to": "timestamptz",
    "due_at": "timestamptz",
    "expires_at": "timestamptz",
    "correlation_key": "text",
    "correlation_id": "text",
    "event_id": "uuid",
    "branch_id": "uuid",
    "campaign_id": "uuid",
    "automation_run_id": "uuid",
}
WRITTEN: Final = tuple(_FIELDS)
_CASTS: Final = {"address_hashes": "::bytea[]", "channels": "::smallint[]"}

_INSERT: Final = f"""
INSERT INTO notice (tenant_id, {", ".join(_FIELDS)}, next_try_at, created_at, updated_at)
SELECT %b, {", ".join(name + _CASTS.get(name, "") for name in _FIELDS)}, due_at, %b, %b
FROM {unnest(_FIELDS)}
ON CONFLICT (tenant_id, source, key) DO NOTHING
"""


async def insert(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> int:
    """Adds notices whose key is new; values stand in the order of WRITTEN."""
    now = uow.now()
    return await uow.execute(_INSERT, [uow.tenant_id, now, now, *columns(rows, len(_FIELDS))])


# Each lane by itself, so that what is critical never waits behind a multitude that is not. What is to be cancelled at
# delivery goes first: a later notice of the same key must not be cancelled with the former ones.
_CLAIM: Final = f"""
UPDATE notice AS n SET attempts = n.attempts + 1, next_try_at = %(until)s, updated_at = %(now)s
FROM (
    SELECT found.tenant_id, found.notice_id
    FROM (VALUES (1), (2), (3), (4)) AS lane (priority)
    CROSS JOIN LATERAL (
        SELECT tenant_id, notice_id FROM notice
        WHERE state = 'waiting' AND priority = lane.priority AND next_try_at <= %(now)s
            AND NOT EXISTS (
                SELECT FROM notice_cancellation AS c
                WHERE c.tenant_id = notice.tenant_id AND c.correlation_key = notice.correlation_key
                    AND c.message_id IS NULL
            )
        ORDER BY next_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) AS found
    LIMIT %(limit)s
) AS next
WHERE n.tenant_id = next.tenant_id AND n.notice_id = next.notice_id
RETURNING {", ".join(f"n.{name}" for name in Due.__slots__)}
"""


async def claim(uow: UnitOfWork, lease: timedelta, limit: int) -> list[Due]:
    """Takes what is due, for as long as the lease lasts; needs a unit of work across tenants."""
    now = uow.now()
    rows = await uow.fetch_all(_CLAIM, {"now": now, "until": now + lease, "limit": limit})
    return [Due(*row) for row in rows]


_SETTLED: Final = {"notice_id": "uuid", "state": "text", "reason": "text", "message_ids": "text"}
_SETTLE: Final = f"""
WITH s AS (
    SELECT * FROM {unnest(_SETTLED, "s")}
), held AS (
    -- In one order everywhere: two that end the same notices do not wait for each other crosswise.
    SELECT notice_id FROM notice
    WHERE tenant_id = %b AND notice_id IN (SELECT notice_id FROM s) AND state = 'waiting'
    ORDER BY notice_id FOR UPDATE
)
UPDATE notice AS n SET state = s.state, reason = s.reason, message_ids = s.message_ids::uuid[], sealed = NULL,
    updated_at = %b
FROM s JOIN held USING (notice_id)
WHERE n.tenant_id = %b AND n.notice_id = s.notice_id
RETURNING n.notice_id
"""


async def settle(uow: UnitOfWork, settled: Sequence[tuple[UUID, State, str, Sequence[UUID]]]) -> set[UUID]:
    """Ends notices that wait, and returns which did; the others were ended by somebody else."""
    rows = [(one, str(state), reason, _array(ids)) for one, state, reason, ids in settled]
    # In the order in which the statement names its parameters.
    values = [*columns(rows, len(_SETTLED)), uow.tenant_id, uow.now(), uow.tenant_id]
    found = await uow.fetch_all(_SETTLE, values)
    return {notice_id for (notice_id,) in found}


async def postpone(uow: UnitOfWork, notice_ids: Sequence[UUID], until: datetime) -> None:
    """Lets notices be tried again later, and not before they are due: they may have been given another time."""
    await uow.execute(
        "UPDATE notice SET next_try_at = greatest(due_at, %(until)s), updated_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND notice_id IN ("
        "   SELECT notice_id FROM notice WHERE tenant_id = %(tenant_id)s AND notice_id = ANY(%(ids)s)"
        "     AND state = 'waiting' ORDER BY notice_id FOR UPDATE)",
        {"until": until, "now": uow.now(), "tenant_id": uow.tenant_id, "ids": list(notice_ids)},
    )


# None stands for any rule, and for any reader.
_MEANT: Final = """
tenant_id = %(tenant_id)s AND correlation_key = %(key)s AND (%(rule)s::text IS NULL OR rule = %(rule)s)
    AND (%(contacts)s::uuid[] IS NULL OR contact_id = ANY(%(contacts)s))
"""
_CANCEL: Final = f"""
UPDATE notice AS n SET state = 'cancelled', reason = %(reason)s, sealed = NULL, updated_at = %(now)s
FROM (SELECT notice_id FROM notice WHERE {_MEANT} AND state = 'waiting' ORDER BY notice_id FOR UPDATE) AS held
WHERE n.tenant_id = %(tenant_id)s AND n.notice_id = held.notice_id
RETURNING n.notice_id, n.due_at, n.channels, n.attempts > 0
"""
_SENT: Final = f"""
SELECT message_ids FROM notice WHERE {_MEANT} AND expires_at > %(now)s AND state = 'sent'
"""


class Meant(NamedTuple):
    """Notices of a correlation key: all of them, or those of one rule, or of some readers."""

    key: str
    rule: str | None = None
    contact_ids: Sequence[UUID] | None = None


class Ended(NamedTuple):
    """A notice that waited, and was ended."""

    notice_id: UUID
    due_at: datetime
    channels: Sequence[int]
    is_on_its_way: bool
    """Whether it may be, or is about to be at delivery."""


async def cancel(uow: UnitOfWork, meant: Meant, reason: str) -> list[Ended]:
    """Ends what waits, and returns it."""
    rows = await uow.fetch_all(_CANCEL, {**_named(uow, meant), "reason": reason})
    return [Ended(*row) for row in rows]


_CANCEL_KEYS: Final = """
UPDATE notice AS n SET state = 'cancelled', reason = %(reason)s, sealed = NULL, updated_at = %(now)s
FROM (
    SELECT notice_id FROM notice
    WHERE tenant_id = %(tenant_id)s AND source = %(source)s AND key = ANY(%(keys)b::text[]) AND state = 'waiting'
    ORDER BY notice_id FOR UPDATE
) AS held
WHERE n.tenant_id = %(tenant_id)s AND n.notice_id = held.notice_id
RETURNING n.notice_id, n.due_at, n.channels, n.attempts > 0
"""


async def cancel_keys(uow: UnitOfWork, source: str, keys: Sequence[str], reason: str) -> list[Ended]:
    """Ends what waits of a source under keys of its own, and returns it."""
    rows = await uow.fetch_all(
        _CANCEL_KEYS,
        {
            "tenant_id": uow.tenant_id,
            "source": source,
            "keys": list(keys),
            "reason": reason,
            "now": uow.now(),
        },
    )
    return [Ended(*row) for row in rows]


async def sent(uow: UnitOfWork, meant: Meant) -> list[UUID]:
    """Returns the messages that were handed over and may still wait at delivery."""
    rows = await uow.fetch_all(_SENT, _named(uow, meant))
    return [one for (ids,) in rows for one in ids]


def _named(uow: UnitOfWork, meant: Meant) -> dict[str, Any]:
    contacts = None if meant.contact_ids is None else list(meant.contact_ids)
    return {
        "tenant_id": uow.tenant_id,
        "key": meant.key,
        "rule": meant.rule,
        "contacts": contacts,
        "now": uow.now(),
    }


async def move(uow: UnitOfWork, key: str, rule: str, due_at: datetime, expires_at: datetime) -> int:
    """Gives what waits under a correlation key and rule another time; returns how many it was."""
    return await uow.execute(
        "UPDATE notice SET due_at = %(due)s, next_try_at = %(due)s, expires_at = %(expires)s, updated_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND notice_id IN ("
        f"   SELECT notice_id FROM notice WHERE {_MEANT} AND state = 'waiting' ORDER BY notice_id FOR UPDATE)",
        {
            "contacts": None,
            "tenant_id": uow.tenant_id,
            "key": key,
            "rule": rule,
            "due": due_at,
            "expires": expires_at,
            "now": uow.now(),
        },
    )


async def rename(uow: UnitOfWork, before: str, after: str) -> int:
    """Puts what stands under one correlation key under another."""
    return await uow.execute(
        "UPDATE notice SET correlation_key = %(after)s, updated_at = %(now)s WHERE tenant_id = %(tenant_id)s"
        " AND notice_id IN (SELECT notice_id FROM notice WHERE tenant_id = %(tenant_id)s"
        "   AND correlation_key = %(before)s ORDER BY notice_id FOR UPDATE)",
        {"tenant_id": uow.tenant_id, "before": before, "after": after, "now": uow.now()},
    )


async def delete_old(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes settled notices made before an instant; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM notice WHERE (tenant_id, notice_id) IN (SELECT tenant_id, notice_id FROM notice"
        " WHERE created_at < %s AND state <> 'waiting' LIMIT %s)",
        (before, limit),
    )


def _array(ids: Sequence[UUID]) -> str:
    return f"{{{','.join(map(str, ids))}}}"
