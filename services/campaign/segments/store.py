"""SQL of segments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.campaign.contacts.domain import Contact
from services.campaign.contacts.rows import READ, contact_of
from services.campaign.segments.domain import Segment, SegmentKind
from services.campaign.segments.stored import rule_from_json, rule_to_json
from services.common.db.uow import UnitOfWork

_COLUMNS = (
    "segment_id, name, description, rule, branch_ids, kind, is_dynamic, is_active, contact_count, refreshed_at,"
    " version, created_at, created_by"
)


_MEANING = "hashtextextended('campaign.segment/' || %s || '/' || %s, 0)"


async def insert(uow: UnitOfWork, segment: Segment) -> bool:
    """Adds a segment; False when its name is taken."""
    now = uow.now()
    return bool(
        await uow.execute(
            f"INSERT INTO segment (tenant_id, {_COLUMNS}, updated_at) "
            "VALUES (%s, %s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant_id, name) WHERE archived_at IS NULL DO NOTHING",
            (
                uow.tenant_id,
                segment.segment_id,
                segment.name,
                segment.description,
                Jsonb(rule_to_json(segment.rule)),
                list(segment.branch_ids),
                int(segment.kind),
                segment.is_dynamic,
                segment.is_active,
                segment.contact_count,
                segment.refreshed_at,
                segment.version,
                now,
                segment.created_by,
                now,
            ),
        )
    )


async def by_id(uow: UnitOfWork, segment_id: UUID, *, lock: bool = False) -> Segment | None:
    """Returns a live segment, or None."""
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM segment WHERE tenant_id = %s AND segment_id = %s AND archived_at IS NULL"
        f"{' FOR NO KEY UPDATE' if lock else ''}",
        (uow.tenant_id, segment_id),
    )
    return None if row is None else _segment(row)


async def by_name(uow: UnitOfWork, name: str) -> Segment | None:
    """Returns a live segment by its name, or None."""
    row = await uow.fetch_one(
        f"SELECT {_COLUMNS} FROM segment WHERE tenant_id = %s AND name = %s AND archived_at IS NULL",
        (uow.tenant_id, name),
    )
    return None if row is None else _segment(row)


async def by_ids(uow: UnitOfWork, segment_ids: Sequence[UUID]) -> list[Segment]:
    """Returns live segments by their ids; unknown ones are left out."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM segment WHERE tenant_id = %s AND segment_id = ANY(%s::uuid[]) "
        "AND archived_at IS NULL ORDER BY segment_id",
        (uow.tenant_id, list(segment_ids)),
    )
    return [_segment(row) for row in rows]


async def live(uow: UnitOfWork) -> list[Segment]:
    """Returns all live segments."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM segment WHERE tenant_id = %s AND archived_at IS NULL ORDER BY segment_id",
        (uow.tenant_id,),
    )
    return [_segment(row) for row in rows]


async def hold_meaning(uow: UnitOfWork, segment_id: UUID) -> int | None:
    """Keeps what a segment means until the commit and returns its version; None when it is no more.

    Whoever changes what it means waits, see `change_meaning`; bringing its members up to date does not.
    """
    await uow.execute(f"SELECT pg_advisory_xact_lock_shared({_MEANING})", (uow.tenant_id, segment_id))
    version: int | None = await uow.fetch_value(
        "SELECT version FROM segment WHERE tenant_id = %s AND segment_id = %s AND archived_at IS NULL",
        (uow.tenant_id, segment_id),
    )
    return version


async def change_meaning(uow: UnitOfWork, segment_id: UUID) -> None:
    """Waits for those who rely on what a segment means, and lets nobody begin to until the commit."""
    await uow.execute(f"SELECT pg_advisory_xact_lock({_MEANING})", (uow.tenant_id, segment_id))


async def lock_followed(uow: UnitOfWork) -> list[Segment]:
    """Locks and returns the segments that changes of contacts enter and leave: dynamic and active ones."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM segment WHERE tenant_id = %s AND is_active AND is_dynamic AND archived_at IS NULL "
        "ORDER BY segment_id FOR NO KEY UPDATE",
        (uow.tenant_id,),
    )
    return [_segment(row) for row in rows]


async def followed(uow: UnitOfWork, after: tuple[UUID, UUID], limit: int) -> list[tuple[UUID, UUID]]:
    """Returns tenants and their dynamic, active segments in the order of their ids; needs all tenants' rights."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, segment_id FROM segment WHERE is_active AND is_dynamic AND archived_at IS NULL "
        "AND (tenant_id, segment_id) > (%s, %s) ORDER BY tenant_id, segment_id LIMIT %s",
        (*after, limit),
    )
    return [(tenant_id, segment_id) for tenant_id, segment_id in rows]


async def page(
    uow: UnitOfWork,
    *,
    kind: int,
    text: str,
    is_active: bool | None,
    within: Sequence[UUID],
    before: UUID | None,
    limit: int,
) -> list[Segment]:
    """Returns live segments, newest first; branches leave out those that reach beyond them and are not all's."""
    rows = await uow.fetch_all(
        f"""
        SELECT {_COLUMNS} FROM segment
        WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL AND %(kind)s IN (0, kind)
            AND (%(is_active)s::boolean IS NULL OR is_active = %(is_active)s)
            AND (%(text)s = '' OR position(lower(%(text)s) IN lower(name)) > 0)
            AND (%(within)s::uuid[] = '{{}}' OR branch_ids <@ %(within)s::uuid[])
            AND (%(before)s::uuid IS NULL OR segment_id < %(before)s)
        ORDER BY segment_id DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "kind": kind,
            "text": text,
            "is_active": is_active,
            "within": list(within),
            "before": before,
            "limit": limit,
        },
    )
    return [_segment(row) for row in rows]


async def save(uow: UnitOfWork, segment: Segment) -> None:
    """Writes a segment whose row is locked."""
    await uow.execute(
        "UPDATE segment SET name = %s, description = %s, rule = %s, branch_ids = %s::uuid[], is_active = %s, "
        "contact_count = %s, refreshed_at = %s, version = %s, updated_at = %s "
        "WHERE tenant_id = %s AND segment_id = %s",
        (
            segment.name,
            segment.description,
            Jsonb(rule_to_json(segment.rule)),
            list(segment.branch_ids),
            segment.is_active,
            segment.contact_count,
            segment.refreshed_at,
            segment.version,
            uow.now(),
            uow.tenant_id,
            segment.segment_id,
        ),
    )


async def counted(uow: UnitOfWork, segment_id: UUID, count: int, at: datetime) -> None:
    """Notes how many contacts a segment has; the segment itself did not change."""
    await uow.execute(
        "UPDATE segment SET contact_count = %s, refreshed_at = %s WHERE tenant_id = %s AND segment_id = %s",
        (count, at, uow.tenant_id, segment_id),
    )


async def name_is_taken(uow: UnitOfWork, name: str, besides: UUID) -> bool:
    """Returns whether another live segment has a name."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM segment WHERE tenant_id = %s AND name = %s AND archived_at IS NULL "
            "AND segment_id <> %s)",
            (uow.tenant_id, name, besides),
        )
    )


async def archive(uow: UnitOfWork, segment_id: UUID) -> None:
    """Takes a segment out of use; history keeps referring to it."""
    now = uow.now()
    await uow.execute(
        "UPDATE segment SET archived_at = %s, updated_at = %s WHERE tenant_id = %s AND segment_id = %s",
        (now, now, uow.tenant_id, segment_id),
    )


async def count(uow: UnitOfWork, where: str, params: Mapping[str, Any]) -> tuple[int, int, int]:
    """Returns how many contacts a condition matches, and how many of them have an e-mail address and a phone."""
    row = await uow.fetch_one(
        f"SELECT count(*), count(c.email_canonical), count(c.phone) FROM contact c WHERE {where}",
        params,
        prepare=False,
    )
    assert row is not None  # noqa: S101 - an aggregate always has a row
    return row[0], row[1], row[2]


async def count_members(
    uow: UnitOfWork, segment_ids: Sequence[UUID], branch_ids: Sequence[UUID]
) -> dict[UUID, int]:
    """Returns how many active contacts of branches are members of segments, as they were last brought up to date."""
    rows = await uow.fetch_all(
        """
        SELECT m.segment_id, count(*) FROM segment_member m
        JOIN contact c ON c.tenant_id = m.tenant_id AND c.contact_id = m.contact_id
        WHERE m.tenant_id = %s AND m.segment_id = ANY(%b::uuid[]) AND c.branch_id = ANY(%b::uuid[]) AND c.state = 1
        GROUP BY m.segment_id
        """,
        (uow.tenant_id, list(segment_ids), list(branch_ids)),
    )
    return dict(rows)


async def count_by_branch(uow: UnitOfWork, where: str, params: Mapping[str, Any]) -> dict[UUID, int]:
    """Returns how many contacts of each branch a condition matches; those without a branch are left out."""
    rows = await uow.fetch_all(
        f"SELECT c.branch_id, count(*) FROM contact c WHERE {where} AND c.branch_id IS NOT NULL GROUP BY c.branch_id",
        params,
        prepare=False,
    )
    return dict(rows)


async def addresses(
    uow: UnitOfWork, where: str, params: Mapping[str, Any], address: str
) -> list[tuple[UUID, str | None]]:
    """Returns the contacts a condition matches with an address, given as the SQL of it."""
    rows = await uow.fetch_all(
        f"SELECT c.contact_id, {address} FROM contact c WHERE {where}", params, prepare=False
    )
    return [(contact_id, found) for contact_id, found in rows]


async def newest(uow: UnitOfWork, where: str, params: Mapping[str, Any], size: int) -> list[Contact]:
    """Returns the newest of the contacts a condition matches."""
    return await _contacts(uow, f"{where} ORDER BY c.contact_id DESC", params, size)


async def contacts(
    uow: UnitOfWork, where: str, params: Mapping[str, Any], after: UUID | None, size: int
) -> list[Contact]:
    """Returns the contacts a condition matches, by their ids, after one."""
    more = {**params, "a_after": after or UUID(int=0)}
    return await _contacts(uow, f"{where} AND c.contact_id > %(a_after)s ORDER BY c.contact_id", more, size)


async def _contacts(uow: UnitOfWork, which: str, params: Mapping[str, Any], size: int) -> list[Contact]:
    columns = ", ".join(f"c.{name}" for name in READ)
    rows = await uow.fetch_all(
        f"SELECT {columns} FROM contact c WHERE {which} LIMIT %(a_limit)s",
        {**params, "a_limit": size},
        prepare=False,
    )
    return [contact_of(row) for row in rows]


def _segment(row: Sequence[Any]) -> Segment:
    segment_id, name, description, rule, branches, kind, *rest = row
    is_dynamic, is_active, contacts, refreshed, version, created, by = rest
    return Segment(
        segment_id=segment_id,
        name=name,
        rule=rule_from_json(rule),
        description=description,
        branch_ids=tuple(branches),
        kind=SegmentKind(kind),
        is_dynamic=is_dynamic,
        is_active=is_active,
        contact_count=contacts,
        refreshed_at=refreshed,
        version=version,
        created_at=created,
        created_by=by,
    )
