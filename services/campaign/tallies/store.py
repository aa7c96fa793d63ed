"""SQL of tallies."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.campaign.ledger.domain import Counts, RecipientState, Tally
from services.campaign.tallies.tables import TALLIED
from services.common.db.uow import UnitOfWork

# The planner knows neither how small a block is nor how large the ledger. It is told: each list of ids is looked up in
# the primary key once, and what was found is joined by hashing. Left alone it reads a whole partition for a block, or
# compares every line with every other. A plan for the values at hand would do so as well: it believes that a tenant or
# a run it has seen no line of has none.
_BY_KEYS = "set_config('plan_cache_mode', 'force_generic_plan', true), " + ", ".join(
    f"set_config('enable_{method}', 'off', true)" for method in ("nestloop", "mergejoin", "seqscan")
)
_TALLY = f"{', '.join(TALLIED)}, complaints, actual_cost"


async def insert(uow: UnitOfWork, run_id: UUID) -> None:
    """Adds the tally of a new run."""
    await uow.execute(
        f"INSERT INTO campaign_run_tally (tenant_id, run_id, {_TALLY}) "
        f"VALUES (%s, %s, {', '.join('0' for _ in TALLIED)}, 0, 0)",
        (uow.tenant_id, run_id),
    )


async def lock(uow: UnitOfWork, run_id: UUID) -> None:
    """Makes this transaction the only one that changes lines of a run, and has it find them by their keys."""
    await uow.execute(
        f"SELECT {_BY_KEYS} FROM campaign_run_tally WHERE tenant_id = %s AND run_id = %s FOR UPDATE",
        (uow.tenant_id, run_id),
    )


async def lock_of_campaigns(uow: UnitOfWork, campaign_ids: Iterable[UUID]) -> None:
    """Locks as `lock` does every run of some campaigns, always in the same order, so that nobody waits in a circle."""
    await uow.execute(
        f"SELECT {_BY_KEYS} FROM campaign_run_tally WHERE tenant_id = %s AND run_id IN "
        "(SELECT run_id FROM campaign_run WHERE tenant_id = %s AND campaign_id = ANY (%s)) "
        "ORDER BY run_id FOR UPDATE",
        (uow.tenant_id, uow.tenant_id, sorted(set(campaign_ids))),
    )


async def move(
    uow: UnitOfWork,
    run_id: UUID,
    deltas: Mapping[RecipientState, int],
    *,
    complaints: int = 0,
    cost: Decimal = Decimal(0),
) -> None:
    """Adds what a change did to the lines of a run."""
    columns = {TALLIED[state - 1]: delta for state, delta in deltas.items() if delta}
    columns |= {"complaints": complaints} if complaints else {}
    assignments = [f"{name} = {name} + %({name})s" for name in columns]
    if cost:
        assignments.append("actual_cost = actual_cost + %(cost)s")
    if assignments:
        await uow.execute(
            f"UPDATE campaign_run_tally SET {', '.join(assignments)} "
            "WHERE tenant_id = %(tenant_id)s AND run_id = %(run_id)s",
            {**columns, "cost": cost, "tenant_id": uow.tenant_id, "run_id": run_id},
        )


async def of_runs(uow: UnitOfWork, run_ids: Iterable[UUID]) -> dict[UUID, Tally]:
    """Returns what the lines of runs add up to."""
    rows = await uow.fetch_all(
        f"SELECT run_id, {_TALLY} FROM campaign_run_tally WHERE tenant_id = %s AND run_id = ANY (%s)",
        (uow.tenant_id, list(run_ids)),
    )
    return {row[0]: _tally(row[1:]) for row in rows}


async def of_campaigns(uow: UnitOfWork, campaign_ids: Iterable[UUID]) -> dict[UUID, Tally]:
    """Returns what the lines of all runs of campaigns add up to; campaigns without a run are left out."""
    sums = ", ".join(f"sum({name})" for name in (*TALLIED, "complaints", "actual_cost"))
    rows = await uow.fetch_all(
        f"SELECT campaign_id, {sums} FROM campaign_run_tally JOIN campaign_run USING (tenant_id, run_id) "
        "WHERE tenant_id = %s AND campaign_id = ANY (%s) GROUP BY campaign_id",
        (uow.tenant_id, list(campaign_ids)),
    )
    return {row[0]: _tally(row[1:]) for row in rows}


async def put(uow: UnitOfWork, run_id: UUID, counts: Counts) -> None:
    """Writes counted lines over the tally, whose row must be locked."""
    await uow.execute(
        f"UPDATE campaign_run_tally SET {', '.join(f'{name} = %s' for name in TALLIED)} "
        "WHERE tenant_id = %s AND run_id = %s",
        (*(counts[state] for state in RecipientState), uow.tenant_id, run_id),
    )


def _tally(values: Sequence[Any]) -> Tally:
    *states, complaints, cost = values
    counts = {state: int(lines) for state, lines in zip(RecipientState, states, strict=True)}
    return Tally(Counts(counts), int(complaints), cost)
