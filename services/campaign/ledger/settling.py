"""SQL that settles lines by what delivery tells; who calls it holds the tallies of the runs concerned."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from services.campaign.ledger.domain import RANKS, RecipientState
from services.campaign.tallies import store as tallies
from services.common.db.arrays import UuidArray, uuids
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

_BY_NUMBER = [RANKS[state] for state in RecipientState]
_RANK = f"(ARRAY{_BY_NUMBER})[{{}}]"


class Move(NamedTuple):
    """Where a line goes, and the times that are known of it."""

    recipient_id: UUID
    state: RecipientState
    reason: str = ""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None


class Moved(NamedTuple):
    """How many lines of a run went from one state to another."""

    run_id: UUID
    before: RecipientState
    after: RecipientState
    lines: int


_SAID = {"state": "int2", "reason": "text", "sent_at": "timestamptz", "delivered_at": "timestamptz"}
_GIVEN = f"SELECT * FROM {named_unnest({'id': 'uuid', **_SAID})}"
_ALIKE = (
    f"SELECT id, {', '.join(f'%({name})s::{kind} AS {name}' for name, kind in _SAID.items())}"
    f" FROM {named_unnest({'id': 'uuid'})}"
)
_APPLY = f"""
WITH given AS MATERIALIZED (
    {{}}
), old AS MATERIALIZED (
    SELECT recipient_id, state, reason, sent_at, delivered_at FROM campaign_recipient
    WHERE tenant_id = %(tenant_id)s AND recipient_id = ANY (%(id)b::uuid[])
), wanted AS MATERIALIZED (
    SELECT old.recipient_id, old.state AS before,
        CASE WHEN {_RANK.format("given.state")} > {_RANK.format("old.state")} THEN given.state ELSE old.state END AS state,
        CASE WHEN {_RANK.format("given.state")} > {_RANK.format("old.state")}
            THEN NULLIF(given.reason, '') ELSE old.reason END AS reason,
        COALESCE(old.sent_at, given.sent_at) AS sent_at,
        COALESCE(old.delivered_at, given.delivered_at) AS delivered_at
    FROM given JOIN old ON old.recipient_id = given.id
    WHERE {_RANK.format("given.state")} > {_RANK.format("old.state")}
        OR (old.sent_at IS NULL AND given.sent_at IS NOT NULL)
        OR (old.delivered_at IS NULL AND given.delivered_at IS NOT NULL)
), changed AS (
    UPDATE campaign_recipient r SET state = wanted.state, reason = wanted.reason, sent_at = wanted.sent_at,
        delivered_at = wanted.delivered_at
    FROM wanted
    WHERE r.tenant_id = %(tenant_id)s AND r.recipient_id = ANY (%(id)b::uuid[])
        AND r.recipient_id = wanted.recipient_id
    RETURNING r.run_id, wanted.before, r.state AS after
)
SELECT run_id, before, after, count(*) FROM changed WHERE before <> after GROUP BY run_id, before, after
"""
_APPLY_EACH, _APPLY_ALIKE = _APPLY.format(_GIVEN), _APPLY.format(_ALIKE)


async def apply(uow: UnitOfWork, moves: Sequence[Move]) -> list[Moved]:
    """Moves lines forward, never back, and keeps the first times; tallies must be locked and are moved too.

    Ids that are no lines are passed over. Each id stands once.
    """
    if not moves:
        return []
    ids = uuids([move.recipient_id.bytes for move in moves])
    said = [(int(state), *rest) for _, state, *rest in moves]
    # What a block of messages has in common is sent once.
    if said.count(said[0]) == len(said):
        return await _apply(uow, _APPLY_ALIKE, ids, said[0])
    return await _apply(uow, _APPLY_EACH, ids, list(map(list, zip(*said, strict=True))))


async def apply_alike(
    uow: UnitOfWork, ids: Sequence[bytes], state: RecipientState, *, sent_at: datetime
) -> list[Moved]:
    """Does the same for lines that all went to one state at one instant, by the 16 bytes of their ids."""
    return await _apply(uow, _APPLY_ALIKE, uuids(ids), (int(state), "", sent_at, None))


async def _apply(uow: UnitOfWork, statement: str, ids: UuidArray, said: Sequence[object]) -> list[Moved]:
    values = {"id": ids, "tenant_id": uow.tenant_id, **dict(zip(_SAID, said, strict=True))}
    rows = await uow.fetch_all(statement, values)
    moved = [
        Moved(run_id, RecipientState(before), RecipientState(after), lines)
        for run_id, before, after, lines in rows
    ]
    deltas: dict[UUID, dict[RecipientState, int]] = {}
    for one in moved:
        of_run = deltas.setdefault(one.run_id, {})
        of_run[one.before] = of_run.get(one.before, 0) - one.lines
        of_run[one.after] = of_run.get(one.after, 0) + one.lines
    for run_id in sorted(deltas):
        await tallies.move(uow, run_id, deltas[run_id])
    return moved


_RETRIED = """
WITH changed AS (
    UPDATE campaign_recipient SET state = %(waiting)s, reason = NULL
    WHERE tenant_id = %(tenant_id)s AND recipient_id = ANY (%(ids)b::uuid[]) AND state = %(failed)s
    RETURNING run_id
)
SELECT run_id, count(*) FROM changed GROUP BY run_id ORDER BY run_id
"""


async def reopen_failed(uow: UnitOfWork, ids: Sequence[UUID]) -> int:
    """Lets failed lines wait again, for delivery tries their messages anew; tallies must be locked and are moved too."""
    rows = await uow.fetch_all(
        _RETRIED,
        {
            "tenant_id": uow.tenant_id,
            "ids": list(ids),
            "waiting": int(RecipientState.HANDED_OVER),
            "failed": int(RecipientState.FAILED),
        },
    )
    for run_id, lines in rows:
        await tallies.move(uow, run_id, {RecipientState.FAILED: -lines, RecipientState.HANDED_OVER: lines})
    return sum(lines for _, lines in rows)


async def complain(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Notes complaints, each line's once; returns how many were new by run."""
    if not ids:
        return {}
    rows = await uow.fetch_all(
        "WITH noted AS (UPDATE campaign_recipient SET complained = true WHERE tenant_id = %(tenant_id)s "
        "AND recipient_id = ANY (%(ids)b::uuid[]) AND NOT complained RETURNING run_id) SELECT run_id, count(*) FROM noted GROUP BY run_id ORDER BY run_id",
        {"tenant_id": uow.tenant_id, "ids": list(ids)},
    )
    for run_id, lines in rows:
        await tallies.move(uow, run_id, {}, complaints=lines)
    return dict(rows)


# As budgets do it: a later price of an attempt takes the earlier one's place, in whatever order attempts are told.
_COSTS = f"""
WITH given AS MATERIALIZED (SELECT * FROM {named_unnest({"id": "uuid", "amount": "numeric"})}),
old AS MATERIALIZED (
    SELECT recipient_id, costs[%(attempt)s::int] AS amount FROM campaign_recipient
    WHERE tenant_id = %(tenant_id)s AND recipient_id = ANY (%(id)b::uuid[])
), changed AS (
    UPDATE campaign_recipient r SET
        cost = COALESCE(r.cost, 0) - COALESCE(old.amount, 0) + given.amount,
        costs[%(attempt)s::int] = given.amount
    FROM given JOIN old ON old.recipient_id = given.id
    WHERE r.tenant_id = %(tenant_id)s AND r.recipient_id = ANY (%(id)b::uuid[]) AND r.recipient_id = given.id
    RETURNING r.run_id, given.amount - COALESCE(old.amount, 0) AS more
)
SELECT run_id, sum(more) FROM changed GROUP BY run_id ORDER BY run_id
"""


async def record_costs(uow: UnitOfWork, costs: Sequence[tuple[UUID, int, Decimal]]) -> None:
    """Notes what attempts cost, the last price of each; tallies must be locked and are moved too."""
    by_attempt: defaultdict[int, dict[UUID, Decimal]] = defaultdict(dict)
    for message_id, attempt, amount in costs:
        by_attempt[attempt][message_id] = amount
    for attempt, amounts in sorted(by_attempt.items()):
        values = {"id": list(amounts), "amount": list(amounts.values())}
        rows = await uow.fetch_all(_COSTS, {**values, "attempt": attempt, "tenant_id": uow.tenant_id})
        for run_id, more in rows:
            await tallies.move(uow, run_id, {}, cost=more)
