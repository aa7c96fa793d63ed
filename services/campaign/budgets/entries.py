"""SQL of what single messages do to budgets, a block of them in one statement; their periods must be locked."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from services.campaign.budgets.domain import NO_BRANCH
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork


class Line(NamedTuple):
    """A message of a run, with the branch it is charged to."""

    message_id: UUID
    run_id: UUID
    campaign_id: UUID
    branch_id: UUID
    is_marketing: bool


class Charge(NamedTuple):
    """What an attempt of a message costs, and where that is charged."""

    message_id: UUID
    amount: Decimal
    branch_id: UUID
    is_counted: bool
    campaign_id: UUID | None = None
    run_id: UUID | None = None


class Charged(NamedTuple):
    """What a block of charges added to what a branch spent, or to what counts for no limit."""

    branch_id: UUID
    spent: Decimal
    uncounted: Decimal


class Freed(NamedTuple):
    """What messages gave back of a month that their run had reserved for a branch."""

    month: str
    branch_id: UUID
    amount: Decimal


# A contact's own branch, else the only one that the campaign names (CAM-75). Contacts are looked up by their ids: whoever
# settles lines has told the planner to join by hashing, which would read them all.
_LINES = """
WITH picked AS MATERIALIZED (
    SELECT recipient_id, run_id, contact_id FROM campaign_recipient
    WHERE tenant_id = %(tenant_id)s AND recipient_id = ANY (%(ids)b::uuid[])
), people AS MATERIALIZED (
    SELECT contact_id, branch_id FROM contact
    WHERE tenant_id = %(tenant_id)s AND contact_id = ANY (ARRAY(SELECT contact_id FROM picked)) AND branch_id IS NOT NULL
), runs AS MATERIALIZED (
    SELECT n.run_id, c.campaign_id, c.branch_ids, c.message_class
    FROM campaign_run n JOIN campaign c ON c.tenant_id = n.tenant_id AND c.campaign_id = n.campaign_id
    WHERE n.tenant_id = %(tenant_id)s AND n.run_id = ANY (ARRAY(SELECT DISTINCT run_id FROM picked))
        AND c.campaign_id = ANY (ARRAY(
            SELECT campaign_id FROM campaign_run
            WHERE tenant_id = %(tenant_id)s AND run_id = ANY (ARRAY(SELECT DISTINCT run_id FROM picked))
        ))
)
SELECT picked.recipient_id, picked.run_id, runs.campaign_id,
    COALESCE(
        people.branch_id, CASE WHEN cardinality(runs.branch_ids) = 1 THEN runs.branch_ids[1] END, %(nobody)s
    ),
    runs.message_class = %(marketing)s
FROM picked JOIN runs USING (run_id) LEFT JOIN people USING (contact_id)
"""


async def lines(uow: UnitOfWork, message_ids: Sequence[UUID], marketing: int) -> dict[UUID, Line]:
    """Returns which of the messages are lines of runs, and whom they are charged to."""
    rows = await uow.fetch_all(
        _LINES,
        {
            "ids": list(message_ids),
            "tenant_id": uow.tenant_id,
            "nobody": NO_BRANCH,
            "marketing": marketing,
        },
    )
    return {row[0]: Line(*row) for row in rows}


_CHARGE_COLUMNS = {
    "entry_id": "uuid",
    "amount": "numeric",
    "branch_id": "uuid",
    "is_counted": "bool",
    "campaign_id": "uuid",
    "run_id": "uuid",
}

# A later price of an attempt takes the earlier one's place, in whatever order attempts are told. Whether it counts, and
# for which branch, stays as it was first.
_CHARGE = f"""
WITH given AS MATERIALIZED (SELECT * FROM {named_unnest(_CHARGE_COLUMNS)}),
known AS MATERIALIZED (
    SELECT entry_id, amount FROM budget_entry
    WHERE tenant_id = %(tenant_id)s AND entry_id = ANY (%(entry_id)b::uuid[]) AND kind = 'spend' AND month = %(month)s
), written AS (
    INSERT INTO budget_entry AS e (tenant_id, entry_id, month, kind, amount, campaign_id, run_id, created_at, branch_id,
        is_counted, costs)
    SELECT %(tenant_id)s, entry_id, %(month)s, 'spend', amount, campaign_id, run_id, %(now)s, branch_id, is_counted,
        array_fill(amount, ARRAY[1], ARRAY[%(attempt)s::int])
    FROM given
    ON CONFLICT (tenant_id, entry_id, kind, month) DO UPDATE SET
        costs[%(attempt)s::int] = EXCLUDED.amount,
        amount = e.amount - COALESCE(e.costs[%(attempt)s::int], 0) + EXCLUDED.amount
    RETURNING e.entry_id, e.branch_id, e.amount, e.is_counted
)
SELECT branch_id,
    COALESCE(sum(written.amount - COALESCE(known.amount, 0)) FILTER (WHERE is_counted), 0),
    COALESCE(sum(written.amount - COALESCE(known.amount, 0)) FILTER (WHERE NOT is_counted), 0)
FROM written LEFT JOIN known USING (entry_id) GROUP BY branch_id
"""


async def charge(uow: UnitOfWork, month: str, attempt: int, charges: Sequence[Charge]) -> list[Charged]:
    """Writes down what an attempt of messages costs, its newest price once, and returns what that adds by branch."""
    rows = await uow.fetch_all(
        _CHARGE,
        {
            "entry_id": [one.message_id for one in charges],
            "amount": [one.amount for one in charges],
            "branch_id": [one.branch_id for one in charges],
            "is_counted": [one.is_counted for one in charges],
            "campaign_id": [one.campaign_id for one in charges],
            "run_id": [one.run_id for one in charges],
            "tenant_id": uow.tenant_id,
            "month": month,
            "attempt": attempt,
            "now": uow.now(),
        },
    )
    return [Charged(*row) for row in rows]


async def charged_branches(uow: UnitOfWork, month: str, message_ids: Sequence[UUID]) -> list[UUID]:
    """Returns the branches that messages were charged to before."""
    rows = await uow.fetch_all(
        "SELECT DISTINCT branch_id FROM budget_entry WHERE tenant_id = %(tenant_id)s "
        "AND entry_id = ANY (%(ids)b::uuid[]) AND kind = 'spend' AND month = %(month)s",
        {"ids": list(message_ids), "tenant_id": uow.tenant_id, "month": month},
    )
    return [branch_id for (branch_id,) in rows]


# A message has its share of what its run holds for its branch, else for all; once, and while there is something.
_FREE = f"""
WITH given AS MATERIALIZED (
    SELECT * FROM {named_unnest({"entry_id": "uuid", "run_id": "uuid", "branch_id": "uuid"})}
), reserved AS MATERIALIZED (
    SELECT run_id, branch_id, campaign_id, month, share, held FROM budget_reservation
    WHERE tenant_id = %(tenant_id)s AND run_id = ANY (%(run_id)b::uuid[]) AND share > 0 AND held > 0
    ORDER BY run_id, branch_id FOR UPDATE
), done AS MATERIALIZED (
    SELECT entry_id FROM budget_entry
    WHERE tenant_id = %(tenant_id)s AND entry_id = ANY (%(entry_id)b::uuid[]) AND kind = 'release'
), numbered AS (
    SELECT g.entry_id, h.*, row_number() OVER (PARTITION BY h.run_id, h.branch_id ORDER BY g.entry_id) AS place
    FROM given g
    JOIN LATERAL (
        SELECT * FROM reserved r WHERE r.run_id = g.run_id AND r.branch_id IN (g.branch_id, %(nobody)s)
        ORDER BY r.branch_id = g.branch_id DESC LIMIT 1
    ) h ON true
    WHERE NOT EXISTS (SELECT FROM done WHERE done.entry_id = g.entry_id)
), freed AS (
    INSERT INTO budget_entry (tenant_id, entry_id, month, kind, amount, campaign_id, run_id, created_at, branch_id)
    SELECT %(tenant_id)s, entry_id, month, 'release', share, campaign_id, run_id, %(now)s, branch_id
    FROM numbered WHERE place * share <= held
    RETURNING run_id, branch_id, month, amount
), given_back AS (
    UPDATE budget_reservation r SET held = r.held - sums.amount, updated_at = %(now)s
    FROM (SELECT run_id, branch_id, sum(amount) AS amount FROM freed GROUP BY run_id, branch_id) sums
    WHERE r.tenant_id = %(tenant_id)s AND r.run_id = sums.run_id AND r.branch_id = sums.branch_id
)
SELECT month, branch_id, sum(amount) FROM freed GROUP BY month, branch_id
"""


async def free(uow: UnitOfWork, found: Sequence[Line]) -> list[Freed]:
    """Gives the shares of messages back, each once however often it is asked, and returns what that was."""
    rows = await uow.fetch_all(
        _FREE,
        {
            "entry_id": [one.message_id for one in found],
            "run_id": [one.run_id for one in found],
            "branch_id": [one.branch_id for one in found],
            "tenant_id": uow.tenant_id,
            "nobody": NO_BRANCH,
            "now": uow.now(),
        },
    )
    return [Freed(*row) for row in rows]


async def unbilled(uow: UnitOfWork, message_ids: Sequence[UUID]) -> list[UUID]:
    """Returns those of the messages that cost nothing so far."""
    rows = await uow.fetch_all(
        """
        SELECT id FROM unnest(%(ids)b::uuid[]) AS given (id)
        WHERE NOT EXISTS (
            SELECT FROM budget_entry e WHERE e.tenant_id = %(tenant_id)s AND e.entry_id = given.id AND e.kind = 'spend'
        )
        """,
        {"ids": list(message_ids), "tenant_id": uow.tenant_id},
    )
    return [message_id for (message_id,) in rows]


async def delete_old(uow: UnitOfWork, before: str, limit: int) -> int:
    """Removes entries of months before one; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM budget_entry WHERE (tenant_id, entry_id, kind, month) IN"
        " (SELECT tenant_id, entry_id, kind, month FROM budget_entry WHERE month < %s LIMIT %s)",
        (before, limit),
    )
