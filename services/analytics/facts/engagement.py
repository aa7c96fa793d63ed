"""SQL of opens and clicks: hits as they were judged, and what they make of the facts of their messages.

A hit is told once, and again whenever it was judged again. Either way the counters move by what its message put into
them before and after. Whoever changes the hits of a message holds its fact.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.analytics.facts.store import Columns, begin_missing, fold
from services.analytics.facts.tables import HITS
from services.analytics.rollups import engagement as counters
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork

FIELDS = {
    "engagement_id": "uuid",
    "message_id": "uuid",
    "contact_id": "uuid",
    "campaign_id": "uuid",
    "kind": "int2",
    "engagement_class": "int2",
    "class_reason": "text",
    "rule_version": "int4",
    "link_id": "uuid",
    "url": "text",
    "truncated_ip": "text",
    "user_agent_family": "text",
    "occurred_at": "timestamptz",
    "judgement": "int4",
}
_ID, _MESSAGE, _JUDGEMENT = 0, 1, len(FIELDS) - 1
_MESSAGES = {"message_id": "uuid", "campaign_id": "uuid", "contact_id": "uuid"}
_VERDICT = ("engagement_class", "class_reason", "rule_version", "user_agent_family", "judgement")

# In the order of the ids, so that two transactions take the rows' locks in the same order.
_HOLD = """
SELECT count(*) FROM (
    SELECT FROM (SELECT message_id FROM unnest(%(ids)b::uuid[]) AS rows (message_id) ORDER BY message_id) AS i
    CROSS JOIN LATERAL (
        SELECT FROM message_fact AS fact
        WHERE fact.tenant_id = %(tenant_id)s AND fact.message_id = i.message_id OFFSET 0 FOR UPDATE
    ) AS f
) AS held
"""

_MACHINE = "engagement_class <> 1"
_SUMMARY = f"""
SELECT message_id,
    min(occurred_at) FILTER (WHERE kind = 1 AND engagement_class = 1),
    min(occurred_at) FILTER (WHERE kind = 2 AND engagement_class = 1),
    min(occurred_at) FILTER (WHERE kind = 1 AND {_MACHINE}), min(occurred_at) FILTER (WHERE kind = 2 AND {_MACHINE}),
    count(*) FILTER (WHERE kind = 1 AND engagement_class = 1), count(*) FILTER (WHERE kind = 1 AND {_MACHINE}),
    count(*) FILTER (WHERE kind = 2 AND engagement_class = 1), count(*) FILTER (WHERE kind = 2 AND {_MACHINE}),
    COALESCE(bit_or(1 << engagement_class) FILTER (WHERE kind = 1), 0),
    COALESCE(bit_or(1 << engagement_class) FILTER (WHERE kind = 2), 0)
FROM engagement_event WHERE tenant_id = %s AND {{which}} GROUP BY message_id
"""
_SUMMED = (
    "message_id",
    "first_open_at",
    "first_click_at",
    "first_machine_open_at",
    "first_machine_click_at",
    *HITS,
    "open_classes",
    "click_classes",
)


async def hold(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> None:
    """Holds the facts of the hits' messages until the commit; those that are missing are begun."""
    messages = {row[1]: (row[1], row[3], row[2]) for row in rows}
    params = {"tenant_id": uow.tenant_id, "ids": list(messages)}
    if await uow.fetch_value(_HOLD, params) < len(messages):
        ordered = [messages[message_id] for message_id in sorted(messages)]
        await begin_missing(uow, dict(zip(_MESSAGES, columns(ordered, len(_MESSAGES)), strict=True)))
        await uow.execute(_HOLD, params)


async def fold_in(uow: UnitOfWork, zone: str, rows: Sequence[Sequence[Any]]) -> int:
    """Adds hits and replaces verdicts by later ones, and moves every counter they touch; returns how many changed.

    Rows of FIELDS, each hit once; one that is not later than what is stored changes nothing.
    """
    await hold(uow, rows)
    known = await _judgements(uow, rows)
    fresh = [row for row in rows if row[_ID] not in known]
    later = [row for row in rows if row[_ID] in known and known[row[_ID]] < row[_JUDGEMENT]]
    if not fresh and not later:
        return 0
    messages = sorted({row[_MESSAGE] for row in (*fresh, *later)})
    before = await counters.counted(uow, messages)
    if fresh:
        await _add(uow, fresh)
        await _add_to_facts(uow, zone, [row[_ID] for row in fresh])
    if later:
        await _set_verdicts(uow, later)
        await _recount_facts(uow, zone, sorted({row[_MESSAGE] for row in later}))
    await counters.move(uow, before, await counters.counted(uow, messages))
    return len(fresh) + len(later)


async def _judgements(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> dict[UUID, int]:
    """Returns which verdict is stored of each known hit."""
    found = await uow.fetch_all(
        """
        SELECT e.engagement_id, e.judgement FROM unnest(%(ids)b::uuid[]) AS i (engagement_id)
        CROSS JOIN LATERAL (
            SELECT * FROM engagement_event AS known
            WHERE known.tenant_id = %(tenant_id)s AND known.engagement_id = i.engagement_id OFFSET 0
        ) AS e
        """,
        {"tenant_id": uow.tenant_id, "ids": [row[_ID] for row in rows]},
    )
    return dict(found)


async def _add(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> None:
    names = ", ".join(FIELDS)
    await uow.execute(
        f"""
        INSERT INTO engagement_event (tenant_id, {names}) SELECT %(tenant_id)s, {names} FROM {named_unnest(FIELDS)}
        """,
        {"tenant_id": uow.tenant_id, **_transposed(rows)},
    )


async def _set_verdicts(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> None:
    await uow.execute(
        f"""
        UPDATE engagement_event AS e SET {", ".join(f"{name} = i.{name}" for name in _VERDICT)}
        FROM {named_unnest(FIELDS, "i")}
        WHERE e.tenant_id = %(tenant_id)s AND e.engagement_id = i.engagement_id
        """,
        {"tenant_id": uow.tenant_id, **_transposed(rows)},
    )


async def _add_to_facts(uow: UnitOfWork, zone: str, hits: Sequence[UUID]) -> None:
    """Adds new hits to what their facts say; a click implies an open."""
    sums = ", ".join(f"{name} = f.{name} + i.{name}" for name in HITS)
    await fold(
        uow,
        zone,
        await _summed(uow, "engagement_id = ANY(%b::uuid[])", hits),
        assignments=f"""
            first_open_at = LEAST(f.first_open_at, i.first_open_at, i.first_click_at),
            first_click_at = LEAST(f.first_click_at, i.first_click_at),
            first_machine_open_at = LEAST(f.first_machine_open_at, i.first_machine_open_at, i.first_machine_click_at),
            first_machine_click_at = LEAST(f.first_machine_click_at, i.first_machine_click_at), {sums},
            open_classes = f.open_classes | i.open_classes, click_classes = f.click_classes | i.click_classes""",
        changes="true",
    )


async def _recount_facts(uow: UnitOfWork, zone: str, messages: Sequence[UUID]) -> None:
    """Makes what facts say of their hits anew."""
    sums = ", ".join(f"{name} = i.{name}" for name in HITS)
    await fold(
        uow,
        zone,
        await _summed(uow, "message_id = ANY(%b::uuid[])", messages),
        assignments=f"""
            first_open_at = LEAST(i.first_open_at, i.first_click_at), first_click_at = i.first_click_at,
            first_machine_open_at = LEAST(i.first_machine_open_at, i.first_machine_click_at),
            first_machine_click_at = i.first_machine_click_at, {sums},
            open_classes = i.open_classes, click_classes = i.click_classes""",
        changes="true",
    )


async def _summed(uow: UnitOfWork, which: str, ids: Sequence[UUID]) -> Columns:
    """Returns what hits say of their messages, one row for each."""
    found = await uow.fetch_all(_SUMMARY.format(which=which), (uow.tenant_id, ids))
    return dict(zip(_SUMMED, columns(found, len(_SUMMED)), strict=True))


def _transposed(rows: Sequence[Sequence[Any]]) -> Mapping[str, list[Any]]:
    return dict(zip(FIELDS, columns(rows, len(FIELDS)), strict=True))
