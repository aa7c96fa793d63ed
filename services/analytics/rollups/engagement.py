"""Counters of hits by class and of links: what messages put into them, before their hits change and after.

Increments, corrections and recounts are the same expression over the hits of messages, so the difference of the two
moves every counter exactly.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.analytics.rollups.counters import ENGAGEMENT_KEY, LINK_KEY, NO_ID
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork

_OF_MESSAGES: Final = """(SELECT DISTINCT message_id FROM unnest(%(ids)b::uuid[]) AS rows (message_id)) AS i
    CROSS JOIN LATERAL (
        SELECT * FROM message_fact AS fact
        WHERE fact.tenant_id = %(tenant_id)s AND fact.message_id = i.message_id OFFSET 0
    ) AS f"""
SINCE: Final = """(
        SELECT * FROM message_fact
        WHERE tenant_id = %(tenant_id)s AND open_classes | click_classes <> 0 AND campaign_id >= %(oldest)s
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


_CLASSES: Final = class_counts(_OF_MESSAGES)
_LINKS: Final = link_counts(_OF_MESSAGES)
_CLASS_FIELDS: Final = {
    **dict.fromkeys(("campaign_id", "run_id"), "uuid"),
    "variant_key": "text",
    "branch_id": "uuid",
    **dict.fromkeys(("kind", "engagement_class"), "int2"),
}
_LINK_FIELDS: Final = {
    "campaign_id": "uuid",
    "template_name": "text",
    **dict.fromkeys(("branch_id", "link_id"), "uuid"),
    "url": "text",
}

Parts = dict[tuple[Any, ...], tuple[int, ...]]


class Counted(NamedTuple):
    """What the hits of some messages put into the counters, by the key of the row."""

    classes: Parts
    links: Parts


async def counted(uow: UnitOfWork, message_ids: Sequence[UUID]) -> Counted:
    """Returns what the hits of messages put into the counters, by what is stored of them now; their facts are held."""
    params = {"tenant_id": uow.tenant_id, "ids": message_ids}
    return Counted(
        _parts(await uow.fetch_all(_CLASSES, params), len(_CLASS_FIELDS)),
        _parts(await uow.fetch_all(_LINKS, params), len(_LINK_FIELDS)),
    )


async def move(uow: UnitOfWork, before: Counted, after: Counted) -> None:
    """Moves the counters from what messages put into them before to what they put in now.

    Comes after all else of a transaction that counts, so that two transactions take the rows' locks in one order.
    """
    await _move(
        uow,
        "campaign_engagement",
        ENGAGEMENT_KEY,
        CLASS_COUNTERS,
        _CLASS_FIELDS,
        before.classes,
        after.classes,
    )
    # A link may have been told of without its target at first.
    targets = {place[:-1]: place[-1] for place in after.links}
    known = {
        (*place[:-1], targets.get(place[:-1], place[-1])): parts for place, parts in before.links.items()
    }
    await _move(uow, "link_stat", LINK_KEY, LINK_COUNTERS, _LINK_FIELDS, known, after.links)


async def _move(
    uow: UnitOfWork,
    table: str,
    key: Sequence[str],
    counters: Sequence[str],
    fields: Mapping[str, str],
    before: Parts,
    after: Parts,
) -> None:
    nothing = (0,) * len(counters)
    rows = [
        (
            *place,
            *(
                new - old
                for new, old in zip(after.get(place, nothing), before.get(place, nothing), strict=True)
            ),
        )
        for place in sorted({*before, *after}, key=str)
        if before.get(place, nothing) != after.get(place, nothing)
    ]
    if not rows:
        return
    given = {**fields, **dict.fromkeys(counters, "int8")}
    names = ", ".join(given)
    await uow.execute(
        f"""
        INSERT INTO {table} AS s (tenant_id, {names}) SELECT %(tenant_id)s, {names} FROM {named_unnest(given)}
        ORDER BY {", ".join(key[1:])}
        ON CONFLICT ({", ".join(key)}) DO UPDATE SET
            {", ".join(f"{name} = s.{name} + EXCLUDED.{name}" for name in counters)}
            {", url = COALESCE(NULLIF(EXCLUDED.url, ''), s.url)" if "url" in fields else ""}
        """,
        {"tenant_id": uow.tenant_id, **dict(zip(given, columns(rows, len(given)), strict=True))},
    )


def _parts(rows: Sequence[tuple[Any, ...]], width: int) -> Parts:
    # The tenant comes first, then the key, then the counters.
    return {row[1 : width + 1]: tuple(map(int, row[width + 1 :])) for row in rows}
