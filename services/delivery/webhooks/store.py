"""The SQL of subscriptions and of what is shown of deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as it is stored; secrets and headers are sealed."""

    tenant_id: UUID
    subscription_id: UUID
    name: str
    url: str
    events: list[str]
    secret: bytes | None
    public_key: bytes
    created_by: str
    created_at: datetime
    previous_secret: bytes | None = None
    previous_until: datetime | None = None
    headers: bytes | None = None
    header_names: tuple[str, ...] = ()
    is_enabled: bool = True
    consecutive_failures: int = 0
    failing_since: datetime | None = None
    held_until: datetime | None = None
    succeeded_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str = ""
    version: int = 1


COLUMNS: Final = """
tenant_id, subscription_id, name, url, events, secret, public_key, created_by, created_at, previous_secret,
previous_until, headers, header_names, is_enabled, consecutive_failures, failing_since, held_until, succeeded_at,
disabled_at, disabled_reason, version
"""

_INSERT: Final = f"""
INSERT INTO webhook_subscription ({COLUMNS}, updated_at)
VALUES (%(tenant_id)s, %(subscription_id)s, %(name)s, %(url)s, %(events)s, %(secret)b, %(public_key)b, %(created_by)s,
    %(created_at)s, NULL, NULL, %(headers)b, %(header_names)s, %(is_enabled)s, 0, NULL, NULL, NULL, %(disabled_at)s,
    '', 1, %(created_at)s)
"""

_GET: Final = f"""
SELECT {COLUMNS} FROM webhook_subscription
WHERE tenant_id = %s AND subscription_id = %s AND deleted_at IS NULL
"""

_PAGE: Final = f"""
SELECT {COLUMNS} FROM webhook_subscription
WHERE tenant_id = %(tenant_id)s AND deleted_at IS NULL
  AND (%(after)s::uuid IS NULL OR subscription_id < %(after)s)
ORDER BY subscription_id DESC LIMIT %(limit)s
"""

# Health belongs to the sender and is left alone, except that whoever switches a subscription on starts it anew.
_UPDATE: Final = """
UPDATE webhook_subscription SET name = %(name)s, url = %(url)s, events = %(events)s, headers = %(headers)b,
    header_names = %(header_names)s, is_enabled = %(is_enabled)s, disabled_at = %(disabled_at)s,
    disabled_reason = %(disabled_reason)s, version = version + 1, updated_at = %(now)s,
    consecutive_failures = CASE WHEN %(renewed)s THEN 0 ELSE consecutive_failures END,
    failing_since = CASE WHEN %(renewed)s THEN NULL ELSE failing_since END,
    held_until = CASE WHEN %(renewed)s THEN NULL ELSE held_until END
WHERE tenant_id = %(tenant_id)s AND subscription_id = %(subscription_id)s AND version = %(version)s
  AND deleted_at IS NULL
"""

_ROTATE: Final = """
UPDATE webhook_subscription SET previous_secret = secret, previous_until = %(until)s, secret = %(secret)b,
    public_key = %(public_key)b, version = version + 1, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND subscription_id = %(subscription_id)s AND deleted_at IS NULL
"""

_DELETE: Final = """
UPDATE webhook_subscription SET deleted_at = %(now)s, updated_at = %(now)s, is_enabled = false, secret = NULL,
    previous_secret = NULL, previous_until = NULL, headers = NULL, version = version + 1
WHERE tenant_id = %(tenant_id)s AND subscription_id = %(subscription_id)s AND deleted_at IS NULL
"""

_COUNT: Final = "SELECT count(*) FROM webhook_subscription WHERE tenant_id = %s AND deleted_at IS NULL"
_LOCK_TENANT: Final = "SELECT pg_advisory_xact_lock(hashtextextended('delivery.webhook', 0) # %s)"


async def count_locked(uow: UnitOfWork) -> int:
    """Returns how many subscriptions a tenant has; nobody else can add one before the commit."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    number = int.from_bytes(uow.tenant_id.bytes[8:], "big", signed=True)
    _, found = await uow.run_together((_LOCK_TENANT, (number,)), (_COUNT, (uow.tenant_id,)))
    return int(found.rows[0][0])


async def insert(uow: UnitOfWork, one: Subscription) -> None:
    """Stores a new subscription."""
    await uow.execute(_INSERT, {name: getattr(one, name) for name in one.__slots__} | _lists(one))


async def get(uow: UnitOfWork, subscription_id: UUID) -> Subscription | None:
    """Returns a subscription of the unit of work's tenant; None for one that was deleted."""
    row = await uow.fetch_one(_GET, (uow.tenant_id, subscription_id))
    return None if row is None else subscription_of(row)


async def page(uow: UnitOfWork, after: UUID | None, limit: int) -> list[Subscription]:
    """Returns subscriptions, newest first."""
    rows = await uow.fetch_all(_PAGE, {"tenant_id": uow.tenant_id, "after": after, "limit": limit})
    return [subscription_of(row) for row in rows]


async def update(uow: UnitOfWork, one: Subscription, *, renewed: bool) -> bool:
    """Stores a changed subscription; false when somebody else was faster."""
    values = {name: getattr(one, name) for name in one.__slots__} | _lists(one)
    return await uow.execute(_UPDATE, {**values, "now": uow.now(), "renewed": renewed}) == 1


async def rotate(
    uow: UnitOfWork, subscription_id: UUID, secret: bytes, public_key: bytes, until: datetime
) -> None:
    """Gives a subscription its next keys; the ones before sign too until an instant."""
    await uow.execute(
        _ROTATE,
        {
            "tenant_id": uow.tenant_id,
            "subscription_id": subscription_id,
            "secret": secret,
            "public_key": public_key,
            "until": until,
            "now": uow.now(),
        },
    )


async def delete(uow: UnitOfWork, subscription_id: UUID) -> None:
    """Deletes a subscription and its secrets."""
    await uow.execute(
        _DELETE, {"tenant_id": uow.tenant_id, "subscription_id": subscription_id, "now": uow.now()}
    )


def _lists(one: Subscription) -> dict[str, Any]:
    return {"events": list(one.events), "header_names": list(one.header_names)}


def subscription_of(row: tuple[Any, ...]) -> Subscription:
    """Returns a subscription from a row of COLUMNS."""
    values = list(row)
    values[12] = tuple(values[12])
    return Subscription(*values)


# Deliveries


class Delivery(NamedTuple):
    """A delivery as it is shown."""

    delivery_id: UUID
    subscription_id: UUID
    event_id: UUID
    event_type: str
    state: int
    attempts: int
    next_attempt_at: datetime | None
    response_status: int
    response_excerpt: str
    latency_ms: int
    last_error: str
    occurred_at: datetime
    created_at: datetime
    finished_at: datetime | None


class Wanted(NamedTuple):
    """Which deliveries are listed; None and empty mean all."""

    subscription_id: UUID | None
    state: int
    event_type: str
    event_id: UUID | None


_SHOWN: Final = ", ".join(Delivery._fields)

_LIST: Final = f"""
SELECT {_SHOWN} FROM webhook_delivery WHERE tenant_id = %(tenant_id)s
  AND (%(subscription_id)s::uuid IS NULL OR subscription_id = %(subscription_id)s)
  AND (%(state)s = 0 OR state = %(state)s) AND (%(event_type)s = '' OR event_type = %(event_type)s)
  AND (%(event_id)s::uuid IS NULL OR event_id = %(event_id)s)
  AND (%(after)s::uuid IS NULL OR delivery_id < %(after)s)
ORDER BY delivery_id DESC LIMIT %(limit)s
"""

_AGAIN: Final = f"""
UPDATE webhook_delivery SET state = 1, attempts = 0, next_attempt_at = %(now)s, finished_at = NULL
WHERE tenant_id = %(tenant_id)s AND delivery_id = %(delivery_id)s AND EXISTS (
    SELECT FROM webhook_event e
    WHERE e.tenant_id = webhook_delivery.tenant_id AND e.event_id = webhook_delivery.event_id)
RETURNING {_SHOWN}
"""

# What is under way already is left alone: it would only be sent twice.
_REPLAY: Final = """
WITH chosen AS (
    SELECT event_id, type, occurred_at FROM webhook_event
    WHERE tenant_id = %(tenant_id)s AND occurred_at >= %(start)s AND occurred_at < %(end)s AND message_id IS NULL AND contact_id IS NULL
      AND (%(everything)s OR type = ANY (%(types)s) OR split_part(type, '.', 1) = ANY (%(kinds)s))
      AND NOT EXISTS (
        SELECT FROM webhook_delivery d WHERE d.tenant_id = %(tenant_id)s
          AND d.subscription_id = %(subscription_id)s AND d.event_id = webhook_event.event_id
          AND (d.state <= 2 OR d.state = 3 AND NOT %(also_delivered)s))
    ORDER BY occurred_at, event_id LIMIT %(limit)s
), numbered AS (
    SELECT chosen.*, row_number() OVER (ORDER BY occurred_at, event_id) AS number FROM chosen
)
INSERT INTO webhook_delivery (
    tenant_id, delivery_id, subscription_id, event_id, event_type, state, attempts, next_attempt_at, response_status,
    response_excerpt, latency_ms, last_error, occurred_at, created_at)
SELECT %(tenant_id)s, (%(ids)b::uuid[])[number], %(subscription_id)s, event_id, type, 1, 0, %(now)s, 0, '', 0, '',
    occurred_at, %(now)s
FROM numbered
ON CONFLICT (tenant_id, subscription_id, event_id) DO UPDATE
SET state = 1, attempts = 0, next_attempt_at = excluded.next_attempt_at, finished_at = NULL
RETURNING occurred_at
"""


async def deliveries(uow: UnitOfWork, wanted: Wanted, after: UUID | None, limit: int) -> list[Delivery]:
    """Returns deliveries, newest first."""
    values = {**wanted._asdict(), "tenant_id": uow.tenant_id, "after": after, "limit": limit}
    return [Delivery(*row) for row in await uow.fetch_all(_LIST, values)]


async def again(uow: UnitOfWork, delivery_id: UUID) -> Delivery | None:
    """Makes a delivery due now, with all its tries before it; None when it or its event is not kept any more."""
    values = {"tenant_id": uow.tenant_id, "delivery_id": delivery_id, "now": uow.now()}
    row = await uow.fetch_one(_AGAIN, values)
    return None if row is None else Delivery(*row)


async def replay(
    uow: UnitOfWork,
    one: Subscription,
    start: datetime,
    end: datetime,
    ids: Sequence[UUID],
    *,
    also_delivered: bool,
) -> list[datetime]:
    """Makes kept events of a time due for a subscription, as many as there are ids; returns when they happened."""
    rows = await uow.fetch_all(
        _REPLAY,
        {
            "tenant_id": uow.tenant_id,
            "subscription_id": one.subscription_id,
            "start": start,
            "end": end,
            "everything": "*" in one.events,
            "types": list(one.events),
            "kinds": [name.removesuffix(".*") for name in one.events if name.endswith(".*")],
            "also_delivered": also_delivered,
            "ids": list(ids),
            "limit": len(ids),
            "now": uow.now(),
        },
    )
    return sorted(at for (at,) in rows)
