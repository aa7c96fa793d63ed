"""SQL that counts rollups anew from facts and mends what differs.

A difference is added to the counters rather than written over them, and is found and added by one statement over one
snapshot: whatever is folded in meanwhile adds its own part, so nothing is lost and nothing has to be locked out but
another recount.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from services.analytics.rollups import engagement
from services.analytics.rollups.counters import (
    COHORT,
    COHORT_KEY,
    COLUMNS,
    COUNTERS,
    DAILY_KEY,
    ENGAGEMENT_KEY,
    FINE_KEY,
    LINK_KEY,
    REASON_KEY,
    SPEND_KEY,
)
from services.analytics.rollups.deltas import (
    SPANS,
    SPEND_COUNTERS,
    cohort_counts,
    daily_counts,
    fine_counts,
    reason_counts,
    spend_counts,
)
from services.common.db.partitions import uuid7_floor
from services.common.db.uow import UnitOfWork

_LONGEST: Final = "900s"
"""How long a statement of a recount may take: it reads all facts of a tenant."""

_INSTANTS: Final = tuple(dict.fromkeys(counter.at for counter in COUNTERS))
_TOUCHED: Final = " OR ".join(f"({at} >= %(start)s AND {at} < %(end)s)" for at in _INSTANTS)
_OF_TENANT: Final = "tenant_id = %(tenant_id)s"
_OF_CAMPAIGNS: Final = f"{_OF_TENANT} AND campaign_id >= %(oldest)s"
_IN_BUCKETS: Final = f"{_OF_TENANT} AND bucket >= %(start)s AND bucket < %(end)s"
_IN_DAYS: Final = f"{_OF_TENANT} AND day >= %(first_day)s AND day < %(day_after)s"
_IN_PERIODS: Final = f"{_OF_TENANT} AND billing_period = ANY (%(periods)s::text[])"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a recount made, and how many of them were wrong."""

    rows: int = 0
    changed: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.rows + other.rows, self.changed + other.changed)


async def hold(uow: UnitOfWork, tenant_id: UUID) -> None:
    """Keeps other recounts of the tenant out until the commit, and gives this one the time it needs."""
    await uow.execute(
        "SELECT set_config('statement_timeout', %s, true),"
        " pg_advisory_xact_lock(hashtextextended('recount:' || %s::text, 0))",
        (_LONGEST, str(tenant_id)),
    )


async def fine(uow: UnitOfWork, tenant_id: UUID, start: datetime, end: datetime) -> Counted:
    """Recounts quarter hours of a range."""
    facts = f"(SELECT * FROM message_fact WHERE {_OF_TENANT} AND ({_TOUCHED})) AS facts"
    fresh = f"SELECT * FROM ({fine_counts(facts)}) AS c WHERE bucket >= %(start)s AND bucket < %(end)s"
    return await _mend(
        uow,
        "rollup_fine",
        FINE_KEY,
        COLUMNS,
        fresh,
        _IN_BUCKETS,
        {"tenant_id": tenant_id, "start": start, "end": end},
    )


async def daily(uow: UnitOfWork, params: Mapping[str, Any]) -> Counted:
    """Recounts days from the facts; `params` are those of `days`."""
    facts = f"(SELECT * FROM message_fact WHERE {_OF_TENANT} AND ({_TOUCHED})) AS facts"
    quarters = f"(SELECT * FROM ({fine_counts(facts)}) AS c WHERE bucket >= %(start)s AND bucket < %(end)s) AS quarters"
    return await _mend(uow, "rollup_daily", DAILY_KEY, COLUMNS, daily_counts(quarters), _IN_DAYS, params)


async def cohorts(uow: UnitOfWork, params: Mapping[str, Any]) -> Counted:
    """Recounts what was sent on days; `params` are those of `days`."""
    facts = f"(SELECT * FROM message_fact WHERE {_OF_TENANT} AND {COHORT} >= %(start)s AND {COHORT} < %(end)s) AS facts"
    return await _mend(uow, "cohort_stat", COHORT_KEY, COLUMNS, cohort_counts(facts), _IN_DAYS, params, SPANS)


async def reasons(uow: UnitOfWork, params: Mapping[str, Any]) -> Counted:
    """Recounts why messages of a range stopped or came back."""
    facts = (
        f"(SELECT * FROM message_fact WHERE {_OF_TENANT}"
        " AND (skipped_at IS NOT NULL OR failed_at IS NOT NULL OR bounced_at IS NOT NULL)) AS facts"
    )
    fresh = f"SELECT * FROM ({reason_counts(facts)}) AS c WHERE bucket >= %(start)s AND bucket < %(end)s"
    return await _mend(uow, "reason_stat", REASON_KEY, ("messages",), fresh, _IN_BUCKETS, params)


async def spend(uow: UnitOfWork, tenant_id: UUID, periods: Sequence[str]) -> Counted:
    """Recounts what was billed in months."""
    facts = (
        f"(SELECT * FROM message_fact WHERE {_OF_TENANT} AND cost_periods && %(periods)s::text[]) AS facts"
    )
    fresh = f"SELECT * FROM ({spend_counts(facts)}) AS c WHERE billing_period = ANY (%(periods)s::text[])"
    params = {"tenant_id": tenant_id, "periods": list(periods)}
    return await _mend(uow, "spend_rollup", SPEND_KEY, SPEND_COUNTERS, fresh, _IN_PERIODS, params)


async def hits(uow: UnitOfWork, tenant_id: UUID, since: datetime) -> Counted:
    """Recounts hits by class and link of campaigns made since then.

    Of older ones, and of messages of no campaign, hits were forgotten: their figures stay.
    """
    params = {"tenant_id": tenant_id, "oldest": uuid7_floor(since)}
    classes = engagement.class_counts(engagement.SINCE)
    links = engagement.link_counts(engagement.SINCE)
    return await _mend(
        uow,
        "campaign_engagement",
        ENGAGEMENT_KEY,
        engagement.CLASS_COUNTERS,
        classes,
        _OF_CAMPAIGNS,
        params,
    ) + await _mend(
        uow, "link_stat", LINK_KEY, engagement.LINK_COUNTERS, links, _OF_CAMPAIGNS, params, others=("url",)
    )


async def clear_days(uow: UnitOfWork, tenant_id: UUID, since: date) -> None:
    """Empties the rollups that are cut by days from one on, for days are cut elsewhere now."""
    for table in ("rollup_daily", "cohort_stat"):
        await uow.execute(f"DELETE FROM {table} WHERE tenant_id = %s AND day >= %s", (tenant_id, since))


async def periods_between(uow: UnitOfWork, tenant_id: UUID, start: datetime, end: datetime) -> list[str]:
    """Returns the months in which messages of a range were billed."""
    rows = await uow.fetch_all(
        f"""
        SELECT DISTINCT unnest(cost_periods) AS period FROM message_fact
        WHERE tenant_id = %(tenant_id)s AND {COHORT} >= %(start)s AND {COHORT} < %(end)s
        """,
        {"tenant_id": tenant_id, "start": start, "end": end},
    )
    return [period for (period,) in rows if period is not None]


async def extent(uow: UnitOfWork, tenant_id: UUID) -> tuple[datetime, datetime] | None:
    """Returns when the first and the last thing happened that facts tell of; None without facts."""
    row = await uow.fetch_one(
        f"""
        SELECT min(LEAST({", ".join(_INSTANTS)})), max(GREATEST({", ".join(_INSTANTS)}))
        FROM message_fact WHERE tenant_id = %s
        """,
        (tenant_id,),
    )
    return (row[0], row[1]) if row and row[0] else None


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


async def take_dirty_tenant(uow: UnitOfWork) -> UUID | None:
    """Takes one tenant whose days are cut elsewhere."""
    found: UUID | None = await uow.fetch_value(
        """
        DELETE FROM dirty_tenant WHERE tenant_id = (
            SELECT tenant_id FROM dirty_tenant ORDER BY marked_at LIMIT 1 FOR UPDATE SKIP LOCKED
        ) RETURNING tenant_id
        """
    )
    return found


async def mark_tenant(uow: UnitOfWork) -> None:
    """Marks the tenant for a recount of its days."""
    await uow.execute(
        "INSERT INTO dirty_tenant (tenant_id, marked_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (uow.tenant_id, uow.now()),
    )


async def waiting(uow: UnitOfWork) -> int:
    """Returns how many buckets and tenants wait for a recount."""
    found: int = await uow.fetch_value(
        "SELECT (SELECT count(*) FROM dirty_bucket) + (SELECT count(*) FROM dirty_tenant)"
    )
    return found


async def _mend(  # noqa: PLR0913, PLR0917 - a table, its columns and its recount
    uow: UnitOfWork,
    table: str,
    key: Sequence[str],
    counters: Sequence[str],
    fresh: str,
    stale: str,
    params: Mapping[str, Any],
    spans: Sequence[str] = (),
    others: Sequence[str] = (),
) -> Counted:
    """Adds to a table what it differs from its recount by, and returns how many rows there are and differed."""
    keys = ", ".join(key)
    plus = [f"COALESCE(fresh.{name}, 0) - COALESCE(stale.{name}, 0) AS {name}" for name in counters]
    given = [f"fresh.{name} AS {name}" for name in (*spans, *others)]
    differs = " OR ".join(
        [f"COALESCE(fresh.{name}, 0) <> COALESCE(stale.{name}, 0)" for name in counters]
        # A span may be wider than what is left in its row, never narrower.
        + [f"fresh.{name} IS NOT NULL AND stale.{name} IS NULL" for name in spans]
    )
    changes = [f"{name} = r.{name} + EXCLUDED.{name}" for name in counters]
    if spans:
        first, last = spans
        changes += [
            f"{first} = LEAST(r.{first}, EXCLUDED.{first})",
            f"{last} = GREATEST(r.{last}, EXCLUDED.{last})",
        ]
    read = ", ".join((*key, *counters, *spans))
    columns = ", ".join((*key, *counters, *spans, *others))
    row = await uow.fetch_one(
        f"""
        WITH fresh AS ({fresh}),
        stale AS (SELECT {read} FROM {table} WHERE {stale}),
        different AS (
            SELECT {keys}, {", ".join((*plus, *given))} FROM fresh FULL JOIN stale USING ({keys}) WHERE {differs}
        ),
        written AS (
            INSERT INTO {table} AS r ({columns}) SELECT {columns} FROM different ORDER BY {keys}
            ON CONFLICT ({keys}) DO UPDATE SET {", ".join(changes)}
        )
        SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM different)
        """,
        params,
    )
    assert row is not None  # noqa: S101 - counts always have a row
    return Counted(row[0], row[1])
