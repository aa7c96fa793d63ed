"""SQL of branches."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.campaign.branches.domain import Branch
from services.common.db.uow import UnitOfWork

_COLUMNS = (
    "branch_id, name, marketing_enabled, monthly_budget_limit, time_zone, region_code, archived_at, version,"
    " created_at"
)


async def insert(uow: UnitOfWork, branch: Branch) -> bool:
    """Adds a branch; False when its id is taken."""
    now = uow.now()
    return bool(
        await uow.execute(
            f"INSERT INTO branch (tenant_id, {_COLUMNS}, updated_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (tenant_id, branch_id) DO NOTHING",
            (uow.tenant_id, branch.branch_id, *_values(branch), now, now),
        )
    )


async def by_id(uow: UnitOfWork, branch_id: UUID, *, lock: bool = False) -> Branch | None:
    """Returns a branch, archived or not, or None."""
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM branch WHERE tenant_id = %s AND branch_id = %s{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, branch_id),
    )
    return None if row is None else Branch(*row)


async def by_ids(uow: UnitOfWork, branch_ids: Sequence[UUID]) -> dict[UUID, Branch]:
    """Returns branches by their ids, archived ones too; unknown ids are left out."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM branch WHERE tenant_id = %s AND branch_id = ANY (%s::uuid[])",
        (uow.tenant_id, list(branch_ids)),
    )
    return {row[0]: Branch(*row) for row in rows}


async def limited(uow: UnitOfWork) -> list[UUID]:
    """Returns the branches with a budget of their own that are not archived."""
    rows = await uow.fetch_all(
        "SELECT branch_id FROM branch WHERE tenant_id = %s AND monthly_budget_limit IS NOT NULL AND archived_at IS NULL",
        (uow.tenant_id,),
    )
    return [branch_id for (branch_id,) in rows]


async def page(
    uow: UnitOfWork, *, only: Sequence[UUID], archived: bool, after: UUID | None, limit: int
) -> list[Branch]:
    """Returns branches by id, after one; `only` these, or all when it is empty."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM branch WHERE tenant_id = %(tenant_id)s AND branch_id > %(after)s "
        "AND (cardinality(%(only)s::uuid[]) = 0 OR branch_id = ANY (%(only)s::uuid[])) "
        "AND (%(archived)s OR archived_at IS NULL) ORDER BY branch_id LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "after": after or UUID(int=0),
            "only": list(only),
            "archived": archived,
            "limit": limit,
        },
    )
    return [Branch(*row) for row in rows]


async def active_ids(uow: UnitOfWork) -> list[UUID]:
    """Returns the branches that are not archived."""
    rows = await uow.fetch_all(
        "SELECT branch_id FROM branch WHERE tenant_id = %s AND archived_at IS NULL ORDER BY branch_id",
        (uow.tenant_id,),
    )
    return [branch_id for (branch_id,) in rows]


async def save(uow: UnitOfWork, branch: Branch) -> None:
    """Writes a branch whose row is locked."""
    await uow.execute(
        "UPDATE branch SET name = %s, marketing_enabled = %s, monthly_budget_limit = %s, time_zone = %s, "
        "region_code = %s, archived_at = %s, version = %s, updated_at = %s WHERE tenant_id = %s AND branch_id = %s",
        (*_values(branch), uow.now(), uow.tenant_id, branch.branch_id),
    )


def _values(branch: Branch) -> tuple[Any, ...]:
    return (
        branch.name,
        branch.marketing_enabled,
        branch.monthly_budget_limit,
        branch.time_zone,
        branch.region_code,
        branch.archived_at,
        branch.version,
    )
