"""SQL of order references."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.orders.domain import OrderKind, OrderReference
from services.common.db.uow import UnitOfWork

_COLUMNS: Final = (
    "contact_id",
    "branch_id",
    "event_ref",
    "order_number",
    "amount_minor",
    "currency_code",
    "status",
    "coupon_codes",
    "message_id",
    "campaign_id",
    "paid_at",
    "refunded_minor",
    "fold",
)
_SELECT: Final = f"""
SELECT kind, order_ref, {", ".join(_COLUMNS)} FROM order_reference WHERE tenant_id = %s
"""
_CASTS: Final = {"coupon_codes": "::text[]", "fold": "::jsonb"}
_ASSIGNED: Final = ", ".join(f"{name} = %({name})s{_CASTS.get(name, '')}" for name in _COLUMNS)


async def claim(uow: UnitOfWork, kind: OrderKind, order_ref: str) -> OrderReference:
    """Returns the reference of an order and locks it, also when nothing was told of it yet."""
    await uow.execute(
        "INSERT INTO order_reference"
        " (tenant_id, kind, order_ref, coupon_codes, refunded_minor, fold, created_at, updated_at)"
        " VALUES (%(tenant_id)s, %(kind)s, %(ref)s, '{}', 0, '{}', %(now)s, %(now)s) ON CONFLICT DO NOTHING",
        {"tenant_id": uow.tenant_id, "kind": int(kind), "ref": order_ref, "now": uow.now()},
    )
    row = await uow.fetch_one(
        f"{_SELECT} AND kind = %s AND order_ref = %s FOR UPDATE", (uow.tenant_id, int(kind), order_ref)
    )
    assert row is not None  # noqa: S101 - it was just made, or stood
    return _order(row)


async def save(uow: UnitOfWork, order: OrderReference) -> None:
    """Writes a reference that is locked."""
    values = {name: getattr(order, name) for name in _COLUMNS}
    values |= {"coupon_codes": list(order.coupon_codes), "fold": orjson.dumps(order.fold).decode()}
    await uow.execute(
        f"UPDATE order_reference SET {_ASSIGNED}, updated_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND kind = %(kind)s AND order_ref = %(order_ref)s",
        {
            **values,
            "tenant_id": uow.tenant_id,
            "kind": int(order.kind),
            "order_ref": order.order_ref,
            "now": uow.now(),
        },
    )


async def by_ref(uow: UnitOfWork, order_ref: str, kind: OrderKind = OrderKind.ORDER) -> OrderReference | None:
    """Returns the reference of an order; None when no event told of it (EVT-123)."""
    row = await uow.fetch_one(
        f"{_SELECT} AND kind = %s AND order_ref = %s", (uow.tenant_id, int(kind), order_ref)
    )
    return _order(row) if row else None


async def forget_buyer(uow: UnitOfWork, contact_id: UUID) -> int:
    """Takes a contact out of the orders that are theirs; the orders stay."""
    return await uow.execute(
        "UPDATE order_reference SET contact_id = NULL, fold = fold - 'contact', updated_at = %s"
        " WHERE tenant_id = %s AND contact_id = %s",
        (uow.now(), uow.tenant_id, contact_id),
    )


async def move(uow: UnitOfWork, merged_id: UUID, kept_id: UUID) -> None:
    """Makes the orders of one contact those of another."""
    await uow.execute(
        "UPDATE order_reference SET contact_id = %(kept)s,"
        " fold = jsonb_set(fold, '{contact,3}', to_jsonb(%(kept)s::text))"
        " WHERE tenant_id = %(tenant_id)s AND contact_id = %(merged)s",
        {"tenant_id": uow.tenant_id, "merged": merged_id, "kept": kept_id},
    )


async def forget_old(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes references of which nothing was told since an instant; what they counted for stays counted."""
    return await uow.execute(
        "DELETE FROM order_reference WHERE (tenant_id, kind, order_ref) IN (SELECT tenant_id, kind, order_ref"
        " FROM order_reference WHERE updated_at < %s ORDER BY updated_at LIMIT %s)",
        (before, limit),
    )


def _order(row: Sequence[Any]) -> OrderReference:
    kind, order_ref, *rest = row
    values = dict(zip(_COLUMNS, rest, strict=True))
    values["coupon_codes"] = tuple(values["coupon_codes"])
    return OrderReference(OrderKind(kind), order_ref, **values)
