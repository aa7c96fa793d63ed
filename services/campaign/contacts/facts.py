"""SQL of what was told of contacts: one row for each thing, with who told it last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Final
from uuid import UUID

import orjson

from services.common.db.uow import UnitOfWork


class FactKind(IntEnum):
    """What a fact is about; its `ref` is the neighbour's id of it, or the contact's where there is one each."""

    VISIT = 1
    MEMBERSHIP = 2
    PACKAGE = 3
    POINTS = 4
    POINTS_EXPIRING = 5
    PROFILE = 6
    APPOINTMENT = 7


_OF_CONTACT: Final = (FactKind.POINTS, FactKind.POINTS_EXPIRING, FactKind.PROFILE)
"""Kinds whose `ref` is the contact."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What was told of one thing; empty when nothing was."""

    kind: FactKind
    ref: str
    contact_id: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


async def claim(uow: UnitOfWork, kind: FactKind, ref: str) -> Fact:
    """Returns what was told of a thing and locks it, also when nothing was told yet."""
    await uow.execute(
        "INSERT INTO contact_fact (tenant_id, kind, ref, data, updated_at) VALUES (%s, %s, %s, '{}', %s)"
        " ON CONFLICT DO NOTHING",
        (uow.tenant_id, int(kind), ref, uow.now()),
    )
    row = await uow.fetch_one(
        "SELECT contact_id, data FROM contact_fact WHERE tenant_id = %s AND kind = %s AND ref = %s FOR UPDATE",
        (uow.tenant_id, int(kind), ref),
    )
    assert row is not None  # noqa: S101 - it was just made, or stood
    return Fact(kind, ref, *row)


async def save(uow: UnitOfWork, fact: Fact) -> None:
    """Writes what was told of a thing that is locked."""
    await uow.execute(
        "UPDATE contact_fact SET contact_id = %s, data = %s::jsonb, updated_at = %s"
        " WHERE tenant_id = %s AND kind = %s AND ref = %s",
        (
            fact.contact_id,
            orjson.dumps(fact.data).decode(),
            uow.now(),
            uow.tenant_id,
            int(fact.kind),
            fact.ref,
        ),
    )


async def of_contact(uow: UnitOfWork, kind: FactKind, contact_id: UUID) -> list[Fact]:
    """Returns what was told of a contact's things of a kind, by their ids."""
    rows = await uow.fetch_all(
        "SELECT ref, contact_id, data FROM contact_fact"
        " WHERE tenant_id = %s AND contact_id = %s AND kind = %s ORDER BY ref",
        (uow.tenant_id, contact_id, int(kind)),
    )
    return [Fact(kind, *row) for row in rows]


async def move(uow: UnitOfWork, merged_id: UUID, kept_id: UUID) -> None:
    """Moves what was told of one contact to another; what each has once stays the kept one's."""
    values = {
        "tenant_id": uow.tenant_id,
        "merged": merged_id,
        "kept": kept_id,
        "own": [int(kind) for kind in _OF_CONTACT],
        "now": uow.now(),
    }
    await uow.execute(
        "DELETE FROM contact_fact WHERE tenant_id = %(tenant_id)s AND contact_id = %(merged)s"
        " AND kind = ANY(%(own)s::int2[])",
        values,
    )
    await uow.execute(
        "UPDATE contact_fact SET contact_id = %(kept)s"
        " WHERE tenant_id = %(tenant_id)s AND contact_id = %(merged)s",
        values,
    )
    await uow.execute(
        """
        WITH gone AS (
            DELETE FROM contact_reach WHERE tenant_id = %(tenant_id)s AND contact_id = %(merged)s
            RETURNING has_whatsapp, push_reachable
        )
        INSERT INTO contact_reach AS reach (tenant_id, contact_id, has_whatsapp, push_reachable, updated_at)
        SELECT %(tenant_id)s, %(kept)s, has_whatsapp, push_reachable, %(now)s FROM gone
        ON CONFLICT (tenant_id, contact_id) DO UPDATE SET
            has_whatsapp = reach.has_whatsapp OR excluded.has_whatsapp,
            push_reachable = reach.push_reachable OR excluded.push_reachable, updated_at = excluded.updated_at
        """,
        values,
    )


async def forget(uow: UnitOfWork, contact_id: UUID) -> int:
    """Removes what was told of a contact."""
    values = (uow.tenant_id, contact_id)
    removed = await uow.execute("DELETE FROM contact_fact WHERE tenant_id = %s AND contact_id = %s", values)
    return removed + await uow.execute(
        "DELETE FROM contact_reach WHERE tenant_id = %s AND contact_id = %s", values
    )


async def forget_visits(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes visits and appointments that nothing was told of since an instant; visits stay counted."""
    return await uow.execute(
        "DELETE FROM contact_fact WHERE (tenant_id, kind, ref) IN (SELECT tenant_id, kind, ref FROM contact_fact"
        " WHERE kind IN (1, 7) AND updated_at < %s LIMIT %s)",
        (before, limit),
    )
