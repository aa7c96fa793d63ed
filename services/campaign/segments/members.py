"""Who is in segments: SQL of members, all of it set-wise."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.campaign.segments.audience import Audience
from services.campaign.segments.domain import Segment
from services.common.db.sets import columns
from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Difference:
    """What bringing members up to date found."""

    count: int
    added: int = 0
    removed: int = 0


# Only what differs is written: most of a segment is today what it was yesterday.
_REPLACE = """
WITH found AS MATERIALIZED (
    SELECT c.contact_id FROM contact c WHERE {where}
), removed AS (
    DELETE FROM segment_member m WHERE m.tenant_id = %(a_tenant)s AND m.segment_id = %(m_segment)s
        AND NOT EXISTS (SELECT FROM found f WHERE f.contact_id = m.contact_id)
    RETURNING 1
), added AS (
    INSERT INTO segment_member (tenant_id, segment_id, contact_id, added_at, added_by)
    SELECT %(a_tenant)s, %(m_segment)s, f.contact_id, %(a_now)s, %(m_actor)s FROM found f
    WHERE NOT EXISTS (SELECT FROM segment_member m WHERE m.tenant_id = %(a_tenant)s
        AND m.segment_id = %(m_segment)s AND m.contact_id = f.contact_id)
    ON CONFLICT (tenant_id, segment_id, contact_id) DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM added), (SELECT count(*) FROM removed)
"""

_ROOM = "96MB"
"""What the two sides of a comparison of a million members need, so that it is not written to disk in between."""


@asynccontextmanager
async def _compared(uow: UnitOfWork) -> AsyncIterator[None]:
    """Has whole sets compared while the block runs, in memory, and never one row with all others.

    Members come and go by the hundred thousand between two looks of the database at its statistics, so what it
    believes of their number is no ground to choose a plan by.
    """
    [(loops, room)] = await uow.fetch_all(
        "SELECT current_setting('enable_nestloop'), current_setting('work_mem')"
    )
    await uow.execute(_TUNED, ("off", _ROOM))
    yield
    # The transaction may go on with work of others.
    await uow.execute(_TUNED, (loops, room))


_TUNED = "SELECT set_config('enable_nestloop', %s, true), set_config('work_mem', %s, true)"


async def replace(uow: UnitOfWork, segment_id: UUID, found: Audience, actor: str | None = None) -> Difference:
    """Makes the members those of an audience; the segment's row must be locked."""
    async with _compared(uow):
        row = await uow.fetch_one(
            _REPLACE.format(where=found.where),
            {**found.params, "m_segment": segment_id, "m_actor": actor},
            prepare=False,
        )
    assert row is not None  # noqa: S101 - an aggregate always has a row
    return Difference(*row)


async def add(
    uow: UnitOfWork, segment_id: UUID, contact_ids: Sequence[UUID], actor: str, *, within: Sequence[UUID] = ()
) -> tuple[int, list[UUID]]:
    """Adds contacts and returns how many were not in the segment, and which ids no living contact of the branches has."""
    [(added, known)] = await uow.fetch_all(
        """
        WITH known AS MATERIALIZED (
            SELECT contact_id FROM contact
            WHERE tenant_id = %(tenant_id)s AND contact_id = ANY(%(ids)b::uuid[]) AND state < 3
                AND (%(within)b::uuid[] = '{}' OR branch_id = ANY(%(within)b::uuid[]))
        ), added AS (
            INSERT INTO segment_member (tenant_id, segment_id, contact_id, added_at, added_by)
            SELECT %(tenant_id)s, %(segment_id)s, contact_id, %(now)s, %(actor)s FROM known
            ON CONFLICT (tenant_id, segment_id, contact_id) DO NOTHING
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM added), (SELECT array_agg(contact_id) FROM known)
        """,
        {
            "tenant_id": uow.tenant_id,
            "segment_id": segment_id,
            "ids": list(contact_ids),
            "within": list(within),
            "now": uow.now(),
            "actor": actor,
        },
    )
    return added, sorted(set(contact_ids) - set(known or ()))


async def remove(uow: UnitOfWork, segment_id: UUID, contact_ids: Sequence[UUID]) -> int:
    """Takes contacts out and returns how many were in the segment."""
    return await uow.execute(
        "DELETE FROM segment_member WHERE tenant_id = %s AND segment_id = %s AND contact_id = ANY(%b::uuid[])",
        (uow.tenant_id, segment_id, list(contact_ids)),
    )


async def holding(
    uow: UnitOfWork,
    contact_id: UUID,
    conditions: Sequence[str],
    params: Mapping[str, Any],
    *,
    within: Sequence[UUID] = (),
) -> list[bool] | None:
    """Returns which conditions over `c` hold for one contact, by one statement.

    None when there is no such contact, or none of the branches where some are named.
    """
    tests = ", ".join(f"({one}) IS TRUE" for one in conditions)
    row = await uow.fetch_one(
        f"SELECT {tests} FROM contact c WHERE c.tenant_id = %(a_tenant)s AND c.contact_id = %(m_contact)s"
        " AND c.state < 3 AND (%(m_within)s::uuid[] = '{}' OR c.branch_id = ANY(%(m_within)s::uuid[]))",
        {**params, "m_contact": contact_id, "m_within": list(within)},
        prepare=False,
    )
    return None if row is None else list(row)


# Who is in which segment is asked of each contact once, for all segments together.
_FOLLOW = """
WITH seen AS MATERIALIZED (
    SELECT c.contact_id, unnest(%(m_segments)b::uuid[]) AS segment_id, unnest(ARRAY[{tests}]) AS holds
    FROM contact c WHERE c.tenant_id = %(a_tenant)s AND c.contact_id = ANY(%(m_contacts)b::uuid[])
), wanted AS MATERIALIZED (
    SELECT segment_id, contact_id FROM seen WHERE holds
), stands AS MATERIALIZED (
    SELECT m.ctid AS place, m.segment_id, m.contact_id FROM segment_member m
    WHERE m.tenant_id = %(a_tenant)s AND m.contact_id = ANY(%(m_contacts)b::uuid[])
        AND m.segment_id = ANY(%(m_segments)b::uuid[])
), removed AS (
    DELETE FROM segment_member m WHERE m.tenant_id = %(a_tenant)s AND m.ctid = ANY(ARRAY(
        SELECT s.place FROM stands s LEFT JOIN wanted w ON w.segment_id = s.segment_id
            AND w.contact_id = s.contact_id WHERE w.contact_id IS NULL))
    RETURNING m.segment_id
), added AS (
    INSERT INTO segment_member (tenant_id, segment_id, contact_id, added_at)
    SELECT %(a_tenant)s, w.segment_id, w.contact_id, %(a_now)s
    FROM wanted w LEFT JOIN stands s ON s.segment_id = w.segment_id AND s.contact_id = w.contact_id
    WHERE s.contact_id IS NULL
    ON CONFLICT (tenant_id, segment_id, contact_id) DO NOTHING
    RETURNING segment_id
), moved AS (
    SELECT segment_id, 1 AS entered, 0 AS gone FROM added UNION ALL SELECT segment_id, 0, 1 FROM removed
)
SELECT segment_id, sum(entered), sum(gone) FROM moved GROUP BY segment_id
"""

_RECOUNT = """
UPDATE segment s SET contact_count = greatest(0, s.contact_count + d.entered - d.gone)
FROM unnest(%(ids)b::uuid[], %(entered)b::int8[], %(gone)b::int8[]) AS d (segment_id, entered, gone)
WHERE s.tenant_id = %(tenant_id)s AND s.segment_id = d.segment_id
RETURNING s.segment_id, s.contact_count, d.entered, d.gone
"""


async def follow(
    uow: UnitOfWork,
    contact_ids: Sequence[UUID],
    segments: Sequence[Segment],
    conditions: Sequence[str],
    params: Mapping[str, Any],
) -> list[tuple[UUID, Difference]]:
    """Lets contacts enter and leave segments whose rows are locked; returns what changed of which.

    Args:
        uow: The transaction.
        contact_ids: Contacts that changed.
        segments: The segments.
        conditions: For each segment, when a contact is in it, over the alias `c` of table contact.
        params: Parameters of the conditions.
    """
    tests = ", ".join(f"({one}) IS TRUE" for one in conditions)
    async with _compared(uow):
        moved = await uow.fetch_all(
            _FOLLOW.format(tests=tests),
            {**params, "m_contacts": list(contact_ids), "m_segments": [one.segment_id for one in segments]},
            prepare=False,
        )
    if not moved:
        return []
    ids, entered, gone = columns(moved, 3)
    rows = await uow.fetch_all(
        _RECOUNT,
        {
            "tenant_id": uow.tenant_id,
            "ids": ids,
            "entered": list(map(int, entered)),
            "gone": list(map(int, gone)),
        },
    )
    return [(segment_id, Difference(*found)) for segment_id, *found in rows]


async def erase(uow: UnitOfWork, contact_id: UUID) -> int:
    """Takes a contact out of all segments, and off their counts."""
    rows = await uow.fetch_all(
        """
        WITH gone AS (
            DELETE FROM segment_member WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s
            RETURNING segment_id
        ), counted AS (
            UPDATE segment s SET contact_count = greatest(0, contact_count - 1)
            FROM gone WHERE s.tenant_id = %(tenant_id)s AND s.segment_id = gone.segment_id
        )
        SELECT segment_id FROM gone
        """,
        {"tenant_id": uow.tenant_id, "contact_id": contact_id},
    )
    return len(rows)


async def forget_archived(uow: UnitOfWork, limit: int) -> int:
    """Removes members of segments that were archived; needs a unit of work across tenants."""
    return await uow.execute(
        """
        DELETE FROM segment_member WHERE (tenant_id, segment_id, contact_id) IN (
            SELECT m.tenant_id, m.segment_id, m.contact_id
            FROM segment s JOIN segment_member m ON m.tenant_id = s.tenant_id AND m.segment_id = s.segment_id
            WHERE s.archived_at IS NOT NULL LIMIT %s
        )
        """,
        (limit,),
    )
