"""Whom campaigns leave out, so that what they do can be measured against people who got none."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from services.campaign.segments.domain import EVERYBODY, Holdout
from services.common import audit
from services.common.db.uow import UnitOfWork


async def of(uow: UnitOfWork, segment_ids: Sequence[UUID]) -> list[Holdout]:
    """Returns the holdouts of some segments that hold anybody out."""
    rows = await uow.fetch_all(
        "SELECT segment_id, basis_points, salt FROM segment_holdout"
        " WHERE tenant_id = %s AND segment_id = ANY(%s::uuid[]) AND basis_points > 0 ORDER BY segment_id",
        (uow.tenant_id, list(segment_ids)),
    )
    return [Holdout(*row) for row in rows]


async def get(uow: UnitOfWork, segment_id: UUID) -> Holdout:
    """Returns a holdout; one of nobody when none was set."""
    row = await uow.fetch_one(
        "SELECT segment_id, basis_points, salt FROM segment_holdout WHERE tenant_id = %s AND segment_id = %s",
        (uow.tenant_id, segment_id),
    )
    return Holdout(*row) if row else Holdout(segment_id, 0, "")


async def save(uow: UnitOfWork, segment_id: UUID, basis_points: int, *, redraw: bool, actor: str) -> Holdout:
    """Sets how many are held out; the same people stay so unless it is drawn anew."""
    before = await get(uow, segment_id)
    [(salt,)] = await uow.fetch_all(
        """
        INSERT INTO segment_holdout AS h (tenant_id, segment_id, basis_points, salt, updated_by, updated_at)
        VALUES (%(tenant_id)s, %(segment_id)s, %(basis_points)s, %(salt)s, %(actor)s, %(now)s)
        ON CONFLICT (tenant_id, segment_id) DO UPDATE SET basis_points = EXCLUDED.basis_points,
            salt = CASE WHEN %(redraw)s THEN EXCLUDED.salt ELSE h.salt END,
            updated_by = EXCLUDED.updated_by, updated_at = EXCLUDED.updated_at
        RETURNING salt
        """,
        {
            "tenant_id": uow.tenant_id,
            "segment_id": segment_id,
            "basis_points": basis_points,
            "salt": f"holdout:{uuid4()}",
            "actor": actor,
            "now": uow.now(),
            "redraw": redraw,
        },
    )
    await audit.record(
        uow,
        action="segment.holdout",
        resource_type="segment" if segment_id != EVERYBODY else "tenant",
        resource_id=segment_id if segment_id != EVERYBODY else uow.tenant_id,
        before={"basis_points": before.basis_points},
        after={"basis_points": basis_points, "redrawn": redraw},
    )
    return Holdout(segment_id, basis_points, salt)
