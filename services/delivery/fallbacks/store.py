"""The SQL of fallbacks: which failed messages get one, and how both are linked."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns

# Locked by whoever records the failure; a message that has a fallback never gets a second one. What was given up as
# unknown may have arrived, so nothing takes its place.
_DUE = """
SELECT uuid_send(m.message_id), uuid_send(m.contact_id), uuid_send(m.content_id), m.position, uuid_send(k.secret)
FROM message m
JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
LEFT JOIN LATERAL (
    SELECT secret FROM person_key WHERE tenant_id = %(tenant_id)s AND contact_id = m.contact_id LIMIT 1
) AS k ON true
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = ANY (%(ids)b::uuid[]) AND m.state IN (10, 11)
  AND m.delivered_at IS NULL AND m.reason IS DISTINCT FROM 'outcome_unknown'
  AND m.fallback_of IS NULL AND m.fallback_message_id IS NULL
  AND c.fallback_version_id IS NOT NULL AND c.cancelled_at IS NULL AND coalesce(m.expire_at, c.expire_at) > %(now)s
ORDER BY m.message_id FOR UPDATE OF m
"""

_CONTENTS = """
SELECT uuid_send(content_id), channel, category, lane, origin, branch_id, campaign_id, run_id, variant_key,
    correlation_key, correlation_id, is_staff, name, expire_at, has_own_expiry, fallback_channel, fallback_version_id,
    fallback_template, source, event_id, rule, trigger_type, automation_run_id, coalesce(traceparent, '')
FROM content WHERE tenant_id = %(tenant_id)s AND content_id = ANY (%(contents)b::uuid[])
"""

_CHUNKS = """
SELECT uuid_send(c.content_id), c.chunk, c.sealed
FROM unnest(%(contents)b::uuid[], %(numbers)b::int2[]) AS r (content_id, chunk)
JOIN message_content c ON c.tenant_id = %(tenant_id)s AND c.content_id = r.content_id AND c.chunk = r.chunk
"""

_LINK = """
UPDATE message m SET fallback_message_id = r.other
FROM unnest(%(ids)b::uuid[], %(others)b::uuid[]) AS r (id, other)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
  AND m.fallback_message_id IS NULL
"""

_LINK_BACK = """
UPDATE message m SET fallback_of = r.id
FROM unnest(%(ids)b::uuid[], %(others)b::uuid[]) AS r (id, other)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.other AND m.message_id = ANY (%(others)b::uuid[])
"""


class Failed(NamedTuple):
    """A failed message that gets a fallback."""

    message_id: bytes
    contact_id: bytes | None
    content_id: bytes
    position: int
    secret: bytes | None


class Shared(NamedTuple):
    """What failed messages of one content share."""

    content_id: bytes
    channel: int
    category: int
    lane: int
    origin: int
    branch_id: UUID | None
    campaign_id: UUID | None
    run_id: UUID | None
    variant_key: str
    correlation_key: str
    correlation_id: str
    is_staff: bool
    name: str
    expire_at: datetime
    has_own_expiry: bool
    fallback_channel: int
    fallback_version_id: UUID
    fallback_template: str
    source: str
    event_id: str
    rule: str
    trigger_type: str
    automation_run_id: UUID | None
    traceparent: str


async def due(uow: UnitOfWork, ids: Sequence[bytes], now: datetime) -> list[Failed]:
    """Locks and returns those of the messages that failed for good, did not arrive, and have no fallback yet."""
    rows = await uow.fetch_all(_DUE, {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids), "now": now})
    return [Failed(*row) for row in rows]


async def contents(uow: UnitOfWork, ids: Sequence[bytes]) -> list[Shared]:
    """Returns what failed messages share, by content."""
    rows = await uow.fetch_all(_CONTENTS, {"tenant_id": uow.tenant_id, "contents": columns.uuids(ids)})
    return [Shared(*row) for row in rows]


async def chunks(uow: UnitOfWork, wanted: Sequence[tuple[bytes, int]]) -> list[tuple[bytes, int, bytes]]:
    """Returns the sealed recipients of contents by chunk."""
    rows = await uow.fetch_all(
        _CHUNKS,
        {
            "tenant_id": uow.tenant_id,
            "contents": columns.uuids([content_id for content_id, _ in wanted]),
            "numbers": columns.smallints([number for _, number in wanted]),
        },
    )
    return [(content_id, number, sealed) for content_id, number, sealed in rows]


def link(uow: UnitOfWork, ids: Sequence[bytes], others: Sequence[bytes]) -> None:
    """Links messages and their fallbacks both ways, with the commit."""
    row = {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids), "others": columns.uuids(others)}
    uow.defer(_LINK, row)
    uow.defer(_LINK_BACK, row)
