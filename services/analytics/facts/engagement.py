"""SQL of opens and clicks: hits as they were judged, and what they make of the facts of their messages.

A hit is told once, and again whenever it was judged again. New hits are added to the counters; a hit with a later
verdict takes its message out of them, is corrected, and puts the message in again. Whoever changes the hits of a
message holds its fact.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.analytics.facts.store import Columns, begin_missing, fold
from services.analytics.rollups import engagement as counters
from services.analytics.rollups.counters import NO_ID
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
_ID, _JUDGEMENT = 0, len(FIELDS) - 1
_MESSAGES = {"message_id": "uuid", "campaign_id": "uuid", "contact_id": "uuid"}
_CLICKS = {"message_id": "uuid", "link_id": "uuid", "url": "text", "is_human": "bool"}
_HITS = {"message_id": "uuid", "kind": "int2", "engagement_class": "int2"}
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

_SUMMARY = """
SELECT message_id,
    min(occurred_at) FILTER (WHERE kind = 1 AND engagement_class = 1),
    min(occurred_at) FILTER (WHERE kind = 2 AND engagement_class = 1),
    COALESCE(bit_or(1 << engagement_class) FILTER (WHERE kind = 1), 0),
    COALESCE(bit_or(1 << engagement_class) FILTER (WHERE kind = 2), 0)
FROM engagement_event WHERE tenant_id = %s AND message_id = ANY(%b::uuid[]) GROUP BY message_id
"""

_LINKS_OF_PEOPLE = """
SELECT FROM engagement_event AS e WHERE e.tenant_id = %(tenant_id)s AND e.message_id = l.message_id
    AND e.link_id = l.link_id AND e.kind = 2 AND e.engagement_class = 1
"""


async def hold(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> None:
    """Holds the facts of the hits' messages until the commit; those that are missing are begun."""
    messages = {row[1]: (row[1], row[3], row[2]) for row in rows}
    params = {"tenant_id": uow.tenant_id, "ids": list(messages)}
    if await uow.fetch_value(_HOLD, params) < len(messages):
        ordered = [messages[message_id] for message_id in sorted(messages)]
        await begin_missing(uow, dict(zip(_MESSAGES, columns(ordered, len(_MESSAGES)), strict=True)))
        await uow.execute(_HOLD, params)


async def add(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> set[UUID]:
    """Appends hits, rows of FIELDS, and returns the ids of those that are new."""
    names = ", ".join(FIELDS)
    found = await uow.fetch_all(
        f"""
        INSERT INTO engagement_event (tenant_id, {names})
        SELECT %(tenant_id)s, {names} FROM {named_unnest(FIELDS)}
        ON CONFLICT (tenant_id, engagement_id) DO NOTHING RETURNING engagement_id
        """,
        {"tenant_id": uow.tenant_id, **_transposed(rows)},
    )
    return {engagement_id for (engagement_id,) in found}


async def count(uow: UnitOfWork, zone: str, hits: Columns, clicks: Columns, messages: Columns) -> None:
    """Counts new hits.

    Args:
        uow: Unit of work of the tenant, holding the facts.
        zone: Zone of the tenant.
        hits: Columns `message_id`, `kind`, `engagement_class` of the new hits.
        clicks: Columns `message_id`, `link_id`, `url`, `is_human` of those that followed a link.
        messages: What the new hits say of each message: `first_open_at`, `first_click_at` of people, `open_classes`
            and `click_classes` as bits.
    """
    # Before the facts note the classes: a message counts for a class when it is seen there first.
    await _count_classes(uow, hits)
    if clicks["message_id"]:
        await _count_links(uow, clicks)
    await fold(
        uow,
        zone,
        messages,
        assignments="""
            first_open_at = LEAST(f.first_open_at, i.first_open_at, i.first_click_at),
            first_click_at = LEAST(f.first_click_at, i.first_click_at),
            open_classes = f.open_classes | i.open_classes,
            click_classes = f.click_classes | i.click_classes""",
        changes="true",
    )


async def replace(uow: UnitOfWork, zone: str, rows: Sequence[Sequence[Any]]) -> int:
    """Replaces the verdicts of known hits by later ones and moves every counter they touched; returns how many.

    Rows of FIELDS, each hit once; one that is not later than what is stored changes nothing.
    """
    later = await _later(uow, rows)
    if not later:
        return 0
    messages = sorted({message_id for _, message_id in later})
    ids = {engagement_id for engagement_id, _ in later}
    await counters.take_out(uow, messages)
    await _set_verdicts(uow, [row for row in rows if row[_ID] in ids])
    await _recount_facts(uow, zone, messages)
    await _recount_links(uow, messages)
    await counters.put_in(uow, messages)
    return len(later)


async def _later(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> list[tuple[UUID, UUID]]:
    found = await uow.fetch_all(
        """
        SELECT e.engagement_id, e.message_id
        FROM unnest(%(ids)b::uuid[], %(judgements)b::int4[]) AS i (engagement_id, judgement)
        CROSS JOIN LATERAL (
            SELECT * FROM engagement_event AS known
            WHERE known.tenant_id = %(tenant_id)s AND known.engagement_id = i.engagement_id OFFSET 0
        ) AS e
        WHERE e.judgement < i.judgement
        """,
        {
            "tenant_id": uow.tenant_id,
            "ids": [row[_ID] for row in rows],
            "judgements": [row[_JUDGEMENT] for row in rows],
        },
    )
    return [(engagement_id, message_id) for engagement_id, message_id in found]


async def _set_verdicts(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> None:
    await uow.execute(
        f"""
        UPDATE engagement_event AS e SET {", ".join(f"{name} = i.{name}" for name in _VERDICT)}
        FROM {named_unnest(FIELDS, "i")}
        WHERE e.tenant_id = %(tenant_id)s AND e.engagement_id = i.engagement_id
        """,
        {"tenant_id": uow.tenant_id, **_transposed(rows)},
    )


async def _recount_facts(uow: UnitOfWork, zone: str, messages: Sequence[UUID]) -> None:
    """Reads first human times and classes of messages anew from their hits."""
    names = ("message_id", "first_open_at", "first_click_at", "open_classes", "click_classes")
    found = await uow.fetch_all(_SUMMARY, (uow.tenant_id, messages))
    await fold(
        uow,
        zone,
        dict(zip(names, columns(found, len(names)), strict=True)),
        assignments="""
            first_open_at = LEAST(i.first_open_at, i.first_click_at), first_click_at = i.first_click_at,
            open_classes = i.open_classes, click_classes = i.click_classes""",
        changes="true",
    )


async def _recount_links(uow: UnitOfWork, messages: Sequence[UUID]) -> None:
    """Makes the links that people followed in messages those of their hits."""
    params = {"tenant_id": uow.tenant_id, "ids": messages}
    await uow.execute(
        f"""
        DELETE FROM engaged_link AS l
        WHERE l.tenant_id = %(tenant_id)s AND l.message_id = ANY(%(ids)b::uuid[])
            AND NOT EXISTS ({_LINKS_OF_PEOPLE})
        """,
        params,
    )
    await uow.execute(
        """
        INSERT INTO engaged_link (tenant_id, message_id, link_id)
        SELECT DISTINCT tenant_id, message_id, link_id FROM engagement_event
        WHERE tenant_id = %(tenant_id)s AND message_id = ANY(%(ids)b::uuid[])
            AND kind = 2 AND engagement_class = 1 AND link_id IS NOT NULL
        ON CONFLICT (tenant_id, message_id, link_id) DO NOTHING
        """,
        params,
    )


async def _count_links(uow: UnitOfWork, clicks: Columns) -> None:
    """Counts human and machine clicks per link; a message counts once per link among the unique ones."""
    await uow.execute(
        f"""
        WITH input AS (
            SELECT i.*, f.campaign_id, f.is_counted
            FROM {named_unnest(_CLICKS, "i")}
            JOIN message_fact AS f ON f.tenant_id = %(tenant_id)s AND f.message_id = i.message_id
        ),
        fresh AS (
            INSERT INTO engaged_link (tenant_id, message_id, link_id)
            SELECT DISTINCT %(tenant_id)s::uuid, message_id, link_id FROM input WHERE is_human
            ON CONFLICT (tenant_id, message_id, link_id) DO NOTHING RETURNING message_id, link_id
        ),
        counted AS (
            SELECT campaign_id, link_id, max(url) AS url,
                count(*) FILTER (WHERE is_human) AS total, count(*) FILTER (WHERE NOT is_human) AS machine,
                count(DISTINCT message_id) FILTER (
                    WHERE is_human AND EXISTS (
                        SELECT FROM fresh WHERE (fresh.message_id, fresh.link_id) = (input.message_id, input.link_id)
                    )
                ) AS fresh
            FROM input WHERE campaign_id IS NOT NULL AND is_counted GROUP BY campaign_id, link_id
        )
        INSERT INTO link_stat AS s (tenant_id, campaign_id, link_id, url, unique_clicks, total_clicks, machine_clicks)
        SELECT %(tenant_id)s, campaign_id, link_id, url, fresh, total, machine FROM counted
        ORDER BY campaign_id, link_id
        ON CONFLICT (tenant_id, campaign_id, link_id) DO UPDATE SET
            unique_clicks = s.unique_clicks + EXCLUDED.unique_clicks,
            total_clicks = s.total_clicks + EXCLUDED.total_clicks,
            machine_clicks = s.machine_clicks + EXCLUDED.machine_clicks
        """,
        {"tenant_id": uow.tenant_id, **clicks},
    )


async def _count_classes(uow: UnitOfWork, hits: Columns) -> None:
    """Counts hits by kind and class, and the messages that see a class for the first time."""
    await uow.execute(
        f"""
        WITH counted AS (
            SELECT f.campaign_id, COALESCE(f.run_id, {NO_ID}) AS run_id, i.kind, i.engagement_class,
                count(*) AS hits,
                count(DISTINCT i.message_id) FILTER (WHERE
                    CASE i.kind WHEN 1 THEN f.open_classes ELSE f.click_classes END & (1 << i.engagement_class) = 0
                ) AS messages
            FROM {named_unnest(_HITS, "i")}
            JOIN message_fact AS f ON f.tenant_id = %(tenant_id)s AND f.message_id = i.message_id
            WHERE f.campaign_id IS NOT NULL AND f.is_counted
            GROUP BY 1, 2, 3, 4
        )
        INSERT INTO campaign_engagement AS s
            (tenant_id, campaign_id, run_id, kind, engagement_class, messages, hits)
        SELECT %(tenant_id)s, campaign_id, run_id, kind, engagement_class, messages, hits FROM counted
        ORDER BY 2, 3, 4, 5
        ON CONFLICT (tenant_id, campaign_id, run_id, kind, engagement_class) DO UPDATE SET
            messages = s.messages + EXCLUDED.messages, hits = s.hits + EXCLUDED.hits
        """,
        {"tenant_id": uow.tenant_id, **hits},
    )


def _transposed(rows: Sequence[Sequence[Any]]) -> Mapping[str, list[Any]]:
    return dict(zip(FIELDS, columns(rows, len(FIELDS)), strict=True))
