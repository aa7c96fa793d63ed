"""SQL of A/B tests."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from services.campaign.blocks.domain import BlockState
from services.campaign.experiments.domain import Arm
from services.campaign.ledger.domain import RecipientState, first_id, last_id
from services.campaign.runs.domain import TestPhase
from services.campaign.runs.store import RunKey
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

HUMAN = 1
_TAKEN = [int(state) for state in (RecipientState.SENT, RecipientState.DELIVERED, RecipientState.READ)]


class Hit(NamedTuple):
    """One open or click, with its newest verdict."""

    engagement_id: UUID
    campaign_id: UUID
    message_id: UUID
    kind: int
    engagement_class: int
    judgement: int


async def tested_campaigns(uow: UnitOfWork, campaign_ids: Collection[UUID]) -> set[UUID]:
    """Returns which of some campaigns have a test that is not decided."""
    rows = await uow.fetch_all(
        "SELECT campaign_id FROM campaign_run WHERE tenant_id = %s AND campaign_id = ANY (%s) AND test_phase = %s",
        (uow.tenant_id, list(campaign_ids), int(TestPhase.TESTING)),
    )
    return {campaign_id for (campaign_id,) in rows}


_KEEP = f"""
INSERT INTO test_hit AS kept
    (tenant_id, engagement_id, campaign_id, message_id, kind, engagement_class, judgement, created_at)
SELECT %(tenant_id)s, id, campaign, message, kind, class, judgement, %(now)s
FROM {
    named_unnest(
        {
            "id": "uuid",
            "campaign": "uuid",
            "message": "uuid",
            "kind": "int2",
            "class": "int2",
            "judgement": "int4",
        }
    )
}
ON CONFLICT (tenant_id, engagement_id) DO UPDATE
SET engagement_class = EXCLUDED.engagement_class, judgement = EXCLUDED.judgement
WHERE kept.judgement < EXCLUDED.judgement
"""


async def keep(uow: UnitOfWork, hits: Sequence[Hit]) -> None:
    """Keeps hits, each with its newest verdict whatever order they come in; each id stands once."""
    await uow.execute(
        _KEEP,
        {
            "tenant_id": uow.tenant_id,
            "now": uow.now(),
            "id": [one.engagement_id for one in hits],
            "campaign": [one.campaign_id for one in hits],
            "message": [one.message_id for one in hits],
            "kind": [one.kind for one in hits],
            "class": [one.engagement_class for one in hits],
            "judgement": [one.judgement for one in hits],
        },
    )


async def undecided(uow: UnitOfWork, limit: int = 50) -> list[RunKey]:
    """Returns running runs whose test is not decided; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, run_id, campaign_id FROM campaign_run WHERE test_phase = 1 AND state = 1 AND phase = 2 "
        "ORDER BY started_at LIMIT %s",
        (limit,),
    )
    return [RunKey(*row) for row in rows]


async def is_handed_over(uow: UnitOfWork, run_id: UUID) -> bool:
    """Returns whether every block of the tested share is done."""
    left = await uow.fetch_value(
        "SELECT EXISTS (SELECT FROM campaign_block WHERE tenant_id = %s AND run_id = %s AND variant > 0 AND state < %s)",
        (uow.tenant_id, run_id, int(BlockState.DONE)),
    )
    return not left


async def start_counting(uow: UnitOfWork, run_id: UUID, ends_at: datetime) -> None:
    """Notes when counting ends."""
    await uow.execute(
        "UPDATE campaign_run SET test_ends_at = %s WHERE tenant_id = %s AND run_id = %s AND test_ends_at IS NULL",
        (ends_at, uow.tenant_id, run_id),
    )


async def arms(uow: UnitOfWork, run_id: UUID, *, campaign_id: UUID, kind: int, count: int) -> list[Arm]:
    """Returns what came of each variant; only what people did is counted, each recipient once."""
    rows = await uow.fetch_all(
        """
        SELECT r.variant, count(*), count(*) FILTER (WHERE h.message_id IS NOT NULL)
        FROM campaign_recipient r LEFT JOIN (
            SELECT DISTINCT message_id FROM test_hit
            WHERE tenant_id = %(tenant_id)s AND campaign_id = %(campaign_id)s AND kind = %(kind)s
                AND engagement_class = %(human)s
        ) h ON h.message_id = r.recipient_id
        WHERE r.tenant_id = %(tenant_id)s AND r.run_id = %(run_id)s AND r.recipient_id BETWEEN %(low)s AND %(high)s
            AND r.variant > 0 AND r.state = ANY (%(taken)s::int2[])
        GROUP BY r.variant
        """,
        {
            "tenant_id": uow.tenant_id,
            "campaign_id": campaign_id,
            "run_id": run_id,
            "low": first_id(run_id),
            "high": last_id(run_id),
            "kind": kind,
            "human": HUMAN,
            "taken": _TAKEN,
        },
    )
    found = {variant: Arm(sent, engaged) for variant, sent, engaged in rows}
    return [found.get(number, Arm(0, 0)) for number in range(1, count + 1)]


async def decided(uow: UnitOfWork, run_id: UUID, outcome: dict[str, Any]) -> bool:
    """Writes an outcome down; False when another process did."""
    return bool(
        await uow.execute(
            "UPDATE campaign_run SET test_phase = %s, test_outcome = %s "
            "WHERE tenant_id = %s AND run_id = %s AND test_phase = %s",
            (int(TestPhase.DECIDED), Jsonb(outcome), uow.tenant_id, run_id, int(TestPhase.TESTING)),
        )
    )


async def release(uow: UnitOfWork, run_id: UUID, variant: int) -> int:
    """Lets the blocks that waited leave with a variant; returns how many."""
    return await uow.execute(
        "UPDATE campaign_block SET variant = %s, due_at = %s "
        "WHERE tenant_id = %s AND run_id = %s AND variant = 0 AND due_at IS NULL AND state < %s",
        (variant, uow.now(), uow.tenant_id, run_id, int(BlockState.DONE)),
    )


async def forget(uow: UnitOfWork, campaign_id: UUID) -> None:
    """Removes the hits of a campaign whose test is decided."""
    await uow.execute(
        "DELETE FROM test_hit WHERE tenant_id = %s AND campaign_id = %s", (uow.tenant_id, campaign_id)
    )


async def forget_before(uow: UnitOfWork, instant: datetime, limit: int) -> int:
    """Removes old hits of tests that were never decided; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM test_hit WHERE (tenant_id, engagement_id) IN "
        "(SELECT tenant_id, engagement_id FROM test_hit WHERE created_at < %s LIMIT %s)",
        (instant, limit),
    )
