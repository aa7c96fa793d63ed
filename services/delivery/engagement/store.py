"""The SQL of engagement: hits as they come, and hits as they are judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.common.db.partitions import uuid7_floor
from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.engagement.classes import Class, Kind
from services.delivery.engagement.domain import Hit, Verdict

_ADD_HITS = """
INSERT INTO engagement_hit (
    tenant_id, message_id, hit_id, link_id, kind, is_head, user_agent, truncated_ip, occurred_at)
SELECT %(tenant_id)s, r.message_id, r.hit_id, r.link_id, r.numbers & 3, (r.numbers & 4) <> 0, r.agent, r.ip, r.at
FROM unnest(%(messages)b::uuid[], %(ids)b::uuid[], %(links)b::uuid[], %(numbers)b::int2[], %(agents)b::text[],
    %(ips)b::text[], %(times)b::timestamptz[])
    AS r (message_id, hit_id, link_id, numbers, agent, ip, at)
ON CONFLICT DO NOTHING
"""

# Hits of tenants that have some due; a loose scan over the index, whatever their number.
_DUE_TENANTS = """
WITH RECURSIVE t AS (
    (SELECT tenant_id FROM engagement_hit ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT h.tenant_id FROM engagement_hit h WHERE h.tenant_id > t.tenant_id ORDER BY h.tenant_id LIMIT 1)
    FROM t WHERE t.tenant_id IS NOT NULL
)
SELECT tenant_id FROM t WHERE tenant_id IS NOT NULL AND EXISTS (
    SELECT FROM engagement_hit h WHERE h.tenant_id = t.tenant_id AND h.hit_id < %s)
"""

_TAKE = """
DELETE FROM engagement_hit WHERE tenant_id = %(tenant_id)s AND hit_id IN (
    SELECT hit_id FROM engagement_hit WHERE tenant_id = %(tenant_id)s AND hit_id < %(before)s
    ORDER BY hit_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING uuid_send(message_id), hit_id, kind, occurred_at, is_head, user_agent, truncated_ip, link_id
"""

# Both tables in one statement: a hit on its way from one to the other is seen exactly once.
_AROUND = """
SELECT uuid_send(e.message_id), e.engagement_id, e.kind, e.occurred_at, e.is_head, e.user_agent, e.truncated_ip,
    e.link_id, e.class, e.class_reason
FROM unnest(%(messages)b::uuid[]) AS r (id)
JOIN engagement e ON e.tenant_id = %(tenant_id)s AND e.message_id = r.id
WHERE e.engagement_id >= %(since)s
UNION ALL
SELECT uuid_send(h.message_id), h.hit_id, h.kind, h.occurred_at, h.is_head, h.user_agent, h.truncated_ip, h.link_id,
    0, ''
FROM unnest(%(messages)b::uuid[]) AS r (id)
JOIN engagement_hit h ON h.tenant_id = %(tenant_id)s AND h.message_id = r.id
"""

_FACTS = """
SELECT uuid_send(m.message_id), m.contact_id, m.campaign_id, m.sent_at, m.delivered_at
FROM unnest(%(ids)b::uuid[]) AS r (id) JOIN message m ON m.tenant_id = %(tenant_id)s AND m.message_id = r.id
WHERE m.message_id = ANY (%(ids)b::uuid[])
"""

_ADD = """
INSERT INTO engagement (
    tenant_id, message_id, engagement_id, link_id, kind, class, class_reason, rule_version, is_head, user_agent,
    user_agent_family, truncated_ip, occurred_at)
SELECT %(tenant_id)s, r.message_id, r.id, r.link_id, r.numbers & 3, (r.numbers >> 3) & 7, r.reason, %(version)s,
    (r.numbers & 4) <> 0, r.agent, r.family, r.ip, r.at
FROM unnest(%(messages)b::uuid[], %(ids)b::uuid[], %(links)b::uuid[], %(numbers)b::int2[], %(reasons)b::text[],
    %(agents)b::text[], %(families)b::text[], %(ips)b::text[], %(times)b::timestamptz[])
    AS r (message_id, id, link_id, numbers, reason, agent, family, ip, at)
ON CONFLICT DO NOTHING
"""

_JUDGE_AGAIN = """
UPDATE engagement e SET class = r.class, class_reason = r.reason, rule_version = %(version)s,
    user_agent_family = r.family, judgement = e.judgement + 1
FROM unnest(%(messages)b::uuid[], %(ids)b::uuid[], %(classes)b::int2[], %(reasons)b::text[], %(families)b::text[])
    AS r (message_id, id, class, reason, family)
WHERE e.tenant_id = %(tenant_id)s AND e.message_id = r.message_id AND e.engagement_id = r.id
RETURNING e.engagement_id, e.judgement
"""

# A verdict that another process has changed meanwhile is not the one that was found to stand.
_CONFIRM = """
UPDATE engagement e SET rule_version = %(version)s, user_agent_family = r.family
FROM unnest(%(messages)b::uuid[], %(ids)b::uuid[], %(classes)b::int2[], %(families)b::text[])
    AS r (message_id, id, class, family)
WHERE e.tenant_id = %(tenant_id)s AND e.message_id = r.message_id AND e.engagement_id = r.id AND e.class = r.class
"""

# Counted from the hits each time, so that a hit that is judged again never counts twice.
_COUNT = """
UPDATE message m SET opened_at = r.opened_at, open_count = r.opens, clicked_at = r.clicked_at, click_count = r.clicks
FROM (
    SELECT k.id, min(e.occurred_at) FILTER (WHERE e.kind = 1) AS opened_at, count(*) FILTER (WHERE e.kind = 1) AS opens,
        min(e.occurred_at) FILTER (WHERE e.kind = 2) AS clicked_at, count(*) FILTER (WHERE e.kind = 2) AS clicks
    FROM unnest(%(ids)b::uuid[]) AS k (id)
    LEFT JOIN engagement e ON e.tenant_id = %(tenant_id)s AND e.message_id = k.id AND e.class = 1
        AND e.engagement_id >= %(lowest)s
    GROUP BY k.id
) r
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
  AND (m.opened_at, m.open_count, m.clicked_at, m.click_count)
      IS DISTINCT FROM (r.opened_at, r.opens, r.clicked_at, r.clicks)
"""

_OUTDATED = """
SELECT tenant_id, message_id FROM engagement
WHERE (tenant_id, message_id) > (%(tenant_id)s, %(message_id)s) AND rule_version < %(version)s
ORDER BY tenant_id, message_id LIMIT %(limit)s
"""

_VERSION = "SELECT version FROM engagement_rules"
_SET_VERSION = "UPDATE engagement_rules SET version = %s WHERE version < %s"

_HISTORY = """
SELECT kind, class, class_reason, occurred_at FROM engagement
WHERE tenant_id = %s AND message_id = %s ORDER BY occurred_at, engagement_id LIMIT 1000
"""


EVER: Final = UUID(int=0)


class NewHit(NamedTuple):
    """A genuine hit as it is stored at first."""

    message_id: bytes
    hit: Hit


class Judged(NamedTuple):
    """A hit of a message; class 0 while it was not judged."""

    message_id: bytes
    hit: Hit
    engagement_class: int
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told with the hits of a message."""

    contact_id: UUID | None = None
    campaign_id: UUID | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None


async def add_hits(uow: UnitOfWork, hits: Sequence[NewHit]) -> None:
    """Stores hits as they came; one that stands already stays as it is."""
    await uow.execute(
        _ADD_HITS,
        {
            "tenant_id": uow.tenant_id,
            "messages": columns.uuids([one.message_id for one in hits]),
            "ids": columns.uuids([one.hit.hit_id.bytes for one in hits]),
            "links": _links([one.hit for one in hits]),
            "numbers": columns.smallints([one.hit.kind | one.hit.is_head << 2 for one in hits]),
            "agents": columns.texts([one.hit.user_agent for one in hits]),
            "ips": columns.texts([one.hit.truncated_ip for one in hits]),
            "times": columns.instants([one.hit.at for one in hits]),
        },
    )


async def due_tenants(uow: UnitOfWork, before: datetime) -> list[UUID]:
    """Returns tenants with hits heard before an instant; needs a unit of work across tenants."""
    return [tenant_id for (tenant_id,) in await uow.fetch_all(_DUE_TENANTS, (uuid7_floor(before),))]


async def take(uow: UnitOfWork, before: datetime, limit: int) -> list[NewHit]:
    """Takes the oldest hits of a tenant heard before an instant; they are stored as judged, or stay."""
    rows = await uow.fetch_all(
        _TAKE, {"tenant_id": uow.tenant_id, "before": uuid7_floor(before), "limit": limit}
    )
    return [NewHit(row[0], _hit(row[1:])) for row in rows]


async def around(uow: UnitOfWork, message_ids: Sequence[bytes], since: datetime | None) -> list[Judged]:
    """Returns hits of messages heard since an instant, judged and not yet judged ones."""
    rows = await uow.fetch_all(
        _AROUND,
        {
            "tenant_id": uow.tenant_id,
            "messages": columns.uuids(message_ids),
            "since": uuid7_floor(since) if since else EVER,
        },
    )
    return [Judged(row[0], _hit(row[1:8]), row[8], row[9]) for row in rows]


async def facts(uow: UnitOfWork, message_ids: Sequence[bytes]) -> dict[bytes, Facts]:
    """Returns what is known of messages; those removed by retention are left out."""
    rows = await uow.fetch_all(
        _FACTS,
        {"tenant_id": uow.tenant_id, "ids": columns.uuids(message_ids)},
    )
    return {row[0]: Facts(*row[1:]) for row in rows}


async def add(uow: UnitOfWork, hits: Sequence[tuple[bytes, Hit, Verdict]], rule_version: int) -> None:
    """Stores hits as they were judged."""
    await uow.execute(
        _ADD,
        {
            "tenant_id": uow.tenant_id,
            "version": rule_version,
            "messages": columns.uuids([message_id for message_id, _, _ in hits]),
            "ids": columns.uuids([hit.hit_id.bytes for _, hit, _ in hits]),
            "links": _links([hit for _, hit, _ in hits]),
            "numbers": columns.smallints(
                [hit.kind | hit.is_head << 2 | verdict.engagement_class << 3 for _, hit, verdict in hits]
            ),
            "reasons": columns.texts([verdict.reason for _, _, verdict in hits]),
            "agents": columns.texts([hit.user_agent for _, hit, _ in hits]),
            "families": columns.texts([verdict.family for _, _, verdict in hits]),
            "ips": columns.texts([hit.truncated_ip for _, hit, _ in hits]),
            "times": columns.instants([hit.at for _, hit, _ in hits]),
        },
    )


async def judge_again(
    uow: UnitOfWork, hits: Sequence[tuple[bytes, Hit, Verdict]], rule_version: int
) -> dict[UUID, int]:
    """Replaces the verdicts of stored hits and returns how often each of them was judged by now."""
    rows = await uow.fetch_all(
        _JUDGE_AGAIN,
        {
            **_verdicts(uow, hits, rule_version),
            "reasons": columns.texts([verdict.reason for _, _, verdict in hits]),
        },
    )
    return dict(rows)


async def confirm(uow: UnitOfWork, hits: Sequence[tuple[bytes, Hit, Verdict]], rule_version: int) -> None:
    """Notes that verdicts stand under newer rules."""
    await uow.execute(_CONFIRM, _verdicts(uow, hits, rule_version))


async def count(uow: UnitOfWork, message_ids: Sequence[bytes]) -> None:
    """Writes first human open and click of messages, and how many there were."""
    ids = sorted(message_ids)
    await uow.execute(
        _COUNT, {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids), "lowest": UUID(bytes=ids[0])}
    )


async def outdated(
    uow: UnitOfWork, after: tuple[UUID, UUID], rule_version: int, limit: int
) -> list[tuple[UUID, UUID]]:
    """Returns tenant and message of hits judged by older rules; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        _OUTDATED,
        {"tenant_id": after[0], "message_id": after[1], "version": rule_version, "limit": limit},
    )
    return [(tenant_id, message_id) for tenant_id, message_id in rows]


async def rule_version(uow: UnitOfWork) -> int:
    """Returns the version of the rules by which all of history is judged."""
    found: int = await uow.fetch_value(_VERSION)
    return found


async def set_rule_version(uow: UnitOfWork, version: int) -> None:
    """Notes that all of history is judged by these rules."""
    await uow.execute(_SET_VERSION, (version, version))


async def history(uow: UnitOfWork, message_id: UUID) -> list[tuple[Kind, Class, str, datetime]]:
    """Returns the hits of a message, oldest first."""
    rows = await uow.fetch_all(_HISTORY, (uow.tenant_id, message_id))
    return [(Kind(kind), Class(judged), reason, at) for kind, judged, reason, at in rows]


def _hit(row: Sequence[object]) -> Hit:
    hit_id, kind, *rest = row
    return Hit(hit_id, Kind(kind), *rest)  # type: ignore[arg-type]  # columns in the order of the fields


def _verdicts(
    uow: UnitOfWork, hits: Sequence[tuple[bytes, Hit, Verdict]], rule_version: int
) -> dict[str, object]:
    return {
        "tenant_id": uow.tenant_id,
        "version": rule_version,
        "messages": columns.uuids([message_id for message_id, _, _ in hits]),
        "ids": columns.uuids([hit.hit_id.bytes for _, hit, _ in hits]),
        "classes": columns.smallints([verdict.engagement_class for _, _, verdict in hits]),
        "families": columns.texts([verdict.family for _, _, verdict in hits]),
    }


def _links(hits: Iterable[Hit]) -> columns.Uuids:
    return columns.nullable_uuids([hit.link_id.bytes if hit.link_id else None for hit in hits])
