"""SQL of the facts: each function folds one block of events in one statement, rollups included.

Every statement has the same shape: `input` is the block, `old` the facts it changes as they were (locked), `new`
the same facts as they are; `deltas.apply_changes` then moves the counters. A repeat finds nothing to change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.analytics.rollups import engagement
from services.analytics.rollups.counters import NO_ID
from services.analytics.rollups.deltas import BUCKET, apply_changes
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

Columns = Mapping[str, Sequence[Any]]

_NOTHING = "SELECT * FROM message_fact WHERE false"
_EMPTY_FACT = """
    false, 0, 0, 0, 0, 0, true, '', '', '', '', 0, '', '', 0, 0, '{}', ''
"""
_EMPTY_COLUMNS = """
    is_complete, channel, message_class, category, origin, priority, is_counted, template_name, language, provider,
    variant_key, bounce_type, reason, code, open_classes, click_classes, costs, currency
"""
_DIMENSIONS = (
    "branch_id",
    "channel",
    "message_class",
    "category",
    "origin",
    "priority",
    "is_counted",
    "template_version_id",
    "template_name",
    "campaign_id",
    "run_id",
    "variant_key",
)
_ACCEPTED = {"message_id": "uuid", "contact_id": "uuid", "language": "text"}


async def add_accepted(
    uow: UnitOfWork, zone: str, dimensions: Mapping[str, Any], messages: Columns, accepted_at: datetime
) -> int:
    """Adds accepted messages that share their dimensions; facts that other events began are completed."""
    params = {**dimensions, **messages, "at": accepted_at, "zone": zone, "tenant_id": uow.tenant_id}
    values = ", ".join(f"%({name})s" for name in _DIMENSIONS)
    await uow.execute(_PLAN_ONCE)
    inserted: int = await uow.fetch_value(
        f"""
        WITH old AS ({_NOTHING}),
        new AS (
            INSERT INTO message_fact (tenant_id, message_id, is_complete, contact_id, language, provider,
                bounce_type, reason, code, open_classes, click_classes, costs, currency, accepted_at,
                {", ".join(_DIMENSIONS)})
            SELECT %(tenant_id)s, message_id, true, contact_id, language, '', 0, '', '', 0, 0, '{{}}', '', %(at)s,
                {values}
            FROM {named_unnest(_ACCEPTED)}
            ON CONFLICT (tenant_id, message_id) DO NOTHING
            RETURNING *
        ), {apply_changes("old", "new")}
        SELECT count(*) FROM new
        """,
        params,
        prepare=True,
    )
    if inserted < len(messages["message_id"]):
        inserted += await _complete(uow, params)
    return inserted


async def reach(uow: UnitOfWork, zone: str, column: str, messages: Columns, extra: str = "") -> int:
    """Notes when messages first reached a state: `column` is the instant to fill where it is empty.

    Args:
        uow: Unit of work of the tenant.
        zone: Zone of the tenant.
        column: Column of the fact, a word of our own code.
        messages: Columns `message_id`, `campaign_id`, `at`, `reason`, `code`, `provider`, `account_id`,
            `bounce_type`, `run_id`, `variant_key`, `contact_id`; those not given are empty.
        extra: Further assignments over the alias `i` of the block, trusted text.
    """
    return await fold(
        uow,
        zone,
        messages,
        assignments=f"{column} = i.at{extra}",
        changes=f"f.{column} IS NULL",
    )


async def record_costs(uow: UnitOfWork, zone: str, messages: Columns) -> int:
    """Sets the cost of attempts; a later price replaces the estimate of the same attempt."""
    return await fold(
        uow,
        zone,
        messages,
        assignments="costs[i.attempt] = i.cost, currency = i.currency",
        changes="f.costs[i.attempt] IS DISTINCT FROM i.cost",
        after=_SPEND,
    )


_INPUT = {
    "message_id": "uuid",
    "campaign_id": "uuid",
    "at": "timestamptz",
    "reason": "text",
    "code": "text",
    "provider": "text",
    "account_id": "uuid",
    "bounce_type": "int2",
    "run_id": "uuid",
    "variant_key": "text",
    "contact_id": "uuid",
    "channel": "int2",
    "first_open_at": "timestamptz",
    "first_click_at": "timestamptz",
    "open_classes": "int2",
    "click_classes": "int2",
    "attempt": "int4",
    "cost": "numeric",
    "currency": "text",
    "period": "text",
}
_SPEND = f"""
spend AS (
    INSERT INTO spend_rollup AS s (tenant_id, billing_period, branch_id, channel, message_class, provider,
        campaign_id, currency, cost, attempts)
    SELECT tenant_id, new_period, COALESCE(branch_id, {NO_ID}), channel, message_class, new_provider,
        COALESCE(campaign_id, {NO_ID}), new_currency, sum(new_cost - COALESCE(costs[new_attempt], 0)),
        count(*) FILTER (WHERE costs[new_attempt] IS NULL)
    FROM old GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (tenant_id, billing_period, branch_id, channel, message_class, provider, campaign_id, currency)
    DO UPDATE SET cost = s.cost + EXCLUDED.cost, attempts = s.attempts + EXCLUDED.attempts
)"""


def _old(fields: Iterable[str], changes: str) -> str:
    """Returns the CTE of the facts that a block changes, as they are before it, beside what it says of them.

    Fresh facts are not in the planner's statistics, so the shape says how it is to be run: one probe of the primary
    key for each message, for any index over what the condition asks would lead through everything that still waits
    to be sent. In the order of the ids, so that two transactions take the rows' locks in the same order.
    """
    said = ", ".join(f"i.{name} AS new_{name}" for name in fields if name != "message_id")
    return f"""
        old AS (
            SELECT f.*, {said}
            FROM (SELECT * FROM input ORDER BY message_id) AS i CROSS JOIN LATERAL (
                SELECT * FROM message_fact AS fact
                WHERE fact.tenant_id = %(tenant_id)s AND fact.message_id = i.message_id
                OFFSET 0 FOR UPDATE
            ) AS f
            WHERE {changes}
        )"""


def _new(fields: Iterable[str], assignments: str) -> str:
    """Returns the CTE of the same facts as they are after it."""
    said = ", ".join(f"new_{name} AS {name}" for name in fields if name != "message_id")
    return f"""
        new AS (
            UPDATE message_fact f SET {assignments} FROM (SELECT message_id, {said} FROM old) AS i
            WHERE f.tenant_id = %(tenant_id)s AND f.message_id = i.message_id
            RETURNING f.*
        )"""


# Planning such a statement costs as much as running it for a thousand messages, and no value changes the plan.
_PLAN_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan"


async def fold(
    uow: UnitOfWork, zone: str, messages: Columns, *, assignments: str, changes: str, after: str = ""
) -> int:
    """Changes the facts of a block and moves the counters with them; returns how many facts changed.

    Args:
        uow: Unit of work of the tenant.
        zone: Zone of the tenant.
        messages: Columns of the block, those of `_INPUT`; facts that are missing are begun.
        assignments: What changes, trusted text over the fact `f` and the block `i`.
        changes: Which facts change, trusted text over the same.
        after: What follows instead of moving the counters, trusted text.
    """
    fields = {name: kind for name, kind in _INPUT.items() if name in messages}
    # A price is no event in a message's life: it moves no counter.
    follow = after or apply_changes("old", "new")
    statement = f"""
        WITH input AS (SELECT * FROM {named_unnest(fields)}),
        {_old(fields, changes)},
        {_new(fields, assignments)},
        {follow}
        SELECT count(*) FROM new
        """
    params = {"tenant_id": uow.tenant_id, "zone": zone}
    changed = 0
    await uow.execute(_PLAN_ONCE)
    for block in _rounds(messages):
        values = {**params, **block}
        found: int = await uow.fetch_value(statement, values, prepare=True)
        if found < len(block["message_id"]) and await begin_missing(uow, block):
            found += await uow.fetch_value(statement, values, prepare=True)
        changed += found
    return changed


def _rounds(messages: Columns) -> Iterator[Columns]:
    """Yields the block in parts in which each message stands once: an UPDATE takes one row per message."""
    rows: Sequence[int] = range(len(messages["message_id"]))
    while rows:
        seen: set[Any] = set()
        now: list[int] = []
        later: list[int] = []
        for row in rows:
            message_id = messages["message_id"][row]
            (later if message_id in seen else now).append(row)
            seen.add(message_id)
        if len(now) == len(messages["message_id"]):
            yield messages
            return
        yield {name: [values[row] for row in now] for name, values in messages.items()}
        rows = later


async def begin_missing(uow: UnitOfWork, messages: Columns) -> int:
    """Adds bare facts for messages that no event has told of yet; `message.accepted` completes them later."""
    known = [name for name in ("campaign_id", "run_id", "variant_key", "contact_id") if name in messages]
    fields = {name: _INPUT[name] for name in ("message_id", *known)}
    names = "".join(f", {name}" for name in known if name != "variant_key")
    variant = "variant_key" if "variant_key" in known else "''"
    empty = _EMPTY_FACT.replace("true, '', '', '', ''", f"true, '', '', '', {variant}")
    return await uow.execute(
        f"""
        INSERT INTO message_fact (tenant_id, message_id{names}, {_EMPTY_COLUMNS})
        SELECT %(tenant_id)s, message_id{names}, {empty} FROM {named_unnest(fields)}
        ON CONFLICT (tenant_id, message_id) DO NOTHING
        """,
        {"tenant_id": uow.tenant_id, **{name: messages[name] for name in fields}},
    )


# Hits that came before their message was told of stand under no run, and may have to go out of the counters.
_ENGAGED_BARE = f"""
SELECT f.message_id FROM (SELECT * FROM {named_unnest(_ACCEPTED)} ORDER BY message_id) AS i
CROSS JOIN LATERAL (
    SELECT * FROM message_fact AS fact
    WHERE fact.tenant_id = %(tenant_id)s AND fact.message_id = i.message_id OFFSET 0 FOR UPDATE
) AS f
WHERE NOT f.is_complete AND f.open_classes | f.click_classes <> 0
"""


async def _complete(uow: UnitOfWork, params: Mapping[str, Any]) -> int:
    """Gives bare facts their dimensions; their counters move with them, and their buckets are marked for a recount."""
    assignments = ", ".join(
        [
            *(f"{name} = %({name})s" for name in _DIMENSIONS),
            "contact_id = i.contact_id, language = i.language, accepted_at = %(at)s, is_complete = true",
        ]
    )
    engaged = [message_id for (message_id,) in await uow.fetch_all(_ENGAGED_BARE, params)]
    if engaged:
        await engagement.take_out(uow, engaged)
    completed: int = await uow.fetch_value(
        f"""
        WITH input AS (SELECT * FROM {named_unnest(_ACCEPTED)}),
        {_old(_ACCEPTED, "NOT f.is_complete")},
        {_new(_ACCEPTED, assignments)},
        {apply_changes("old", "new")},
        marked AS (
            INSERT INTO dirty_bucket (tenant_id, bucket, marked_at)
            SELECT DISTINCT %(tenant_id)s::uuid, {BUCKET.format(at="sent_at")}, %(at)s::timestamptz
            FROM new WHERE sent_at IS NOT NULL
            ON CONFLICT DO NOTHING
        )
        SELECT count(*) FROM new
        """,
        params,
    )
    if engaged:
        await engagement.put_in(uow, engaged)
    return completed
