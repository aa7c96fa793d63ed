"""Counters of hits by class and of links: what messages put into them, to be taken out and put in again.

Increments, corrections and recounts are the same expression over the hits of messages, so a message that is taken out
before its hits change and put in afterwards has moved every counter exactly.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.analytics.rollups.counters import ENGAGEMENT_KEY, LINK_KEY, NO_ID
from services.common.db.uow import UnitOfWork

_OF_MESSAGES: Final = """(SELECT DISTINCT message_id FROM unnest(%(ids)b::uuid[]) AS rows (message_id)) AS i
    CROSS JOIN LATERAL (
        SELECT * FROM message_fact AS fact
        WHERE fact.tenant_id = %(tenant_id)s AND fact.message_id = i.message_id OFFSET 0
    ) AS f"""
OF_TENANT: Final = """(
        SELECT * FROM message_fact WHERE tenant_id = %(tenant_id)s AND open_classes | click_classes <> 0
    ) AS f"""


def _touched(facts: str) -> str:
    return f"""
touched AS (
    SELECT f.message_id, COALESCE(f.campaign_id, {NO_ID}) AS campaign_id, COALESCE(f.run_id, {NO_ID}) AS run_id,
        f.variant_key, COALESCE(f.branch_id, {NO_ID}) AS branch_id, f.template_name, f.open_classes, f.click_classes
    FROM {facts} WHERE f.is_counted
),
hit AS (
    SELECT t.*, e.kind, e.engagement_class, e.link_id, e.url
    FROM touched AS t JOIN engagement_event AS e ON e.tenant_id = %(tenant_id)s AND e.message_id = t.message_id
)"""


def class_counts(facts: str) -> str:
    """Returns the query of ENGAGEMENT_KEY, messages and hits over facts."""
    return f"""
WITH {_touched(facts)},
counted AS (
    SELECT campaign_id, run_id, variant_key, branch_id, kind, engagement_class, 0 AS messages, count(*) AS hits
    FROM hit GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    SELECT campaign_id, run_id, variant_key, branch_id, kind, engagement_class, count(*), 0
    FROM touched
    CROSS JOIN LATERAL (VALUES (1, open_classes), (2, click_classes)) AS seen (kind, classes)
    CROSS JOIN generate_series(0, 4) AS engagement_class
    WHERE classes & (1 << engagement_class) <> 0
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT %(tenant_id)s::uuid AS tenant_id, campaign_id, run_id, variant_key, branch_id, kind, engagement_class,
    sum(messages) AS messages, sum(hits) AS hits
FROM counted GROUP BY 2, 3, 4, 5, 6, 7
"""


def link_counts(facts: str) -> str:
    """Returns the query of LINK_KEY, url and clicks over facts: a message counts once per link among the unique ones."""
    return f"""
WITH {_touched(facts)}
SELECT %(tenant_id)s::uuid AS tenant_id, campaign_id, template_name, branch_id, link_id, max(url) AS url,
    count(DISTINCT message_id) FILTER (WHERE engagement_class = 1) AS unique_clicks,
    count(*) FILTER (WHERE engagement_class = 1) AS total_clicks,
    count(*) FILTER (WHERE engagement_class <> 1) AS machine_clicks
FROM hit WHERE kind = 2 AND link_id IS NOT NULL GROUP BY 2, 3, 4, 5
"""


CLASS_COUNTERS: Final = ("messages", "hits")
LINK_COUNTERS: Final = ("unique_clicks", "total_clicks", "machine_clicks")


def _move_into(table: str, query: str, key: Sequence[str], counters: Sequence[str], other: str = "") -> str:
    also = f", {other}" if other else ""
    return f"""
    INSERT INTO {table} AS s ({", ".join((*key, *counters))}{also})
    SELECT {", ".join(key)}, {", ".join(f"%(sign)s * {name}" for name in counters)}{also} FROM ({query}) AS counted
    ORDER BY {", ".join(key)}
    ON CONFLICT ({", ".join(key)}) DO UPDATE SET {", ".join(f"{name} = s.{name} + EXCLUDED.{name}" for name in counters)}
    """


_CLASSES: Final = _move_into(
    "campaign_engagement", class_counts(_OF_MESSAGES), ENGAGEMENT_KEY, CLASS_COUNTERS
)
_LINKS: Final = _move_into("link_stat", link_counts(_OF_MESSAGES), LINK_KEY, LINK_COUNTERS, "url")


async def take_out(uow: UnitOfWork, message_ids: Sequence[UUID]) -> None:
    """Takes all hits of messages out of the counters; their facts must be locked until they are put in again."""
    await _move(uow, message_ids, -1)


async def put_in(uow: UnitOfWork, message_ids: Sequence[UUID]) -> None:
    """Puts all hits of messages into the counters, by what is stored of them now."""
    await _move(uow, message_ids, 1)


async def _move(uow: UnitOfWork, message_ids: Sequence[UUID], sign: int) -> None:
    params = {"tenant_id": uow.tenant_id, "ids": message_ids, "sign": sign}
    await uow.execute(_CLASSES, params)
    await uow.execute(_LINKS, params)
