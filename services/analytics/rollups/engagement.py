"""Counters of hits by class and of links: what messages put into them, to be taken out and put in again.

Increments and corrections are the same expression over the hits of a message, so a message that is taken out before its
hits change and put in afterwards has moved every counter exactly.
"""

from collections.abc import Sequence
from uuid import UUID

from services.analytics.rollups.counters import NO_ID
from services.common.db.uow import UnitOfWork

_TOUCHED = f"""
touched AS (
    SELECT f.message_id, f.campaign_id, COALESCE(f.run_id, {NO_ID}) AS run_id, f.open_classes, f.click_classes
    FROM (SELECT DISTINCT message_id FROM unnest(%(ids)b::uuid[]) AS rows (message_id)) AS i
    CROSS JOIN LATERAL (
        SELECT * FROM message_fact AS fact
        WHERE fact.tenant_id = %(tenant_id)s AND fact.message_id = i.message_id OFFSET 0
    ) AS f
    WHERE f.is_counted AND f.campaign_id IS NOT NULL
),
hit AS (
    SELECT t.message_id, t.campaign_id, t.run_id, e.kind, e.engagement_class, e.link_id, e.url
    FROM touched AS t JOIN engagement_event AS e ON e.tenant_id = %(tenant_id)s AND e.message_id = t.message_id
)"""

_CLASSES = f"""
WITH {_TOUCHED},
counted AS (
    SELECT campaign_id, run_id, kind, engagement_class, 0 AS messages, count(*) AS hits
    FROM hit GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT campaign_id, run_id, kind, engagement_class, count(*), 0
    FROM touched
    CROSS JOIN LATERAL (VALUES (1, open_classes), (2, click_classes)) AS seen (kind, classes)
    CROSS JOIN generate_series(0, 4) AS engagement_class
    WHERE classes & (1 << engagement_class) <> 0
    GROUP BY 1, 2, 3, 4
)
INSERT INTO campaign_engagement AS s
    (tenant_id, campaign_id, run_id, kind, engagement_class, messages, hits)
SELECT %(tenant_id)s, campaign_id, run_id, kind, engagement_class,
    %(sign)s * sum(messages), %(sign)s * sum(hits)
FROM counted GROUP BY 2, 3, 4, 5 ORDER BY 2, 3, 4, 5
ON CONFLICT (tenant_id, campaign_id, run_id, kind, engagement_class) DO UPDATE SET
    messages = s.messages + EXCLUDED.messages, hits = s.hits + EXCLUDED.hits
"""

_LINKS = f"""
WITH {_TOUCHED},
counted AS (
    SELECT campaign_id, link_id, url, 0 AS fresh,
        (engagement_class = 1)::int AS human, (engagement_class <> 1)::int AS machine
    FROM hit WHERE kind = 2 AND link_id IS NOT NULL
    UNION ALL
    SELECT t.campaign_id, l.link_id, '', 1, 0, 0
    FROM touched AS t JOIN engaged_link AS l ON l.tenant_id = %(tenant_id)s AND l.message_id = t.message_id
)
INSERT INTO link_stat AS s (tenant_id, campaign_id, link_id, url, unique_clicks, total_clicks, machine_clicks)
SELECT %(tenant_id)s, campaign_id, link_id, max(url),
    %(sign)s * sum(fresh), %(sign)s * sum(human), %(sign)s * sum(machine)
FROM counted GROUP BY 2, 3 ORDER BY 2, 3
ON CONFLICT (tenant_id, campaign_id, link_id) DO UPDATE SET
    unique_clicks = s.unique_clicks + EXCLUDED.unique_clicks,
    total_clicks = s.total_clicks + EXCLUDED.total_clicks,
    machine_clicks = s.machine_clicks + EXCLUDED.machine_clicks
"""


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
