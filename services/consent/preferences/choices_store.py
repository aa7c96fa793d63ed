"""SQL of what contacts say: fields, cells of the grid, and the history of both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.consent.decisions.categories import Choice
from services.consent.preferences.domain import FIELDS, Cell, Choices, Json, Value

_COLUMNS = [one.column for one in FIELDS.values()]
_READ = (
    f"SELECT {', '.join(_COLUMNS)}, version, updated_at, marketing_opted_out, is_dnd FROM preference"  # noqa: S608 - own names
    " WHERE tenant_id = %s AND contact_id = %s"
)
_CELLS = (
    "SELECT category_or_group, channel, enabled, frequency FROM category_preference"
    " WHERE tenant_id = %s AND contact_id = %s"
)


async def read(uow: UnitOfWork, contact_id: UUID) -> Choices:
    """Returns what a contact said, with defaults for the rest; reading creates nothing (CON-28, CON-118)."""
    who = (uow.tenant_id, contact_id)
    row = await uow.fetch_one(_READ, who)
    cells = {(name, channel): (on, often) for name, channel, on, often in await uow.fetch_all(_CELLS, who)}
    if row is None:
        return Choices(cells=cells)
    *values, version, updated_at, opted_out, is_dnd = row
    return Choices(
        dict(zip(FIELDS, values, strict=True)), cells, version, updated_at, opted_out, is_dnd=is_dnd
    )


_SAVE = f"""
INSERT INTO preference AS known (tenant_id, contact_id, {", ".join(_COLUMNS)}, created_at, updated_at)
VALUES (%(tenant_id)s, %(contact_id)s, {", ".join(f"%({name})s" for name in _COLUMNS)}, %(now)s, %(now)s)
ON CONFLICT (tenant_id, contact_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)},
    updated_at = excluded.updated_at, version = known.version + 1
RETURNING version
"""  # noqa: S608 - names of our own


async def save(uow: UnitOfWork, contact_id: UUID, values: Mapping[str, Value]) -> int:
    """Stores the fields of a locked contact, in a row made when there is none, and returns the new version."""
    named = {FIELDS[name].column: value for name, value in values.items()}
    version: int = await uow.fetch_value(
        _SAVE, {"tenant_id": uow.tenant_id, "contact_id": contact_id, "now": uow.now(), **named}
    )
    return version


_CELL = {"category_or_group": "text", "channel": "text", "enabled": "bool", "frequency": "text"}
_SAVE_CELLS = f"""
INSERT INTO category_preference (tenant_id, contact_id, {", ".join(_CELL)}, updated_at)
SELECT %(tenant_id)s, %(contact_id)s, {", ".join(_CELL)}, %(now)s FROM {named_unnest(_CELL)}
ON CONFLICT (tenant_id, contact_id, channel, category_or_group) DO UPDATE SET
    enabled = excluded.enabled, frequency = excluded.frequency, updated_at = excluded.updated_at
"""  # noqa: S608 - names of our own


async def save_cells(uow: UnitOfWork, contact_id: UUID, cells: Mapping[Cell, Choice]) -> None:
    """Stores cells of a locked contact."""
    rows = [(name, channel, *chosen) for (name, channel), chosen in sorted(cells.items())]
    values = dict(zip(_CELL, columns(rows, len(_CELL)), strict=True))
    await uow.execute(
        _SAVE_CELLS, {"tenant_id": uow.tenant_id, "contact_id": contact_id, "now": uow.now(), **values}
    )


async def forget_cells(uow: UnitOfWork, contact_id: UUID, cells: Iterable[Cell]) -> None:
    """Removes cells of a locked contact: their defaults hold again."""
    names, channels = columns(sorted(cells), 2)
    await uow.execute(
        "DELETE FROM category_preference AS c USING unnest(%(names)b::text[], %(channels)b::text[]) AS gone (name, channel)"
        " WHERE c.tenant_id = %(tenant_id)s AND c.contact_id = %(contact_id)s AND c.category_or_group = gone.name"
        " AND c.channel = gone.channel",
        {"tenant_id": uow.tenant_id, "contact_id": contact_id, "names": names, "channels": channels},
    )


@dataclass(frozen=True, slots=True)
class Author:
    """Who wished a change of preferences, why, and where it was done."""

    changed_by: str
    source: str
    reason: str | None = None


_ADD_HISTORY = """
INSERT INTO preference_history (tenant_id, preference_history_id, contact_id, changed_by, changes, reason, source,
    created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


def add_history(
    uow: UnitOfWork, contact_id: UUID, changes: Mapping[str, tuple[Json, Json]], author: Author
) -> None:
    """Appends one change to the history, with the commit."""
    told = {name: {"from": old, "to": new} for name, (old, new) in changes.items()}
    uow.defer(
        _ADD_HISTORY,
        (
            uow.tenant_id,
            uuid7(),
            contact_id,
            author.changed_by,
            Jsonb(told),
            author.reason,
            author.source,
            uow.now(),
        ),
    )


async def preferred_channels(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Returns the channel that contacts said they prefer; who never said anything is left out."""
    rows = await uow.fetch_all(
        "SELECT contact_id, preferred_channel FROM preference"
        " WHERE tenant_id = %s AND contact_id = ANY (%b::uuid[])",
        (uow.tenant_id, list(contact_ids)),
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of preferences."""

    history_id: UUID
    changed_by: str
    changes: Mapping[str, Mapping[str, Json]]
    reason: str | None
    source: str
    created_at: datetime


async def history_page(
    uow: UnitOfWork, contact_id: UUID, before: UUID | None, limit: int
) -> Sequence[HistoryRow]:
    """Returns the changes of a contact newest first, those older than the one a page ended with."""
    rows = await uow.fetch_all(
        "SELECT preference_history_id, changed_by, changes, reason, source, created_at FROM preference_history"
        " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s"
        " AND (%(before)s::uuid IS NULL OR preference_history_id < %(before)s)"
        " ORDER BY preference_history_id DESC LIMIT %(limit)s",
        {"tenant_id": uow.tenant_id, "contact_id": contact_id, "before": before, "limit": limit},
    )
    return [HistoryRow(*row) for row in rows]
