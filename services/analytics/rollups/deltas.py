"""SQL that brings a set of changed facts into the rollups, in one statement.

The idea: a changed fact is taken out of the counters as it was, and put in as it is. Both sides are read from rows
of `message_fact`, the old ones from before the change, so an increment is the same expression as a recount and
replays, disorder and corrections cost nothing extra in thought.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from services.analytics.rollups.counters import (
    COHORT,
    COHORT_KEY,
    COLUMNS,
    COUNTERS,
    DAILY_KEY,
    FINE_KEY,
    NO_ID,
    REASON_KEY,
    SPEND_KEY,
)

BUCKET = "date_bin('15 minutes', {at}, TIMESTAMPTZ '2000-01-01 00:00:00+00')"
DAY = "({at} AT TIME ZONE %(zone)s)::date"
SPANS = ("first_sent_at", "last_sent_at")
SPEND_COUNTERS = ("cost", "attempts")
_ENDLESS = "timestamptz '2000-01-01 00:00:00+00'"
_BOUNCES = "CASE bounce_type WHEN 1 THEN 'hard' WHEN 2 THEN 'soft' WHEN 3 THEN 'block' ELSE 'unknown' END"
_DIMENSIONS = ("channel", "message_class", "category", "template_name", "provider", "currency")
COUNTED = (
    *("tenant_id", "branch_id", *_DIMENSIONS, "campaign_id", "run_id", "variant_key", "rule", "is_counted"),
    *(
        "accepted_at",
        "sent_at",
        "delivered_at",
        "read_at",
        "bounced_at",
        "failed_at",
        "retried_at",
        "skipped_at",
    ),
    *("expired_at", "cancelled_at", "unknown_at", "unsubscribed_at", "complained_at", "first_conversion_at"),
    *("first_open_at", "first_click_at", "first_machine_open_at", "first_machine_click_at"),
    *("opens", "machine_opens", "clicks", "machine_clicks", "bounce_type", "reason"),
    *("costs", "cost_providers", "cost_periods", "cost_bearers", "cost_micros"),
)
"""What of a fact is looked at by whoever counts it."""


@cache
def apply_changes(
    old: str, new: str, *, spend: bool = False, weight: str = "1", are_alike: bool = False
) -> str:
    """Returns CTEs that move facts from their rows in `old` to their rows in `new`; both are names of CTEs.

    Args:
        old: The facts as they were; empty when they were not there.
        new: The facts as they are.
        spend: Whether what was billed moves too; only prices and completed facts change that.
        weight: Column of both that says for how many facts a row stands.
        are_alike: Whether most of the facts are alike in all that is counted; then one of them counts for all.
    """
    if are_alike:
        groups = ", ".join(f"{side}_alike AS ({_alike(side)})" for side in (old, new))
        return f"{groups}, {apply_changes(f'{old}_alike', f'{new}_alike', spend=spend, weight='weight')}"
    rollups = [
        _moved("fine", fine_counts, old, new, weight),
        f"fine AS ({upsert('rollup_fine', 'fine_delta', FINE_KEY, COLUMNS)})",
        f"daily AS ({upsert('rollup_daily', _days('fine_delta'), DAILY_KEY, COLUMNS)})",
        _moved("cohort", cohort_counts, old, new, weight),
        f"cohort AS ({upsert('cohort_stat', 'cohort_delta', COHORT_KEY, COLUMNS, SPANS)})",
        _moved("reason", reason_counts, old, new, weight),
        f"reason AS ({upsert('reason_stat', 'reason_delta', REASON_KEY, ('messages',))})",
    ]
    if spend:
        rollups += [
            _moved("spend", spend_counts, old, new, weight),
            f"spend AS ({upsert('spend_rollup', 'spend_delta', SPEND_KEY, SPEND_COUNTERS)})",
        ]
    return ",\n".join(rollups)


def fine_counts(source: str, sign: int = 1, weight: str = "1") -> str:
    """Returns rows of FINE_KEY and COLUMNS over the facts of a source.

    Facts of a block are mostly alike, so alike ones are counted together first; only then each of their instants
    becomes a row of its own.
    """
    instants = ", ".join(
        f"CASE WHEN {counter.condition} THEN {BUCKET.format(at=counter.at)} END AS at_{number}"
        for number, counter in enumerate(COUNTERS)
    )
    sums = ", ".join(
        f"sum({counter.value} * {weight}) FILTER (WHERE {counter.condition}) AS sum_{number}"
        for number, counter in enumerate(COUNTERS)
        if counter.value
    )
    happened = ", ".join(f"(at_{number}, {number})" for number, _ in enumerate(COUNTERS))
    counters = ", ".join(
        f"sum(CASE WHEN which = {number} THEN {sign} * {f'sum_{number}' if counter.value else 'facts'} ELSE 0 END)"
        f" AS {counter.column}"
        for number, counter in enumerate(COUNTERS)
    )
    dimensions = ", ".join(_DIMENSIONS)
    places = ", ".join(str(place + 1) for place in range(2 + len(_DIMENSIONS) + len(COUNTERS)))
    return f"""
    SELECT tenant_id, bucket, branch_id, {dimensions}, {counters}
    FROM (
        SELECT tenant_id, COALESCE(branch_id, {NO_ID}) AS branch_id, {dimensions}, {instants}, {sums},
            sum({weight}) AS facts
        FROM {source} GROUP BY {places}
    ) AS alike CROSS JOIN LATERAL (VALUES {happened}) AS happened (bucket, which)
    WHERE bucket IS NOT NULL
    GROUP BY tenant_id, bucket, branch_id, {dimensions}
    """


def daily_counts(source: str) -> str:
    """Returns rows of DAILY_KEY and COLUMNS over rows of the fine rollup."""
    keys = ", ".join(("tenant_id", f"{DAY.format(at='bucket')} AS day", *DAILY_KEY[2:]))
    places = ", ".join(str(place + 1) for place in range(len(DAILY_KEY)))
    return f"SELECT {keys}, {_sums(COLUMNS)} FROM {source} GROUP BY {places}"


def cohort_counts(source: str, sign: int = 1, weight: str = "1") -> str:
    """Returns rows of COHORT_KEY, COLUMNS and SPANS over the facts of a source."""
    counters = ", ".join(
        f"sum(CASE WHEN {counter.at} IS NOT NULL AND {counter.condition}"
        f" THEN {sign} * {weight} * {counter.value or '1'} ELSE 0 END) AS {counter.column}"
        for counter in COUNTERS
    )
    # What is taken out says nothing of when the others were sent.
    said = "(sent_at) FILTER (WHERE is_counted)"
    ends = (f"min{said}", f"max{said}") if sign > 0 else ("NULL::timestamptz", "NULL::timestamptz")
    spans = ", ".join(f"{end} AS {name}" for end, name in zip(ends, SPANS, strict=True))
    places = ", ".join(str(place + 1) for place in range(len(COHORT_KEY)))
    return f"""
    SELECT tenant_id, COALESCE(campaign_id, {NO_ID}) AS campaign_id, COALESCE(run_id, {NO_ID}) AS run_id, variant_key,
        {DAY.format(at=f"COALESCE({COHORT}, {_ENDLESS})")} AS day, COALESCE(branch_id, {NO_ID}) AS branch_id,
        channel, message_class, category, template_name, rule, currency, {counters}, {spans}
    FROM {source} WHERE is_counted OR cost_micros <> 0
    GROUP BY {places}
    """


def reason_counts(source: str, sign: int = 1, weight: str = "1") -> str:
    """Returns rows of REASON_KEY and `messages` over the facts of a source: why they stopped or came back."""
    return f"""
    SELECT tenant_id, COALESCE(campaign_id, {NO_ID}) AS campaign_id, COALESCE(run_id, {NO_ID}) AS run_id,
        {BUCKET.format(at="at")} AS bucket, COALESCE(branch_id, {NO_ID}) AS branch_id, channel, kind, why AS reason,
        {sign} * sum({weight}) AS messages
    FROM {source} CROSS JOIN LATERAL (
        VALUES (skipped_at, 'skipped', reason), (failed_at, 'failed', reason), (bounced_at, 'bounced', {_BOUNCES})
    ) AS stopped (at, kind, why)
    WHERE is_counted AND at IS NOT NULL AND (skipped_at IS NOT NULL OR failed_at IS NOT NULL OR bounced_at IS NOT NULL)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    """


def spend_counts(source: str, sign: int = 1, weight: str = "1") -> str:
    """Returns rows of SPEND_KEY and SPEND_COUNTERS over the facts of a source: each attempt where it is billed."""
    return f"""
    SELECT tenant_id, period AS billing_period, COALESCE(branch_id, {NO_ID}) AS branch_id, channel, message_class,
        at_whom AS provider, COALESCE(campaign_id, {NO_ID}) AS campaign_id, currency,
        COALESCE(by_whom, 1::int2) AS bearer,
        {sign} * sum({weight} * price) AS cost, {sign} * sum({weight}) AS attempts
    FROM {source} CROSS JOIN LATERAL unnest(costs, cost_providers, cost_periods, cost_bearers)
        AS billed (price, at_whom, period, by_whom)
    WHERE price IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    """


def upsert(
    table: str, delta: str, key: Sequence[str], counters: Sequence[str], spans: Sequence[str] = ()
) -> str:
    """Returns the statement that adds what a delta says to the counters of a table."""
    some = " OR ".join(f"sum({name}) <> 0" for name in counters)
    first, last = spans or ("", "")
    read = f", min({first}), max({last})" if spans else ""
    widen = f", {first} = LEAST(r.{first}, EXCLUDED.{first}), {last} = GREATEST(r.{last}, EXCLUDED.{last})"
    # Ordered, so that two transactions take the rows' locks in the same order.
    return f"""
    INSERT INTO {table} AS r ({", ".join((*key, *counters, *spans))})
    SELECT {", ".join(key)}, {_sums(counters)}{read} FROM {delta} GROUP BY {", ".join(key)} HAVING {some}
    ORDER BY {", ".join(key)}
    ON CONFLICT ({", ".join(key)}) DO UPDATE SET
        {", ".join(f"{name} = r.{name} + EXCLUDED.{name}" for name in counters)}{widen if spans else ""}
    """


def _moved(name: str, counts: Callable[[str, int, str], str], old: str, new: str, weight: str) -> str:
    before = f"{counts(old, -1, weight)} UNION ALL " if old else ""
    return f"{name}_delta AS ({before}{counts(new, 1, weight)})"


def _alike(source: str) -> str:
    columns = ", ".join(COUNTED)
    return f"SELECT {columns}, count(*) AS weight FROM {source} GROUP BY {columns}"


def _days(source: str) -> str:
    keys = ", ".join(DAILY_KEY[2:])
    return f"(SELECT tenant_id, {DAY.format(at='bucket')} AS day, {keys}, {', '.join(COLUMNS)} FROM {source}) AS days"


def _sums(names: Iterable[str]) -> str:
    return ", ".join(f"sum({name}) AS {name}" for name in names)
