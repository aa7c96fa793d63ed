"""SQL of the facts: each function folds one block of events in one statement, rollups included.

Every statement has the same shape: `input` is the block, `old` the facts it changes as they were (locked), `new`
the same facts as they are; `deltas.apply_changes` then moves the counters. A repeat finds nothing to change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.analytics.facts.tables import HITS
from services.analytics.rollups import engagement
from services.analytics.rollups.deltas import BUCKET, COUNTED, apply_changes
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

Columns = Mapping[str, Sequence[Any]]
Shared = Mapping[str, Any]
NOTHING: Shared = {}

_ALIKE = (
    "alike AS (SELECT one.*, (SELECT count(*) FROM new) AS weight FROM (SELECT * FROM new LIMIT 1) AS one)"
)
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
    "rule",
    "trigger_type",
    "automation_run_id",
)
_ACCEPTED = {"message_id": "uuid", "contact_id": "uuid", "language": "text"}


async def branches(uow: UnitOfWork, message_ids: Sequence[str]) -> dict[str, UUID]:
    """Returns the branches of messages that have one and were told of; empty ids are passed over."""
    wanted = [UUID(one) for one in message_ids if one]
    if not wanted:
        return {}
    rows = await uow.fetch_all(
        "SELECT message_id, branch_id FROM message_fact"
        " WHERE tenant_id = %s AND message_id = ANY (%b::uuid[]) AND branch_id IS NOT NULL",
        (uow.tenant_id, wanted),
    )
    return {str(message_id): branch_id for message_id, branch_id in rows}


async def add_accepted(
    uow: UnitOfWork,
    zone: str,
    dimensions: Mapping[str, Any],
    messages: Columns,
    accepted_at: Sequence[datetime],
) -> int:
    """Adds accepted messages that share their dimensions; facts that other events began are completed."""
    instants = set(accepted_at)
    params = {**dimensions, **messages, "zone": zone, "tenant_id": uow.tenant_id}
    # Most blocks were accepted at one instant, and a column of a thousand equal ones has its price.
    if len(instants) == 1:
        fields, at, params["at"] = _ACCEPTED, "%(at)s", accepted_at[0]
        # They are alike in all that counts, so one of them counts for all.
        counted = f"{_ALIKE}, {apply_changes('', 'alike', weight='weight')}"
    else:
        fields, at, params["at"] = {**_ACCEPTED, "at": "timestamptz"}, "at", list(accepted_at)
        counted = apply_changes("", "new")
    values = ", ".join(f"%({name})s" for name in _DIMENSIONS)
    inserted = await _planned_once(
        uow,
        f"""
        WITH new AS (
            INSERT INTO message_fact (tenant_id, message_id, is_complete, contact_id, language, provider,
                bounce_type, reason, code, open_classes, click_classes, costs, currency, accepted_at,
                {", ".join(_DIMENSIONS)})
            SELECT %(tenant_id)s, message_id, true, contact_id, language, '', 0, '', '', 0, 0, '{{}}', '', {at},
                {values}
            FROM {named_unnest(fields)}
            ON CONFLICT (tenant_id, message_id) DO NOTHING
            RETURNING {", ".join(COUNTED)}
        ), {counted}
        SELECT count(*) FROM new
        """,
        params,
    )
    if inserted < len(accepted_at):
        for instant in sorted(instants):
            rows = [row for row, at_row in enumerate(accepted_at) if at_row == instant]
            part = {name: [column[row] for row in rows] for name, column in messages.items()}
            inserted += await _complete(uow, {**params, **part, "at": instant})
    return inserted


async def reach(
    uow: UnitOfWork, zone: str, column: str, messages: Columns, extra: str = "", *, shared: Shared = NOTHING
) -> int:
    """Notes when messages first reached a state: `column` is the instant to fill where it is empty.

    Args:
        uow: Unit of work of the tenant.
        zone: Zone of the tenant.
        column: Column of the fact, a word of our own code.
        messages: Columns `message_id`, `campaign_id`, `at`, `reason`, `code`, `provider`, `account_id`,
            `bounce_type`, `run_id`, `variant_key`, `contact_id`; those not given are empty.
        extra: Further assignments over the alias `i` of the block, trusted text.
        shared: Columns whose value is the same for the whole block.
    """
    return await fold(
        uow,
        zone,
        messages,
        assignments=f"{column} = i.at{extra}",
        changes=f"f.{column} IS NULL",
        shared=shared,
    )


async def reopen(uow: UnitOfWork, zone: str, messages: Columns) -> int:
    """Takes back failures that came before the instant of a block; later ones stand."""
    return await fold(
        uow,
        zone,
        messages,
        assignments="failed_at = NULL, unknown_at = NULL, reason = '', code = ''",
        changes="f.sent_at IS NULL AND (f.failed_at <= i.at OR f.unknown_at <= i.at)",
    )


_PRICE = """
costs[i.attempt] = i.cost, cost_providers[i.attempt] = i.provider, cost_periods[i.attempt] = i.period,
cost_bearers[i.attempt] = COALESCE(f.cost_bearers[i.attempt], i.bearer), currency = i.currency,
cost_micros = f.cost_micros + ((i.cost - COALESCE(f.costs[i.attempt], 0)) * 1000000)::bigint
"""


async def send_at_a_price(uow: UnitOfWork, zone: str, messages: Columns, shared: Shared) -> int:
    """Notes when messages were sent and what that cost, in one change of each fact."""
    return await fold(
        uow,
        zone,
        messages,
        assignments=f"""
            sent_at = COALESCE(f.sent_at, i.at),
            provider = CASE WHEN f.sent_at IS NULL THEN i.provider ELSE f.provider END,
            provider_account_id = CASE WHEN f.sent_at IS NULL THEN i.account_id ELSE f.provider_account_id END,
            {_PRICE}""",
        changes="f.sent_at IS NULL OR f.costs[i.attempt] IS DISTINCT FROM i.cost",
        spend=True,
        shared=shared,
    )


async def record_costs(uow: UnitOfWork, zone: str, messages: Columns, shared: Shared = NOTHING) -> int:
    """Sets the cost of attempts; a later price replaces the estimate of the same attempt."""
    return await fold(
        uow,
        zone,
        messages,
        assignments=_PRICE,
        changes="f.costs[i.attempt] IS DISTINCT FROM i.cost",
        spend=True,
        shared=shared,
    )


async def retry(uow: UnitOfWork, zone: str, messages: Columns) -> int:
    """Notes which messages were tried in vain and are tried again."""
    return await fold(
        uow,
        zone,
        messages,
        assignments="retried_at = LEAST(f.retried_at, i.at), retry_attempts = GREATEST(f.retry_attempts, i.attempt)",
        changes="f.retried_at IS NULL OR i.at < f.retried_at OR i.attempt > f.retry_attempts",
    )


async def convert(uow: UnitOfWork, zone: str, messages: Columns) -> int:
    """Notes which messages led to conversions; each row is one conversion that was not told before."""
    return await fold(
        uow,
        zone,
        messages,
        assignments="first_conversion_at = LEAST(f.first_conversion_at, i.at), conversions = f.conversions + 1",
        changes="true",
    )


_COUNTED = ", ".join(f"f.{name}" for name in COUNTED)
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
    "first_machine_open_at": "timestamptz",
    "first_machine_click_at": "timestamptz",
    **dict.fromkeys(HITS, "int4"),
    "open_classes": "int2",
    "click_classes": "int2",
    "attempt": "int4",
    "cost": "numeric",
    "currency": "text",
    "period": "text",
    "bearer": "int2",
}


def _old(fields: Iterable[str], changes: str) -> str:
    """Returns the CTE of the facts that a block changes, as they are before it, beside what it says of them.

    Fresh facts are not in the planner's statistics, so the shape says how it is to be run: one probe of the primary
    key for each message, for any index over what the condition asks would lead through everything that still waits
    to be sent. In the order of the ids, so that two transactions take the rows' locks in the same order.
    """
    said = ", ".join(f"i.{name} AS new_{name}" for name in fields if name != "message_id")
    return f"""
        old AS (
            SELECT f.message_id, {_COUNTED}, {said}
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
                AND f.message_id = ANY (%(message_id)b::uuid[])
            RETURNING {_COUNTED}
        )"""


# Planning such a statement costs as much as running it for a thousand messages, and no value changes the plan. It is
# made once for a connection, often over an empty table: without these words a plan that reads all facts of the tenant,
# or compares each message of a block with each, looks as good as the primary key and a hash, and stays.
_METHODS = ("nestloop", "mergejoin", "seqscan")
_PLAN_ONCE = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), " + ", ".join(
    f"set_config('enable_{method}', 'off', true)" for method in _METHODS
)
_PLAN_AS_USUAL = "SELECT set_config('plan_cache_mode', 'auto', true), " + ", ".join(
    f"set_config('enable_{method}', 'on', true)" for method in _METHODS
)


async def _planned_once(uow: UnitOfWork, statement: str, values: Mapping[str, Any]) -> int:
    """Runs a statement that counts, by one lasting plan, and returns its number."""
    results = await uow.run_together((_PLAN_ONCE, ()), (statement, values), (_PLAN_AS_USUAL, ()))
    count: int = results[1].rows[0][0]
    return count


async def fold(
    uow: UnitOfWork,
    zone: str,
    messages: Columns,
    *,
    assignments: str,
    changes: str,
    spend: bool = False,
    shared: Shared = NOTHING,
) -> int:
    """Changes the facts of a block and moves the counters with them; returns how many facts changed.

    Args:
        uow: Unit of work of the tenant.
        zone: Zone of the tenant.
        messages: Columns of the block, those of `_INPUT`; facts that are missing are begun.
        assignments: What changes, trusted text over the fact `f` and the block `i`.
        changes: Which facts change, trusted text over the same.
        spend: Whether what was billed changes.
        shared: Columns whose value is the same for the whole block.
    """
    fields = {name: kind for name, kind in _INPUT.items() if name in messages}
    same = "".join(f", %({name})s::{_INPUT[name]} AS {name}" for name in shared)
    statement = f"""
        WITH input AS (SELECT *{same} FROM {named_unnest(fields)}),
        {_old((*fields, *shared), changes)},
        {_new((*fields, *shared), assignments)},
        {apply_changes("old", "new", spend=spend, are_alike=len(fields) == 1)}
        SELECT count(*) FROM new
        """
    params = {"tenant_id": uow.tenant_id, "zone": zone, **shared}
    changed = 0
    for block in _rounds(messages):
        values = {**params, **block}
        found = await _planned_once(uow, statement, values)
        size = len(block["message_id"])
        if found < size and await begin_missing(
            uow, {**block, **{name: [value] * size for name, value in shared.items()}}
        ):
            found += await _planned_once(uow, statement, values)
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
    before = await engagement.counted(uow, engaged) if engaged else None
    completed = await _planned_once(
        uow,
        f"""
        WITH input AS (SELECT * FROM {named_unnest(_ACCEPTED)}),
        {_old(_ACCEPTED, "NOT f.is_complete")},
        {_new(_ACCEPTED, assignments)},
        {apply_changes("old", "new", spend=True)},
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
    if before is not None:
        await engagement.move(uow, before, await engagement.counted(uow, engaged))
    return completed
