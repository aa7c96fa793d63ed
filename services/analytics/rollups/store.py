"""SQL of the rollups: reading them, and recounting them from facts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.analytics.rollups.counters import (
    CAMPAIGN_COUNTERS,
    CAMPAIGN_KEY,
    COUNTERS,
    DELIVERY_TIME,
    FINE_COUNTERS,
    FINE_KEY,
)
from services.analytics.rollups.deltas import (
    BUCKET,
    campaign_from_facts,
    fine_from_facts,
    reasons_from_facts,
)
from services.common.db.uow import UnitOfWork

_INSTANTS = tuple(counter.at for counter in COUNTERS)


async def sums(
    uow: UnitOfWork, start: datetime, end: datetime, *, channel: int, message_class: int, category: int
) -> dict[str, int]:
    """Returns the sum of every fine counter in a range; a zero filter means all."""
    names = [*(f"total_{name}" for name in CAMPAIGN_COUNTERS), *DELIVERY_TIME]
    row = await uow.fetch_one(
        f"""
        SELECT {", ".join(f"COALESCE(sum({name}), 0)::bigint" for name in names)} FROM rollup_fine
        WHERE tenant_id = %(tenant_id)s AND bucket >= %(start)s AND bucket < %(end)s
            AND %(channel)s IN (0, channel) AND %(message_class)s IN (0, message_class)
            AND %(category)s IN (0, category)
        """,
        {
            "tenant_id": uow.tenant_id,
            "start": start,
            "end": end,
            "channel": channel,
            "message_class": message_class,
            "category": category,
        },
    )
    assert row is not None  # noqa: S101 - an aggregate always has a row
    return {name.removeprefix("total_"): value for name, value in zip(names, row, strict=True)}


async def mark_all_campaigns(uow: UnitOfWork) -> None:
    """Marks every campaign of the tenant for a recount."""
    await uow.execute(
        """
        INSERT INTO dirty_campaign (tenant_id, campaign_id, marked_at)
        SELECT tenant_id, campaign_id, %s FROM campaign_profile WHERE tenant_id = %s ON CONFLICT DO NOTHING
        """,
        (uow.now(), uow.tenant_id),
    )


async def take_dirty_buckets(uow: UnitOfWork, limit: int) -> list[tuple[UUID, datetime]]:
    """Takes marked buckets of all tenants; the marks go with the transaction that recounts them."""
    rows = await uow.fetch_all(
        """
        DELETE FROM dirty_bucket WHERE (tenant_id, bucket) IN (
            SELECT tenant_id, bucket FROM dirty_bucket ORDER BY marked_at LIMIT %s FOR UPDATE SKIP LOCKED
        ) RETURNING tenant_id, bucket
        """,
        (limit,),
    )
    return [(tenant_id, bucket) for tenant_id, bucket in rows]


async def take_dirty_campaigns(uow: UnitOfWork, limit: int) -> list[tuple[UUID, UUID]]:
    """Takes marked campaigns of all tenants."""
    rows = await uow.fetch_all(
        """
        DELETE FROM dirty_campaign WHERE (tenant_id, campaign_id) IN (
            SELECT tenant_id, campaign_id FROM dirty_campaign ORDER BY marked_at LIMIT %s FOR UPDATE SKIP LOCKED
        ) RETURNING tenant_id, campaign_id
        """,
        (limit,),
    )
    return [(tenant_id, campaign_id) for tenant_id, campaign_id in rows]


async def recount_fine(uow: UnitOfWork, tenant_id: UUID, start: datetime, end: datetime) -> tuple[int, int]:
    """Recounts the fine rollup of whole buckets in a range; returns how many rows it has and how many changed."""
    touched = " OR ".join(f"({at} >= %(start)s AND {at} < %(end)s)" for at in _INSTANTS)
    counts = ", ".join(FINE_COUNTERS)
    keys = ", ".join(FINE_KEY)
    # No fold may come between the recount and the write; folds take row locks here, so the table lock is short.
    await uow.execute("LOCK TABLE rollup_fine IN SHARE ROW EXCLUSIVE MODE")
    row = await uow.fetch_one(
        f"""
        WITH counted AS (SELECT * FROM message_fact WHERE tenant_id = %(tenant_id)s AND ({touched})),
        fresh AS (SELECT * FROM ({fine_from_facts()}) AS c WHERE bucket >= %(start)s AND bucket < %(end)s),
        stale AS (
            SELECT {keys}, {counts} FROM rollup_fine
            WHERE tenant_id = %(tenant_id)s AND bucket >= %(start)s AND bucket < %(end)s
        ),
        different AS (
            SELECT {keys}, COALESCE(fresh.total_sent, 0) AS found,
                {", ".join(f"COALESCE(fresh.{name}, 0) AS {name}" for name in FINE_COUNTERS)}
            FROM fresh FULL JOIN stale USING ({keys})
            WHERE ({", ".join(f"COALESCE(fresh.{name}, 0)" for name in FINE_COUNTERS)})
                IS DISTINCT FROM ({", ".join(f"COALESCE(stale.{name}, 0)" for name in FINE_COUNTERS)})
        ),
        written AS (
            INSERT INTO rollup_fine ({keys}, {counts}) SELECT {keys}, {counts} FROM different
            ON CONFLICT ({keys}) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in FINE_COUNTERS)}
        )
        SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM different)
        """,
        {"tenant_id": tenant_id, "start": start, "end": end},
    )
    assert row is not None  # noqa: S101 - counts always have a row
    return row[0], row[1]


async def recount_campaign(uow: UnitOfWork, tenant_id: UUID, campaign_id: UUID, zone: str) -> None:
    """Recounts the rollups of one campaign from its facts."""
    params = {"tenant_id": tenant_id, "campaign_id": campaign_id, "zone": zone}
    counted = (
        "WITH counted AS (SELECT * FROM message_fact WHERE tenant_id = %(tenant_id)s "
        "AND campaign_id = %(campaign_id)s FOR UPDATE)"
    )
    # Locking the facts keeps folds of this campaign out until the recount is written.
    for table, columns, query in (
        ("campaign_stat", (*CAMPAIGN_KEY, *CAMPAIGN_COUNTERS), campaign_from_facts()),
        (
            "campaign_reason",
            ("tenant_id", "campaign_id", "run_id", "kind", "reason", "messages"),
            reasons_from_facts(),
        ),
    ):
        await uow.execute(
            f"DELETE FROM {table} WHERE tenant_id = %(tenant_id)s AND campaign_id = %(campaign_id)s",
            params,
        )
        await uow.execute(
            f"{counted} INSERT INTO {table} ({', '.join(columns)}) {query}",
            params,
        )


async def campaigns_between(
    uow: UnitOfWork, tenant_id: UUID, start: datetime, end: datetime
) -> Sequence[UUID]:
    """Returns campaigns with messages sent in a range."""
    rows = await uow.fetch_all(
        "SELECT DISTINCT campaign_id FROM message_fact "
        "WHERE tenant_id = %s AND sent_at >= %s AND sent_at < %s AND campaign_id IS NOT NULL",
        (tenant_id, start, end),
    )
    return [campaign_id for (campaign_id,) in rows]


async def bucket_of(uow: UnitOfWork, instant: datetime) -> datetime:
    """Returns the start of the bucket an instant lies in."""
    found: Any = await uow.fetch_value(f"SELECT {BUCKET.format(at='%s::timestamptz')}", (instant,))
    return found  # type: ignore[no-any-return]  # the driver's datetime


async def spend(uow: UnitOfWork, *, campaign_id: UUID) -> list[tuple[str, Any]]:
    """Returns what a campaign cost, by currency."""
    rows = await uow.fetch_all(
        "SELECT currency, sum(cost) FROM spend_rollup WHERE tenant_id = %s AND campaign_id = %s "
        "GROUP BY currency ORDER BY currency",
        (uow.tenant_id, campaign_id),
    )
    return [(currency, cost) for currency, cost in rows]
