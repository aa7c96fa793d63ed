"""SQL of carts and view counters."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.carts.domain import EXPIRES, VIEWS_KEPT, Cart, CartState
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=90)
"""How long a cart is kept that nothing was told of."""

_KEPT: Final = (
    "contact_id",
    "branch_id",
    "items",
    "amount",
    "currency",
    "state",
    "last_activity_at",
    "filled_at",
    "state_at",
    "completed_at",
)
_CASTS: Final = {"items": "::jsonb"}
_ASSIGNED: Final = ", ".join(f"{name} = %({name})s{_CASTS.get(name, '')}" for name in _KEPT)


async def claim(uow: UnitOfWork, cart_ref: str, at: datetime) -> Cart:
    """Returns a cart and locks it, also when nothing was told of it yet."""
    await uow.execute(
        "INSERT INTO cart (tenant_id, cart_ref, items, state, last_activity_at, created_at, updated_at)"
        " VALUES (%s, %s, '[]', 1, %s, %s, %s) ON CONFLICT DO NOTHING",
        (uow.tenant_id, cart_ref, at, uow.now(), uow.now()),
    )
    found = await by_ref(uow, cart_ref, lock=True)
    assert found is not None  # noqa: S101 - it was just made, or stood
    return found


async def by_ref(uow: UnitOfWork, cart_ref: str, *, lock: bool = False) -> Cart | None:
    """Returns a cart, or None."""
    row = await uow.fetch_one(
        f"SELECT cart_ref, {', '.join(_KEPT)} FROM cart WHERE tenant_id = %s AND cart_ref = %s"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, cart_ref),
    )
    return None if row is None else _cart(row)


async def save(uow: UnitOfWork, cart: Cart) -> None:
    """Writes a cart that is locked."""
    values = {name: getattr(cart, name) for name in _KEPT}
    values |= {"items": orjson.dumps(list(cart.items)).decode(), "state": int(cart.state)}
    await uow.execute(
        f"UPDATE cart SET {_ASSIGNED}, updated_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND cart_ref = %(cart_ref)s",
        {**values, "tenant_id": uow.tenant_id, "cart_ref": cart.cart_ref, "now": uow.now()},
    )


async def views_of(uow: UnitOfWork, contact_id: UUID, subject_ref: str) -> list[datetime]:
    """Returns when a contact looked at something; nobody else adds to it before the commit."""
    await uow.execute(
        "INSERT INTO view_counter (tenant_id, contact_id, subject_ref, views, updated_at)"
        " VALUES (%s, %s, %s, '{}', %s) ON CONFLICT DO NOTHING",
        (uow.tenant_id, contact_id, subject_ref, uow.now()),
    )
    found = await uow.fetch_value(
        "SELECT views FROM view_counter WHERE tenant_id = %s AND contact_id = %s AND subject_ref = %s FOR UPDATE",
        (uow.tenant_id, contact_id, subject_ref),
    )
    return list(found)


async def save_views(uow: UnitOfWork, contact_id: UUID, subject_ref: str, views: Sequence[datetime]) -> None:
    """Writes a view counter that is locked."""
    await uow.execute(
        "UPDATE view_counter SET views = %s, updated_at = %s"
        " WHERE tenant_id = %s AND contact_id = %s AND subject_ref = %s",
        (list(views), uow.now(), uow.tenant_id, contact_id, subject_ref),
    )


async def expire(uow: UnitOfWork, limit: int) -> int:
    """Ends carts that saw nothing for 30 days, of all tenants; needs a unit of work across tenants."""
    return await uow.execute(
        "UPDATE cart SET state = 3, state_at = %(now)s, updated_at = %(now)s WHERE (tenant_id, cart_ref) IN ("
        " SELECT tenant_id, cart_ref FROM cart WHERE state = 1 AND last_activity_at <= %(before)s"
        " LIMIT %(limit)s FOR UPDATE SKIP LOCKED)",
        {"now": uow.now(), "before": uow.now() - EXPIRES, "limit": limit},
    )


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes carts and view counters that are old; a step of the cleanup."""
    removed = 0
    for table, key, kept in (
        ("cart", "cart_ref", KEPT),
        ("view_counter", "contact_id, subject_ref", VIEWS_KEPT),
    ):
        removed = max(
            removed,
            await uow.execute(
                f"DELETE FROM {table} WHERE (tenant_id, {key}) IN (SELECT tenant_id, {key} FROM {table}"
                " WHERE updated_at < %s LIMIT %s)",
                (now - kept, limit),
            ),
        )
    return removed


async def forget(uow: UnitOfWork, contact_id: UUID) -> dict[str, int]:
    """Removes a person's carts and views; returns how many rows, by table."""
    return {
        table: await uow.execute(
            f"DELETE FROM {table} WHERE tenant_id = %s AND contact_id = %s",
            (uow.tenant_id, contact_id),
        )
        for table in ("cart", "view_counter")
    }


def _cart(row: Sequence[Any]) -> Cart:
    cart_ref, *rest = row
    values = dict(zip(_KEPT, rest, strict=True))
    values["state"] = CartState(values["state"])
    return Cart(cart_ref, **values)
