"""SQL that brings a set of changed facts into the rollups, in one statement.

The idea: a changed fact is taken out of the counters as it was, and put in as it is. Both sides are read from rows
of `message_fact`, the old ones from before the change, so an increment is the same expression as a recount and
replays, disorder and corrections cost nothing extra in thought.
"""

from functools import cache

from services.analytics.rollups.counters import (
    CAMPAIGN_COUNTERS,
    CAMPAIGN_KEY,
    COUNTERS,
    FINE_COUNTERS,
    FINE_KEY,
    NO_ID,
)

BUCKET = "date_bin('15 minutes', {at}, TIMESTAMPTZ '2000-01-01 00:00:00+00')"
# A message that never left belongs to the day it was accepted or stopped.
COHORT = "COALESCE(sent_at, accepted_at, skipped_at, failed_at, expired_at, cancelled_at, delivered_at, bounced_at)"
ENDLESS = "timestamptz '2000-01-01 00:00:00+00'"


@cache
def apply_changes(old: str, new: str) -> str:
    """Returns CTEs that move facts from their rows in `old` to their rows in `new`; both are names of CTEs."""
    return f"""
fine_delta AS (
    {_fine_counts(old, -1)}
    UNION ALL
    {_fine_counts(new, 1)}
),
fine AS (
    {_upsert("rollup_fine", "fine_delta", FINE_KEY, FINE_COUNTERS)}
),
campaign_delta AS (
    {_campaign_counts(old, -1)}
    UNION ALL
    {_campaign_counts(new, 1)}
),
campaign AS (
    {_upsert("campaign_stat", "campaign_delta", CAMPAIGN_KEY, CAMPAIGN_COUNTERS)}
),
reason_delta AS (
    {_reason_counts(old, -1)}
    UNION ALL
    {_reason_counts(new, 1)}
),
reason AS (
    INSERT INTO campaign_reason AS r (tenant_id, campaign_id, run_id, kind, reason, messages)
    SELECT tenant_id, campaign_id, run_id, kind, reason, sum(messages)
    FROM reason_delta GROUP BY 1, 2, 3, 4, 5 HAVING sum(messages) <> 0
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant_id, campaign_id, run_id, kind, reason) DO UPDATE SET messages = r.messages + EXCLUDED.messages
)"""


def fine_from_facts() -> str:
    """Returns the recount of the fine rollup: rows of FINE_KEY and FINE_COUNTERS over the CTE `counted`."""
    return (
        f"SELECT {', '.join(FINE_KEY)}, {_sums(FINE_COUNTERS)} FROM ({_fine_counts('counted', 1)}) AS counts "
        f"GROUP BY {', '.join(FINE_KEY)}"
    )


def campaign_from_facts() -> str:
    """Returns the recount of the campaign rollup over the CTE `counted`."""
    return (
        f"SELECT {', '.join(CAMPAIGN_KEY)}, {_sums(CAMPAIGN_COUNTERS)} "
        f"FROM ({_campaign_counts('counted', 1)}) AS counts GROUP BY {', '.join(CAMPAIGN_KEY)}"
    )


def reasons_from_facts() -> str:
    """Returns the recount of skip and failure reasons over the CTE `counted`."""
    return (
        "SELECT tenant_id, campaign_id, run_id, kind, reason, sum(messages) AS messages "
        f"FROM ({_reason_counts('counted', 1)}) AS counts GROUP BY 1, 2, 3, 4, 5"
    )


def _fine_counts(source: str, sign: int) -> str:
    """Returns one row per key and instant at which facts count.

    Facts of a block are mostly alike, so alike ones are counted together first; only then each of their instants
    becomes a row of its own.
    """
    instants = [f"CASE WHEN {counter.where} THEN {BUCKET.format(at=counter.at)} END" for counter in COUNTERS]
    named = ", ".join(f"{instant} AS at_{number}" for number, instant in enumerate(instants))
    unpivoted = ", ".join(f"(at_{number}, {number})" for number, _ in enumerate(COUNTERS))
    counters = ", ".join(
        f"sum(CASE WHEN which = {number} THEN {sign} * facts ELSE 0 END) AS total_{counter.name}"
        for number, counter in enumerate(COUNTERS)
    )
    delivered = next(number for number, counter in enumerate(COUNTERS) if counter.name == "delivered")
    timed = f"{COUNTERS[delivered].where} AND delivered_at IS NOT NULL AND sent_at IS NOT NULL"
    elapsed = "GREATEST(0, floor(extract(epoch FROM delivered_at - sent_at) * 1000))::bigint"
    dimensions = "channel, message_class, category, template_name, provider"
    places = ", ".join(str(7 + number) for number, _ in enumerate(COUNTERS, 1))
    return f"""
    SELECT tenant_id, bucket, branch_id, {dimensions}, {counters},
        sum(CASE WHEN which = {delivered} THEN {sign} * elapsed_ms ELSE 0 END) AS delivery_time_sum_ms,
        sum(CASE WHEN which = {delivered} THEN {sign} * timed ELSE 0 END) AS delivery_time_count
    FROM (
        SELECT tenant_id, COALESCE(branch_id, {NO_ID}) AS branch_id, {dimensions}, {named}, count(*) AS facts,
            COALESCE(sum({elapsed}) FILTER (WHERE {timed}), 0) AS elapsed_ms,
            count(*) FILTER (WHERE {timed}) AS timed
        FROM {source} WHERE is_counted
        GROUP BY 1, 2, 3, 4, 5, 6, 7, {places}
    ) AS alike CROSS JOIN LATERAL (VALUES {unpivoted}) AS happened (bucket, which)
    WHERE bucket IS NOT NULL
    GROUP BY tenant_id, bucket, branch_id, {dimensions}
    """


def _campaign_counts(source: str, sign: int) -> str:
    counters = ", ".join(
        f"sum(CASE WHEN {counter.at} IS NOT NULL AND {counter.where} THEN {sign} ELSE 0 END) AS {counter.name}"
        for counter in COUNTERS
    )
    return f"""
    SELECT tenant_id, campaign_id, COALESCE(run_id, {NO_ID}) AS run_id, variant_key,
        (COALESCE({COHORT}, {ENDLESS}) AT TIME ZONE %(zone)s)::date AS day, {counters}
    FROM {source} WHERE campaign_id IS NOT NULL AND is_counted
    GROUP BY 1, 2, 3, 4, 5
    """


def _reason_counts(source: str, sign: int) -> str:
    return f"""
    SELECT tenant_id, campaign_id, COALESCE(run_id, {NO_ID}) AS run_id,
        CASE WHEN skipped_at IS NOT NULL THEN 'skipped' ELSE 'failed' END AS kind, reason,
        {sign} * count(*) AS messages
    FROM {source}
    WHERE campaign_id IS NOT NULL AND is_counted AND (skipped_at IS NOT NULL OR failed_at IS NOT NULL)
    GROUP BY 1, 2, 3, 4, 5
    """


def _upsert(table: str, delta: str, key: tuple[str, ...], counters: tuple[str, ...]) -> str:
    some = " OR ".join(f"sum({name}) <> 0" for name in counters)
    # Ordered, so that two transactions take the rows' locks in the same order.
    return f"""
    INSERT INTO {table} AS r ({", ".join(key)}, {", ".join(counters)})
    SELECT {", ".join(key)}, {_sums(counters)} FROM {delta} GROUP BY {", ".join(key)} HAVING {some}
    ORDER BY {", ".join(key)}
    ON CONFLICT ({", ".join(key)}) DO UPDATE SET
        {", ".join(f"{name} = r.{name} + EXCLUDED.{name}" for name in counters)}
    """


def _sums(names: tuple[str, ...]) -> str:
    return ", ".join(f"sum({name}) AS {name}" for name in names)
