"""SQL of segments."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.campaign.contacts.domain import Contact
from services.campaign.contacts.store import READ_COLUMNS, contact_of
from services.campaign.segments.domain import Condition, Join, Op, Rule, Segment, SegmentKind
from services.common.db.uow import UnitOfWork

_COLUMNS = "segment_id, name, description, rule, branch_ids, kind, contact_count, refreshed_at, version, created_at, created_by"


async def insert(uow: UnitOfWork, segment: Segment) -> bool:
    """Adds a segment; False when its name is taken."""
    now = uow.now()
    return bool(
        await uow.execute(
            f"INSERT INTO segment (tenant_id, {_COLUMNS}, updated_at) "
            "VALUES (%s, %s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant_id, name) WHERE archived_at IS NULL DO NOTHING",
            (
                uow.tenant_id,
                segment.segment_id,
                segment.name,
                segment.description,
                Jsonb(rule_to_json(segment.rule)),
                list(segment.branch_ids),
                int(segment.kind),
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
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, segment_id),
    )
    return None if row is None else _segment(row)


async def page(uow: UnitOfWork, *, kind: int, text: str, before: UUID | None, limit: int) -> list[Segment]:
    """Returns live segments, newest first."""
    rows = await uow.fetch_all(
        f"""
        SELECT {_COLUMNS} FROM segment
        WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL AND %(kind)s IN (0, kind)
            AND (%(text)s = '' OR position(lower(%(text)s) IN lower(name)) > 0)
            AND (%(before)s::uuid IS NULL OR segment_id < %(before)s)
        ORDER BY segment_id DESC LIMIT %(limit)s
        """,
        {"tenant_id": uow.tenant_id, "kind": kind, "text": text, "before": before, "limit": limit},
    )
    return [_segment(row) for row in rows]


async def save(uow: UnitOfWork, segment: Segment) -> None:
    """Writes a segment whose row is locked."""
    await uow.execute(
        "UPDATE segment SET name = %s, description = %s, rule = %s, branch_ids = %s::uuid[], contact_count = %s, "
        "refreshed_at = %s, version = %s, updated_at = %s WHERE tenant_id = %s AND segment_id = %s",
        (
            segment.name,
            segment.description,
            Jsonb(rule_to_json(segment.rule)),
            list(segment.branch_ids),
            segment.contact_count,
            segment.refreshed_at,
            segment.version,
            uow.now(),
            uow.tenant_id,
            segment.segment_id,
        ),
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


async def sample(uow: UnitOfWork, where: str, params: Mapping[str, Any], size: int) -> list[Contact]:
    """Returns some of the contacts a condition matches."""
    columns = ", ".join(f"c.{name}" for name in READ_COLUMNS)
    rows = await uow.fetch_all(
        f"SELECT {columns} FROM contact c WHERE {where} ORDER BY c.contact_id DESC LIMIT %(a_limit)s",
        {**params, "a_limit": size},
        prepare=False,
    )
    return [contact_of(row) for row in rows]


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """Returns a rule as it is stored."""
    return {
        "join": rule.join.name,
        "conditions": [
            {"field": one.field, "op": one.op.name, "value": one.value} for one in rule.conditions
        ],
        "groups": [rule_to_json(group) for group in rule.groups],
    }


def rule_from_json(stored: Mapping[str, Any]) -> Rule:
    """Returns a stored rule."""
    return Rule(
        Join[stored["join"]],
        tuple(Condition(one["field"], Op[one["op"]], one["value"]) for one in stored["conditions"]),
        tuple(rule_from_json(group) for group in stored["groups"]),
    )


def _segment(row: Sequence[Any]) -> Segment:
    segment_id, name, description, rule, branches, kind, contacts, refreshed, version, created, by = row
    return Segment(
        segment_id=segment_id,
        name=name,
        rule=rule_from_json(rule),
        description=description,
        branch_ids=tuple(branches),
        kind=SegmentKind(kind),
        contact_count=contacts,
        refreshed_at=refreshed,
        version=version,
        created_at=created,
        created_by=by,
    )
