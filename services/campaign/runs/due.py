"""SQL that finds what is due with runs: what ends them, what holds them, and what delivery must be told."""

from datetime import datetime
from typing import NamedTuple
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
    """What delivery has still to be told about a run."""

    tenant_id: UUID
    run_id: UUID
    order: Order
    attempts: int
    triggered_campaign_id: UUID | None = None
    """Campaign of messages that triggers sent: they name no run."""


async def orders_due(uow: UnitOfWork, now: datetime, limit: int = 50) -> list[DueOrder]:
    """Returns what delivery has to be told now; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT r.tenant_id, r.run_id, r.delivery_order, r.order_attempts, "
        "CASE WHEN c.kind = 3 THEN c.campaign_id END FROM campaign_run r "
        "JOIN campaign c ON c.tenant_id = r.tenant_id AND c.campaign_id = r.campaign_id "
        "WHERE r.delivery_order > 0 AND r.order_due_at <= %s ORDER BY r.order_due_at LIMIT %s",
        (now, limit),
    )
    return [DueOrder(tenant, run, Order(order), *rest) for tenant, run, order, *rest in rows]


async def delay_order(uow: UnitOfWork, run_id: UUID, order: Order, due_at: datetime, *, failed: bool) -> None:
    """Has delivery told again later, unless another order came meanwhile."""
    await uow.execute(
        "UPDATE campaign_run SET order_due_at = %s, order_attempts = order_attempts + %s "
        "WHERE tenant_id = %s AND run_id = %s AND delivery_order = %s",
        (due_at, int(failed), uow.tenant_id, run_id, int(order)),
    )


async def order_done(uow: UnitOfWork, run_id: UUID, order: Order) -> None:
    """Notes that delivery knows, unless another order came meanwhile."""
    await uow.execute(
        "UPDATE campaign_run SET delivery_order = 0, order_due_at = NULL "
        "WHERE tenant_id = %s AND run_id = %s AND delivery_order = %s",
        (uow.tenant_id, run_id, int(order)),
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
