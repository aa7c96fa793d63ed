"""SQL of coupons."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from services.campaign.coupons.domain import Code, CodeKind, CodeState, Coupon, CouponState
from services.common.db.uow import UnitOfWork

_KEPT = tuple(field.name for field in fields(Coupon))
_WRITTEN = tuple(name for name in _KEPT if name not in ("current_uses", "reserved_uses", "created_at"))
_CASTS = {"branch_ids": "::uuid[]", "service_ids": "::text[]", "category_ids": "::text[]"}
COLUMNS = ", ".join(f"k.{name}" for name in _KEPT)


async def insert(uow: UnitOfWork, coupon: Coupon) -> bool:
    """Adds a coupon; False when its code is taken, by another coupon or by one of another's codes."""
    values = ", ".join(f"%({name})s{_CASTS.get(name, '')}" for name in _WRITTEN)
    return bool(
        await uow.execute(
            f"INSERT INTO coupon (tenant_id, {', '.join(_WRITTEN)}, created_at, updated_at) "
            f"SELECT %(tenant_id)s, {values}, %(now)s, %(now)s "
            "WHERE NOT EXISTS (SELECT FROM coupon_code WHERE tenant_id = %(tenant_id)s AND code = %(code)s) "
            "ON CONFLICT (tenant_id, code) WHERE code IS NOT NULL DO NOTHING",
            _values(uow, coupon),
        )
    )


async def save(uow: UnitOfWork, coupon: Coupon) -> None:
    """Writes a changed coupon; its uses are written by `count` alone."""
    changes = ", ".join(f"{name} = %({name})s{_CASTS.get(name, '')}" for name in _WRITTEN if name != "code")
    await uow.execute(
        f"UPDATE coupon SET {changes}, updated_at = %(now)s "
        "WHERE tenant_id = %(tenant_id)s AND coupon_id = %(coupon_id)s",
        _values(uow, coupon),
    )


async def count(uow: UnitOfWork, coupon_id: UUID, *, current: int = 0, reserved: int = 0) -> None:
    """Adds to the uses of a locked coupon."""
    await uow.execute(
        "UPDATE coupon SET current_uses = current_uses + %s, reserved_uses = reserved_uses + %s, updated_at = %s "
        "WHERE tenant_id = %s AND coupon_id = %s",
        (current, reserved, uow.now(), uow.tenant_id, coupon_id),
    )


async def told_exhausted(uow: UnitOfWork, coupon_id: UUID) -> None:
    """Notes that a coupon's exhaustion was announced."""
    await uow.execute(
        "UPDATE coupon SET is_told_exhausted = true WHERE tenant_id = %s AND coupon_id = %s",
        (uow.tenant_id, coupon_id),
    )


async def by_id(uow: UnitOfWork, coupon_id: UUID, *, lock: bool = False) -> Coupon | None:
    """Returns a coupon, or None."""
    row = await uow.fetch_one(
        f"SELECT {COLUMNS} FROM coupon k WHERE k.tenant_id = %s AND k.coupon_id = %s"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, coupon_id),
    )
    return None if row is None else coupon_of(row)


async def shared_codes(uow: UnitOfWork, coupon_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Returns the codes of coupons that have one for all, by coupon."""
    rows = await uow.fetch_all(
        "SELECT coupon_id, code FROM coupon WHERE tenant_id = %s AND coupon_id = ANY(%s::uuid[]) AND code IS NOT NULL",
        (uow.tenant_id, list(coupon_ids)),
    )
    return dict(rows)


async def lock(uow: UnitOfWork, coupon_ids: Sequence[UUID]) -> dict[UUID, Coupon]:
    """Returns coupons, locked in the order of their ids, so that two orders never wait for each other."""
    rows = await uow.fetch_all(
        f"SELECT {COLUMNS} FROM coupon k WHERE k.tenant_id = %s AND k.coupon_id = ANY(%s) "
        "ORDER BY k.coupon_id FOR UPDATE",
        (uow.tenant_id, list(coupon_ids)),
    )
    return {found.coupon_id: found for found in map(coupon_of, rows)}


_FIND = f"""
SELECT k.code, NULL::uuid, NULL, NULL::uuid, {COLUMNS} FROM coupon k
WHERE k.tenant_id = %(tenant_id)s AND k.code = ANY(%(codes)s)
UNION ALL
SELECT c.code, c.contact_id, c.state, c.message_id, {COLUMNS} FROM coupon_code c
JOIN coupon k ON k.tenant_id = c.tenant_id AND k.coupon_id = c.coupon_id
WHERE c.tenant_id = %(tenant_id)s AND c.code = ANY(%(codes)s)
"""


async def codes(uow: UnitOfWork, texts: Sequence[str]) -> dict[str, Code]:
    """Returns the codes of these canonical texts that there are."""
    rows = await uow.fetch_all(_FIND, {"tenant_id": uow.tenant_id, "codes": list(texts)})
    return {
        text: Code(text, coupon_of(row), owner, CodeState(state) if state else None, message)
        for text, owner, state, message, *row in rows
    }


async def page(
    uow: UnitOfWork,
    *,
    state: int,
    campaign_id: UUID | None,
    text: str,
    branch_ids: Sequence[UUID],
    before: UUID | None,
    limit: int,
) -> list[Coupon]:
    """Returns coupons, newest first; of these branches alone when any are named."""
    rows = await uow.fetch_all(
        f"""
        SELECT {COLUMNS} FROM coupon k
        WHERE k.tenant_id = %(tenant_id)s AND %(state)s IN (0, k.state)
            AND (%(campaign_id)s::uuid IS NULL OR k.campaign_id = %(campaign_id)s)
            AND (%(text)s = '' OR position(lower(%(text)s) IN lower(k.name)) > 0
                OR starts_with(k.code, upper(%(text)s)))
            AND (cardinality(%(branches)s::uuid[]) = 0 OR k.branch_ids && %(branches)s::uuid[])
            AND (%(before)s::uuid IS NULL OR k.coupon_id < %(before)s)
        ORDER BY k.coupon_id DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "state": state,
            "campaign_id": campaign_id,
            "text": text,
            "branches": list(branch_ids),
            "before": before,
            "limit": limit,
        },
    )
    return [coupon_of(row) for row in rows]


async def uses_segment(uow: UnitOfWork, segment_id: UUID) -> bool:
    """Returns whether an active coupon is for a segment (CAM-36)."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM coupon WHERE tenant_id = %s AND segment_id = %s AND state = %s)",
            (uow.tenant_id, segment_id, int(CouponState.ACTIVE)),
        )
    )


def coupon_of(row: Sequence[Any]) -> Coupon:
    """Returns a coupon from a row of `COLUMNS`."""
    values = dict(zip(_KEPT, row, strict=True))
    values["code_kind"] = CodeKind(values["code_kind"])
    values["state"] = CouponState(values["state"])
    for name in _CASTS:
        values[name] = tuple(values[name])
    return Coupon(**values)


def _values(uow: UnitOfWork, coupon: Coupon) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(coupon, name) for name in _WRITTEN}
    values |= {name: list(values[name]) for name in _CASTS}
    values |= {"code_kind": int(coupon.code_kind), "state": int(coupon.state)}
    return values | {"tenant_id": uow.tenant_id, "now": uow.now()}
