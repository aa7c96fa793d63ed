"""SQL that finds what is due with runs: what ends them, what holds them, and what delivery must be told."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.campaign.runs.domain import Order, Phase, RunState
from services.campaign.runs.store import RunKey
from services.common.db.uow import UnitOfWork


async def running(uow: UnitOfWork, limit: int = 1000) -> list[RunKey]:
    """Returns running runs; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, run_id, campaign_id FROM campaign_run WHERE state = 1 ORDER BY started_at LIMIT %s",
        (limit,),
    )
    return [RunKey(*row) for row in rows]


async def running_campaigns(uow: UnitOfWork) -> list[UUID]:
    """Returns the campaigns of the tenant with a running run."""
    rows = await uow.fetch_all(
        "SELECT DISTINCT campaign_id FROM campaign_run WHERE tenant_id = %s AND state = 1", (uow.tenant_id,)
    )
    return [campaign_id for (campaign_id,) in rows]


async def triggered_run(uow: UnitOfWork, campaign_id: UUID) -> UUID | None:
    """Returns the run of a trigger campaign; None for other campaigns, and before it was sent."""
    found: UUID | None = await uow.fetch_value(
        "SELECT r.run_id FROM campaign_run r JOIN campaign c ON c.tenant_id = r.tenant_id AND c.campaign_id = r.campaign_id "
        "WHERE r.tenant_id = %s AND r.campaign_id = %s AND c.kind = 3 ORDER BY r.run_number DESC LIMIT 1",
        (uow.tenant_id, campaign_id),
    )
    return found


async def settled(uow: UnitOfWork, limit: int = 50) -> list[RunKey]:
    """Returns running runs with nothing left to wait for; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT r.tenant_id, r.run_id, r.campaign_id FROM campaign_run r "
        "JOIN campaign_run_tally t ON t.tenant_id = r.tenant_id AND t.run_id = r.run_id "
        "JOIN campaign c ON c.tenant_id = r.tenant_id AND c.campaign_id = r.campaign_id AND c.kind < 3 "
        "WHERE r.state = 1 AND r.phase = 2 AND t.pending = 0 AND t.handed_over = 0 AND t.unknown = 0 LIMIT %s",
        (limit,),
    )
    return [RunKey(*row) for row in rows]


async def waiting_too_long(uow: UnitOfWork, planned_before: datetime, limit: int = 50) -> list[RunKey]:
    """Returns running runs whose pending lines waited too long; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT r.tenant_id, r.run_id, r.campaign_id FROM campaign_run r "
        "JOIN campaign_run_tally t ON t.tenant_id = r.tenant_id AND t.run_id = r.run_id "
        "WHERE r.state = 1 AND r.planned_at < %s AND t.pending > 0 LIMIT %s",
        (planned_before, limit),
    )
    return [RunKey(*row) for row in rows]


class DueOrder(NamedTuple):
    """What delivery has still to be told about a run, and is being told."""

    tenant_id: UUID
    run_id: UUID
    order: Order
    attempts: int
    until: datetime
    """When somebody else tells it, unless it was told."""
    triggered_campaign_id: UUID | None = None
    """Campaign of messages that triggers sent: they name no run."""


_CLAIM_ORDERS: Final = """
UPDATE campaign_run AS r SET order_due_at = %(until)s
FROM (
    SELECT o.tenant_id, o.run_id, CASE WHEN c.kind = 3 THEN c.campaign_id END AS triggered_campaign_id
    FROM campaign_run o JOIN campaign c ON c.tenant_id = o.tenant_id AND c.campaign_id = o.campaign_id
    WHERE o.delivery_order > 0 AND o.order_due_at <= %(now)s
    ORDER BY o.order_due_at LIMIT %(limit)s FOR UPDATE OF o SKIP LOCKED
) AS due
WHERE r.tenant_id = due.tenant_id AND r.run_id = due.run_id
RETURNING r.tenant_id, r.run_id, r.delivery_order, r.order_attempts, r.order_due_at, due.triggered_campaign_id
"""


async def claim_orders(uow: UnitOfWork, lease: timedelta, limit: int = 50) -> list[DueOrder]:
    """Takes what delivery has to be told now, for as long as the lease lasts; needs a unit of work across tenants."""
    now = uow.now()
    rows = await uow.fetch_all(_CLAIM_ORDERS, {"now": now, "until": now + lease, "limit": limit})
    return [DueOrder(tenant, run, Order(order), *rest) for tenant, run, order, *rest in rows]


async def delay_order(uow: UnitOfWork, due: DueOrder, due_at: datetime, *, failed: bool) -> None:
    """Has delivery told later what is then to be told, unless somebody else tells it by now."""
    await uow.execute(
        "UPDATE campaign_run SET order_due_at = %s, order_attempts = order_attempts + %s "
        "WHERE tenant_id = %s AND run_id = %s AND order_due_at = %s",
        (due_at, int(failed), uow.tenant_id, due.run_id, due.until),
    )


async def order_done(uow: UnitOfWork, due: DueOrder) -> None:
    """Notes that delivery knows; another order that came meanwhile is told now."""
    await uow.execute(
        "UPDATE campaign_run SET order_attempts = 0,"
        " delivery_order = CASE WHEN delivery_order <> %(order)s THEN delivery_order ELSE 0 END,"
        " order_due_at = CASE WHEN delivery_order <> %(order)s THEN %(now)s::timestamptz END"
        " WHERE tenant_id = %(tenant_id)s AND run_id = %(run_id)s AND order_due_at = %(until)s",
        {
            "order": int(due.order),
            "now": uow.now(),
            "tenant_id": uow.tenant_id,
            "run_id": due.run_id,
            "until": due.until,
        },
    )


async def expanding_in_own_zones(uow: UnitOfWork) -> list[tuple[UUID, datetime]]:
    """Locks and returns runs of the tenant that still write down who gets them when, with the time they were planned for."""
    rows = await uow.fetch_all(
        "SELECT r.run_id, r.planned_at FROM campaign_run r "
        "JOIN campaign c ON c.tenant_id = r.tenant_id AND c.campaign_id = r.campaign_id "
        "WHERE r.tenant_id = %s AND r.state = ANY (%s::int2[]) AND r.phase = %s AND c.schedule_zone = 2 "
        "ORDER BY r.run_id FOR NO KEY UPDATE OF r",
        (uow.tenant_id, [int(RunState.RUNNING), int(RunState.PAUSED)], int(Phase.EXPANDING)),
    )
    return [(run_id, planned_at) for run_id, planned_at in rows]


async def plan_again(uow: UnitOfWork, run_id: UUID, planned_at: datetime) -> None:
    """Gives a locked run another time that it was planned for."""
    await uow.execute(
        "UPDATE campaign_run SET planned_at = %s WHERE tenant_id = %s AND run_id = %s",
        (planned_at, uow.tenant_id, run_id),
    )


async def tune_partitions(uow: UnitOfWork) -> None:
    """Gives new partitions of the ledger their free room; needs a unit of work across tenants."""
    await uow.execute("SELECT tune_partitions()")
