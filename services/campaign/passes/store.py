"""SQL of what delivery is to do with passes."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.contacts.telling import Stamp
from services.campaign.passes.domain import Due, Order, What
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7

KEPT: Final = timedelta(days=30)

# What waits, or is being told, keeps its hour: whoever tells it looks at the version again when they are through.
_AGAIN: Final = "version = pass_order.version + 1, next_try_at = coalesce(pass_order.next_try_at, %(now)s), updated_at = %(now)s"

_ADD: Final = f"""
INSERT INTO pass_order (tenant_id, order_id, what, key, ref, contact_id, ticket_refs, reason, next_try_at, occurred_at,
    updated_at)
VALUES (%(tenant_id)s, %(order_id)s, %(what)s, %(key)s, %(ref)s, %(contact_id)s, %(ticket_refs)s, %(reason)s, %(now)s,
    %(occurred_at)s, %(now)s)
ON CONFLICT (tenant_id, key) DO UPDATE SET {_AGAIN}, ticket_refs = excluded.ticket_refs,
    occurred_at = greatest(pass_order.occurred_at, excluded.occurred_at)
"""

_CHANGES: Final = "SELECT changes FROM pass_order WHERE tenant_id = %s AND key = %s FOR UPDATE"

_CLAIM: Final = """
UPDATE pass_order AS o SET attempts = o.attempts + 1, next_try_at = %(until)s
FROM (
    SELECT tenant_id, order_id FROM pass_order WHERE next_try_at <= %(now)s
    ORDER BY next_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS next
WHERE o.tenant_id = next.tenant_id AND o.order_id = next.order_id
RETURNING o.tenant_id, o.order_id, o.what, o.ref, o.contact_id, o.ticket_refs, o.changes, o.reason, o.version, o.attempts
"""

_TOLD: Final = """
UPDATE pass_order SET attempts = 0, updated_at = %(now)s,
    next_try_at = CASE WHEN version = %(version)s THEN NULL ELSE %(now)s END
WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s
"""

# Told before or to be told yet, whatever was bought before it is not offered any more.
_STANDS: Final = """
occurred_at >= %(since)s AND (
    what = 1 AND ref = ANY(%(tickets)s) AND (contact_id IS NULL OR contact_id = %(contact_id)s)
    OR what = 2 AND ref = %(event_ref)s)
"""

_VOIDED: Final = f"SELECT what, ref FROM pass_order WHERE tenant_id = %(tenant_id)s AND {_STANDS}"

_REPEAT: Final = f"UPDATE pass_order SET {_AGAIN} WHERE tenant_id = %(tenant_id)s AND {_STANDS}"

_FORGET: Final = """
DELETE FROM pass_order WHERE (tenant_id, order_id) IN (
    SELECT tenant_id, order_id FROM pass_order WHERE next_try_at IS NULL AND updated_at < %s LIMIT %s)
"""


async def add(uow: UnitOfWork, order: Order) -> None:
    """Has delivery told of an order; one that is known is told again."""
    await uow.execute(
        _ADD,
        {
            "tenant_id": uow.tenant_id,
            "order_id": uuid7(),
            "what": int(order.what),
            "key": _digest(order.key),
            "ref": order.ref,
            "contact_id": order.contact_id,
            "ticket_refs": list(order.ticket_refs),
            "reason": order.reason,
            "occurred_at": order.occurred_at,
            "now": uow.now(),
        },
    )


async def change(uow: UnitOfWork, order: Order, said: Mapping[str, str], now: Stamp) -> None:
    """Has delivery told what passes of an event show now; of each field what was said latest holds."""
    await add(uow, order)
    key = _digest(order.key)
    changes: dict[str, Any] = await uow.fetch_value(_CHANGES, (uow.tenant_id, key))
    for name, value in said.items():
        if name not in changes or changes[name][0] < now:
            changes[name] = [now, value]
    await uow.execute(
        "UPDATE pass_order SET changes = %s::jsonb WHERE tenant_id = %s AND key = %s",
        (orjson.dumps(changes).decode(), uow.tenant_id, key),
    )


async def claim(uow: UnitOfWork, lease: timedelta, limit: int) -> list[Due]:
    """Takes what is due, for as long as the lease lasts; needs a unit of work across tenants."""
    now = uow.now()
    rows = await uow.fetch_all(_CLAIM, {"now": now, "until": now + lease, "limit": limit})
    return [
        Due(tenant_id, order_id, What(what), ref, contact_id, tuple(tickets), *rest)
        for tenant_id, order_id, what, ref, contact_id, tickets, *rest in rows
    ]


async def told(uow: UnitOfWork, due: Due) -> None:
    """Ends an order, unless there is more to tell by now."""
    values = {"tenant_id": uow.tenant_id, "order_id": due.order_id, "version": due.version, "now": uow.now()}
    await uow.execute(_TOLD, values)


async def postpone(uow: UnitOfWork, due: Due, until: datetime) -> None:
    """Lets an order be told later."""
    await uow.execute(
        "UPDATE pass_order SET next_try_at = %s WHERE tenant_id = %s AND order_id = %s",
        (until, uow.tenant_id, due.order_id),
    )


async def voided(
    uow: UnitOfWork, contact_id: UUID, tickets: Sequence[str], event_ref: str, since: datetime
) -> tuple[set[str], bool]:
    """Returns the tickets somebody has no more since they bought them, and whether the event was called off."""
    rows = await uow.fetch_all(_VOIDED, _standing(uow, contact_id, tickets, event_ref, since))
    return {ref for what, ref in rows if what == What.VOID_TICKET}, any(
        what == What.VOID_EVENT for what, _ in rows
    )


async def repeat(
    uow: UnitOfWork, contact_id: UUID, tickets: Sequence[str], event_ref: str, since: datetime
) -> int:
    """Has delivery told again what voids passes that were just made; returns how many orders do."""
    values = _standing(uow, contact_id, tickets, event_ref, since)
    return await uow.execute(_REPEAT, {**values, "now": uow.now()})


async def forget(uow: UnitOfWork, contact_id: UUID) -> int:
    """Removes what names a person as the holder; delivery forgets their passes by itself."""
    return await uow.execute(
        "DELETE FROM pass_order WHERE tenant_id = %s AND contact_id = %s", (uow.tenant_id, contact_id)
    )


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes orders that delivery has known for long; a step of the cleanup (GEN-47)."""
    return await uow.execute(_FORGET, (now - KEPT, limit))


def _standing(
    uow: UnitOfWork, contact_id: UUID, tickets: Sequence[str], event_ref: str, since: datetime
) -> dict[str, Any]:
    return {
        "tenant_id": uow.tenant_id,
        "contact_id": contact_id,
        "tickets": list(tickets),
        "event_ref": event_ref,
        "since": since,
    }


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
