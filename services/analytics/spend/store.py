"""SQL of spend: what was billed by month, and the check of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.analytics.rollups.counters import Bearer
from services.common.db.uow import UnitOfWork

GROUPS: Final = {0: "''", 1: "branch_id::text", 2: "channel::text", 3: "provider", 4: "campaign_id::text"}
"""What spend is cut by: number of the contract to a column of ours."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was billed in one month for one group."""

    period: str
    key: str
    currency: str
    cost: Decimal
    attempts: int


async def billed(
    uow: UnitOfWork,
    first: str,
    last: str,
    group: int,
    branches: Sequence[UUID] | None,
    bearers: Sequence[Bearer] = (Bearer.TENANT, Bearer.BUDGET),
) -> list[Row]:
    """Returns what the tenant was billed in months from one to another, oldest first, then the largest."""
    rows = await uow.fetch_all(
        f"""
        SELECT billing_period, {GROUPS[group]} AS key, currency, sum(cost), sum(attempts)::bigint FROM spend_rollup
        WHERE tenant_id = %(tenant_id)s AND billing_period >= %(first)s AND billing_period <= %(last)s
            AND bearer = ANY (%(bearers)s::int2[])
            AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
        GROUP BY 1, 2, 3 HAVING sum(attempts) <> 0 ORDER BY 1, 4 DESC, 2, 3
        """,
        {
            "tenant_id": uow.tenant_id,
            "first": first,
            "last": last,
            "bearers": list(bearers),
            "branches": None if branches is None else list(branches),
        },
    )
    return [Row(*row) for row in rows]


async def compared(uow: UnitOfWork, period: str) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Returns currency, what the rollup says, what facts say, and what the tenant bears, of a month at one instant."""
    rows = await uow.fetch_all(
        """
        SELECT currency, sum(spend), sum(facts), sum(borne) FROM (
            SELECT currency, cost AS spend, 0 AS facts, CASE WHEN bearer > 0 THEN cost ELSE 0 END AS borne
            FROM spend_rollup
            WHERE tenant_id = %(tenant_id)s AND billing_period = %(period)s
            UNION ALL
            SELECT currency, 0, price, 0 FROM message_fact
            CROSS JOIN LATERAL unnest(costs, cost_periods) AS billed (price, period)
            WHERE tenant_id = %(tenant_id)s AND cost_periods @> ARRAY[%(period)s::text] AND period = %(period)s
                AND price IS NOT NULL
        ) AS both_sides GROUP BY currency ORDER BY currency
        """,
        {"tenant_id": uow.tenant_id, "period": period},
    )
    return [tuple(row) for row in rows]


async def put_check(
    uow: UnitOfWork,
    period: str,
    currency: str,
    *,
    spend: Decimal,
    facts: Decimal,
    ledger: Decimal | None,
    differs: bool,
) -> tuple[bool, datetime | None]:
    """Keeps what a check found; returns whether it differed at the check before too, and since when it does."""
    row = await uow.fetch_one(
        """
        WITH before AS (
            SELECT differs_since FROM spend_check
            WHERE tenant_id = %(tenant_id)s AND billing_period = %(period)s AND currency = %(currency)s
        )
        INSERT INTO spend_check AS c
            (tenant_id, billing_period, currency, spend, facts, ledger, checked_at, differs_since)
        VALUES (%(tenant_id)s, %(period)s, %(currency)s, %(spend)s, %(facts)s, %(ledger)s, %(now)s,
            CASE WHEN %(differs)s THEN %(now)s::timestamptz END)
        ON CONFLICT (tenant_id, billing_period, currency) DO UPDATE SET
            spend = EXCLUDED.spend, facts = EXCLUDED.facts, ledger = EXCLUDED.ledger, checked_at = EXCLUDED.checked_at,
            differs_since = CASE WHEN %(differs)s THEN COALESCE(c.differs_since, EXCLUDED.differs_since) END
        RETURNING (SELECT differs_since IS NOT NULL FROM before), differs_since
        """,
        {
            "tenant_id": uow.tenant_id,
            "period": period,
            "currency": currency,
            "spend": spend,
            "facts": facts,
            "ledger": ledger,
            "now": uow.now(),
            "differs": differs,
        },
    )
    assert row is not None  # noqa: S101 - it returns what it wrote
    return bool(row[0]), row[1]


async def checks(uow: UnitOfWork) -> list[tuple[Any, ...]]:
    """Returns what the checks of the tenant found: month, currency, spend, facts, ledger, since when they differ."""
    return await uow.fetch_all(
        "SELECT billing_period, currency, spend, facts, ledger, differs_since FROM spend_check"
        " WHERE tenant_id = %s ORDER BY billing_period, currency",
        (uow.tenant_id,),
    )


async def forget_checks(uow: UnitOfWork, before: str, limit: int) -> int:
    """Removes checks of months before one; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM spend_check WHERE ctid = ANY (ARRAY(SELECT ctid FROM spend_check WHERE billing_period < %s LIMIT %s))",
        (before, limit),
    )
