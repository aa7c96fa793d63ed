"""Pieces of large tables, by ids that rise with time."""

from typing import Final
from uuid import UUID

from services.common.db.partitions import uuid7_floor_of
from services.common.db.uow import UnitOfWork

PIECE: Final = 20_000
"""Rows looked at at once."""

_DAY: Final = 86_400_000


def first_id(contact_id: UUID) -> UUID:
    """Returns the lowest id that can be about a contact: nothing is older than the contact's own id says."""
    if contact_id.version != 7:
        return UUID(int=0)
    # Clocks of several machines differ a little.
    return uuid7_floor_of(max((contact_id.int >> 80) - _DAY, 0))


async def last_of_piece(uow: UnitOfWork, table: str, key: str, after: UUID) -> UUID | None:
    """Returns the last id of the piece that follows an id; None at the end of the table."""
    found: UUID | None = await uow.fetch_value(
        f"SELECT k FROM (SELECT {key} AS k FROM {table} WHERE tenant_id = %s AND {key} > %s"  # noqa: S608 - constants
        f" ORDER BY {key} LIMIT %s) AS piece ORDER BY k DESC LIMIT 1",
        (uow.tenant_id, after, PIECE),
    )
    return found
