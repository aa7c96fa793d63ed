"""SQL of runs."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from services.campaign.runs.domain import Order, Phase, Run, RunState, TestPhase
from services.common.db.uow import UnitOfWork

COLUMNS = (
    "run_id, campaign_id, run_number, state, phase, planned_at, started_at, completed_at, audience_count, "
    "after_contact_id, next_block, chunks, delivery_order, reason, source_run_id, source_token, test_phase, "
    "test_ends_at, test_outcome"
)


class RunKey(NamedTuple):
    """Names a run among all tenants."""

    tenant_id: UUID
    run_id: UUID
    campaign_id: UUID


async def insert(uow: UnitOfWork, run: Run) -> None:
    """Adds a run."""
    await uow.execute(
        f"INSERT INTO campaign_run (tenant_id, {COLUMNS}, order_attempts) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, NULL, 0)",
        (
            uow.tenant_id,
            run.run_id,
            run.campaign_id,
            run.number,
            int(run.state),
            int(run.phase),
            run.planned_at,
            run.started_at,
            run.completed_at,
            run.audience_count,
            run.after,
            run.next_block,
            run.chunks,
            int(run.order),
            run.reason,
            run.source_run_id,
            run.source_token,
            int(run.test_phase),
            run.test_ends_at,
        ),
    )


async def by_id(uow: UnitOfWork, run_id: UUID, *, lock: bool = False) -> Run | None:
    """Returns a run, or None."""
    row = await uow.fetch_one(
        f"SELECT {COLUMNS} FROM campaign_run WHERE tenant_id = %s AND run_id = %s{' FOR NO KEY UPDATE' if lock else ''}",
        (uow.tenant_id, run_id),
    )
    return None if row is None else run_of_row(row)


async def newest(uow: UnitOfWork, campaign_id: UUID) -> Run | None:
    """Returns the newest run of a campaign that was sent, or None."""
    row = await uow.fetch_one(
        f"SELECT {COLUMNS} FROM campaign_run WHERE tenant_id = %s AND campaign_id = %s AND state <> %s "
        "ORDER BY run_number DESC LIMIT 1",
        (uow.tenant_id, campaign_id, int(RunState.SKIPPED)),
    )
    return None if row is None else run_of_row(row)


async def next_number(uow: UnitOfWork, campaign_id: UUID) -> int:
    """Returns the number of a campaign's next run; the transaction changes the campaign."""
    found: int = await uow.fetch_value(
        "SELECT COALESCE(max(run_number), 0) + 1 FROM campaign_run WHERE tenant_id = %s AND campaign_id = %s",
        (uow.tenant_id, campaign_id),
    )
    return found


async def rerun_of(uow: UnitOfWork, run_id: UUID) -> Run | None:
    """Returns the run that repeats a run, or None."""
    row = await uow.fetch_one(
        f"SELECT {COLUMNS} FROM campaign_run WHERE tenant_id = %s AND source_run_id = %s",
        (uow.tenant_id, run_id),
    )
    return None if row is None else run_of_row(row)


async def page(uow: UnitOfWork, campaign_id: UUID, before: int | None, limit: int) -> list[Run]:
    """Returns runs of a campaign, newest first, numbered below `before`."""
    rows = await uow.fetch_all(
        f"SELECT {COLUMNS} FROM campaign_run WHERE tenant_id = %s AND campaign_id = %s "
        "AND (%s::int4 IS NULL OR run_number < %s) ORDER BY run_number DESC LIMIT %s",
        (uow.tenant_id, campaign_id, before, before, limit),
    )
    return [run_of_row(row) for row in rows]


async def change_state(
    uow: UnitOfWork, run_id: UUID, before: Sequence[RunState], after: RunState, order: Order = Order.NONE
) -> bool:
    """Moves a run on, with what delivery is to be told of it; False when it is in none of the states before."""
    completed = uow.now() if after in (RunState.COMPLETED, RunState.CANCELLED) else None
    # What is being told keeps its hour: of two orders under way at once, nobody would know which came last.
    return bool(
        await uow.execute(
            "UPDATE campaign_run SET state = %(after)s, completed_at = %(completed)s, delivery_order = %(order)s,"
            " order_due_at = CASE WHEN %(order)s > 0 THEN greatest(order_due_at, %(now)s) END"
            " WHERE tenant_id = %(tenant_id)s AND run_id = %(run_id)s AND state = ANY (%(before)s::int2[])",
            {
                "after": int(after),
                "completed": completed,
                "order": int(order),
                "now": uow.now(),
                "tenant_id": uow.tenant_id,
                "run_id": run_id,
                "before": [int(state) for state in before],
            },
        )
    )


def run_of_row(row: Sequence[Any]) -> Run:
    """Returns the run of a row in the order of `COLUMNS`."""
    run_id, campaign_id, number, state, phase, planned, started, completed, *rest = row
    audience, after, next_block, chunks, order, reason, source, token, test, ends, outcome = rest
    return Run(
        run_id, campaign_id, number, RunState(state), Phase(phase), planned, started, completed,
        audience, after, next_block, chunks, Order(order), reason, source, token, TestPhase(test), ends, outcome,
    )  # fmt: skip
