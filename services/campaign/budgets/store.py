"""SQL of the budget ledger; totals always equal the sum of the entries."""

from decimal import Decimal
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7


async def lock_period(uow: UnitOfWork, month: str) -> None:
    """Makes the month's row when it is missing, and locks it."""
    now = uow.now()
    await uow.execute(
        "INSERT INTO budget_period (tenant_id, month, reserved, spent, created_at, updated_at) "
        "VALUES (%s, %s, 0, 0, %s, %s) ON CONFLICT (tenant_id, month, branch_id) DO NOTHING",
        (uow.tenant_id, month, now, now),
    )
    await uow.execute(
        "SELECT 1 FROM budget_period WHERE tenant_id = %s AND month = %s FOR UPDATE", (uow.tenant_id, month)
    )


async def sums(uow: UnitOfWork, month: str) -> tuple[Decimal, Decimal]:
    """Returns reserved and spent of a month."""
    row = await uow.fetch_one(
        "SELECT reserved, spent FROM budget_period WHERE tenant_id = %s AND month = %s",
        (uow.tenant_id, month),
    )
    return (row[0], row[1]) if row else (Decimal(0), Decimal(0))


async def has_reservation(uow: UnitOfWork, run_id: UUID) -> bool:
    """Returns whether a run reserved before."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM budget_entry WHERE tenant_id = %s AND run_id = %s AND kind = 'reserve')",
            (uow.tenant_id, run_id),
        )
    )


async def reserved_of(uow: UnitOfWork, month: str, campaign_id: UUID) -> Decimal:
    """Returns what a campaign still holds of a month."""
    held: Decimal = await uow.fetch_value(
        """
        SELECT COALESCE(sum(CASE kind WHEN 'reserve' THEN amount WHEN 'release' THEN -amount ELSE 0 END), 0)
        FROM budget_entry WHERE tenant_id = %s AND month = %s AND campaign_id = %s
        """,
        (uow.tenant_id, month, campaign_id),
    )
    return held


async def add(
    uow: UnitOfWork,
    month: str,
    kind: str,
    amount: Decimal,
    *,
    campaign_id: UUID | None = None,
    run_id: UUID | None = None,
    event_id: UUID | None = None,
) -> None:
    """Adds an entry and moves the month's sums by it; the month's row must be locked."""
    now = uow.now()
    await uow.execute(
        "INSERT INTO budget_entry "
        "(tenant_id, entry_id, month, kind, amount, campaign_id, run_id, created_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (uow.tenant_id, uuid7(), month, kind, amount, campaign_id, run_id, now),
    )
    column, sign = {"reserve": ("reserved", "+"), "release": ("reserved", "-"), "spend": ("spent", "+")}[kind]
    await uow.execute(
        f"UPDATE budget_period SET {column} = {column} {sign} %s, updated_at = %s WHERE tenant_id = %s AND month = %s",
        (amount, now, uow.tenant_id, month),
    )
