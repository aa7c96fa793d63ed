"""How long events and deliveries are kept, and how a person is cut out of what was told (GEN-47, CON-90)."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from services.common.contact_data.person import Person
from services.common.contact_data.sweeps import Sweep
from services.common.contact_data.traces import KEPT_TYPES
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=30)

_FORGET: Final = {
    "webhook_event": "event_id",
    "webhook_delivery": "delivery_id",
    "webhook_subscription": "subscription_id",
}
_WHEN: Final = {"webhook_subscription": "deleted_at"}

# Messages are sealed with their person's key, which is gone by now.
_NAMED: Final = """
SELECT event_id, body FROM webhook_event
WHERE tenant_id = %(tenant_id)s AND event_id > %(after)s AND event_id <= %(last)s AND message_id IS NULL AND contact_id IS NULL
  AND type <> ALL (%(kept)s) AND position(%(name)b IN body) > 0
FOR UPDATE
"""

_REWRITE: Final = "UPDATE webhook_event SET body = %b WHERE tenant_id = %s AND event_id = %s"

_PERSONAL: Final = ("url", "user_agent_family")


async def forget(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes what is a month old, up to a number of rows of each kind; needs a unit of work across tenants."""
    removed = 0
    for table, key in _FORGET.items():
        removed = max(
            removed,
            await uow.execute(
                f"DELETE FROM {table} WHERE (tenant_id, {key}) IN (SELECT tenant_id, {key} FROM {table}"  # noqa: S608 - constants
                f" WHERE {_WHEN.get(table, 'created_at')} < %s LIMIT %s)",
                (now - KEPT, limit),
            ),
        )
    return removed


# Calls are sealed with the person's key, which is gone by now: they are not made any more.
_STAND_IN: Final = """
UPDATE webhook_event SET contact_id = %(tombstone)s
WHERE tenant_id = %(tenant_id)s AND event_id > %(after)s AND event_id <= %(last)s AND contact_id = %(contact_id)s
"""


async def _clean(uow: UnitOfWork, person: Person, after: UUID, last: UUID) -> int:
    calls = await uow.execute(
        _STAND_IN,
        {
            "tenant_id": uow.tenant_id,
            "after": after,
            "last": last,
            "contact_id": person.contact_id,
            "tombstone": person.tombstone_id,
        },
    )
    rows = await uow.fetch_all(
        _NAMED,
        {
            "tenant_id": uow.tenant_id,
            "after": after,
            "last": last,
            "kept": list(KEPT_TYPES),
            "name": str(person.contact_id).encode(),
        },
    )
    for event_id, body in rows:
        told = orjson.loads(body)
        _replace(told, str(person.contact_id), str(person.tombstone_id))
        await uow.execute(_REWRITE, (orjson.dumps(told), uow.tenant_id, event_id))
    return len(rows) + calls


SWEEP: Final = Sweep("webhook_event", "event_id", _clean)
"""Puts the stand-in in a person's place, in everything that was told of them."""


def _replace(value: Any, name: str, stand_in: str) -> None:
    if isinstance(value, list):
        for one in value:
            _replace(one, name, stand_in)
    elif isinstance(value, dict):
        if value.get("contact_id") == name:
            value.update({field: None for field in _PERSONAL if field in value})
        for field, one in value.items():
            if one == name:
                value[field] = stand_in
            else:
                _replace(one, name, stand_in)
