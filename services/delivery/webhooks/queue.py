"""The SQL of the sender: taking what is due, and writing down what came of it (JOB-29)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.common.db.sets import columns, unnest
from services.common.db.uow import UnitOfWork
from services.delivery.webhooks import domain
from services.delivery.webhooks.domain import Health
from services.delivery.webhooks.store import COLUMNS, Subscription, subscription_of

# Subscriptions with something open are found by jumping from one to the next, so that ten thousand deliveries that wait for
# one of them cost the others nothing. A subscription that struggles is called once at a time.
_CLAIM: Final = """
WITH RECURSIVE waiting AS (
    (SELECT tenant_id, subscription_id FROM webhook_delivery WHERE state <= 2
     ORDER BY tenant_id, subscription_id LIMIT 1)
    UNION ALL
    SELECT next.tenant_id, next.subscription_id FROM waiting CROSS JOIN LATERAL (
        SELECT d.tenant_id, d.subscription_id FROM webhook_delivery d
        WHERE d.state <= 2 AND (d.tenant_id, d.subscription_id) > (waiting.tenant_id, waiting.subscription_id)
        ORDER BY d.tenant_id, d.subscription_id LIMIT 1
    ) AS next
), room AS (
    SELECT s.tenant_id, s.subscription_id,
        CASE WHEN s.consecutive_failures >= %(struggling)s THEN 1 ELSE %(most)s END - coalesce(busy.count, 0) AS free
    FROM waiting JOIN webhook_subscription s USING (tenant_id, subscription_id)
    LEFT JOIN unnest(%(busy_ids)b::uuid[], %(busy_counts)b::int4[]) AS busy (subscription_id, count)
        ON busy.subscription_id = s.subscription_id
    WHERE s.is_enabled AND s.deleted_at IS NULL AND (s.held_until IS NULL OR s.held_until <= %(now)s)
    ORDER BY random()
), chosen AS (
    SELECT due.tenant_id, due.delivery_id FROM room CROSS JOIN LATERAL (
        SELECT d.tenant_id, d.delivery_id FROM webhook_delivery d
        WHERE d.tenant_id = room.tenant_id AND d.subscription_id = room.subscription_id AND d.state <= 2
          AND d.next_attempt_at <= %(now)s
        ORDER BY d.next_attempt_at LIMIT greatest(room.free, 0) FOR UPDATE SKIP LOCKED
    ) AS due
    LIMIT %(total)s
)
UPDATE webhook_delivery d SET next_attempt_at = %(until)s FROM chosen
WHERE d.tenant_id = chosen.tenant_id AND d.delivery_id = chosen.delivery_id
RETURNING d.tenant_id, d.delivery_id, d.subscription_id, d.event_id, d.event_type, d.attempts
"""

_BODIES: Final = """
SELECT e.event_id, e.body, e.message_id, e.contact_id, e.headers FROM unnest(%b::uuid[], %b::uuid[]) AS wanted (tenant_id, event_id)
JOIN webhook_event e USING (tenant_id, event_id)
"""

_SUBSCRIPTIONS: Final = f"""
SELECT {COLUMNS} FROM unnest(%b::uuid[], %b::uuid[]) AS wanted (tenant_id, subscription_id)
JOIN webhook_subscription USING (tenant_id, subscription_id)
"""  # noqa: S608 - constants

_RECORD: Final = f"""
UPDATE webhook_delivery d SET state = done.state, attempts = done.attempts, next_attempt_at = done.next_attempt_at,
    response_status = done.status, response_excerpt = done.excerpt, latency_ms = done.latency, last_error = done.error,
    finished_at = CASE WHEN done.state >= 3 THEN done.at END
FROM {
    unnest(
        {
            "tenant_id": "uuid",
            "delivery_id": "uuid",
            "state": "int2",
            "attempts": "int2",
            "next_attempt_at": "timestamptz",
            "status": "int2",
            "excerpt": "text",
            "latency": "int4",
            "error": "text",
            "at": "timestamptz",
        },
        "done",
    )
}
WHERE d.tenant_id = done.tenant_id AND d.delivery_id = done.delivery_id
"""  # noqa: S608 - constants

_HEALTH: Final = """
SELECT tenant_id, subscription_id, consecutive_failures, failing_since, held_until, is_enabled
FROM webhook_subscription
WHERE (tenant_id, subscription_id) IN (SELECT * FROM unnest(%b::uuid[], %b::uuid[]))
ORDER BY tenant_id, subscription_id FOR UPDATE
"""

_SAVE: Final = f"""
UPDATE webhook_subscription s SET consecutive_failures = now.failures, failing_since = now.failing_since,
    held_until = now.held_until, succeeded_at = coalesce(now.succeeded_at, s.succeeded_at),
    is_enabled = s.is_enabled AND now.reason = '',
    disabled_at = CASE WHEN now.reason = '' THEN s.disabled_at ELSE now.at END,
    disabled_reason = CASE WHEN now.reason = '' THEN s.disabled_reason ELSE now.reason END,
    version = CASE WHEN now.reason = '' THEN s.version ELSE s.version + 1 END, updated_at = now.at
FROM {
    unnest(
        {
            "tenant_id": "uuid",
            "subscription_id": "uuid",
            "failures": "int4",
            "failing_since": "timestamptz",
            "held_until": "timestamptz",
            "succeeded_at": "timestamptz",
            "reason": "text",
            "at": "timestamptz",
        },
        "now",
    )
}
WHERE s.tenant_id = now.tenant_id AND s.subscription_id = now.subscription_id
"""  # noqa: S608 - constants


class Due(NamedTuple):
    """A delivery that was taken."""

    tenant_id: UUID
    delivery_id: UUID
    subscription_id: UUID
    event_id: UUID
    event_type: str
    attempts: int


class Body(NamedTuple):
    """What is sent; sealed when it is a message, or a call about a contact, which has headers of its own."""

    body: bytes
    message_id: UUID | None
    contact_id: UUID | None = None
    headers: bytes | None = None


class Done(NamedTuple):
    """What came of a delivery."""

    tenant_id: UUID
    delivery_id: UUID
    state: int
    attempts: int
    next_attempt_at: datetime | None
    status: int
    excerpt: str
    latency: int
    error: str
    at: datetime


class Condition(NamedTuple):
    """How a subscription is after some calls."""

    tenant_id: UUID
    subscription_id: UUID
    health: Health
    succeeded_at: datetime | None
    reason: str
    at: datetime


async def claim(
    uow: UnitOfWork, busy: Mapping[UUID, int], *, most: int, total: int, until: datetime
) -> list[Due]:
    """Takes what is due until an instant, at most so much per subscription and in all; across tenants."""
    rows = await uow.fetch_all(
        _CLAIM,
        {
            "struggling": domain.STRUGGLING,
            "most": most,
            "total": total,
            "busy_ids": list(busy),
            "busy_counts": list(busy.values()),
            "now": uow.now(),
            "until": until,
        },
    )
    return [Due(*row) for row in rows]


async def bodies(uow: UnitOfWork, due: Sequence[Due]) -> dict[UUID, Body]:
    """Returns what is sent, by event."""
    wanted = columns({(one.tenant_id, one.event_id) for one in due}, 2)
    return {event_id: Body(*rest) for event_id, *rest in await uow.fetch_all(_BODIES, wanted)}


async def subscriptions(uow: UnitOfWork, due: Sequence[Due]) -> dict[UUID, Subscription]:
    """Returns where it goes."""
    wanted = columns({(one.tenant_id, one.subscription_id) for one in due}, 2)
    found = [subscription_of(row) for row in await uow.fetch_all(_SUBSCRIPTIONS, wanted)]
    return {one.subscription_id: one for one in found}


async def record(uow: UnitOfWork, done: Sequence[Done]) -> None:
    """Writes down what came of deliveries."""
    await uow.execute(_RECORD, columns(done, len(Done._fields)))


async def healths(uow: UnitOfWork, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, tuple[Health, bool]]:
    """Locks subscriptions and returns how they are, and whether they are on."""
    rows = await uow.fetch_all(_HEALTH, columns(ids, 2))
    return {row[1]: (Health(*row[2:5]), row[5]) for row in rows}


async def save(uow: UnitOfWork, conditions: Sequence[Condition]) -> None:
    """Writes down how locked subscriptions are."""
    rows = [
        (
            one.tenant_id,
            one.subscription_id,
            one.health.consecutive_failures,
            one.health.failing_since,
            one.health.held_until,
            one.succeeded_at,
            one.reason,
            one.at,
        )
        for one in conditions
    ]
    await uow.execute(_SAVE, columns(rows, 8))
