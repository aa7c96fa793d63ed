"""Month partitions of large append tables, by the time inside their UUIDv7 ids (GEN-46)."""

from datetime import datetime
from uuid import UUID

from services.common.db.uow import UnitOfWork

_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)


def uuid7_floor(instant: datetime) -> UUID:
    """Returns the smallest UUIDv7 of a millisecond: ids from then on are not below it."""
    milliseconds = int(instant.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | _VERSION_AND_VARIANT)


async def ensure_month_partitions(uow: UnitOfWork, table: str, months_ahead: int = 2) -> int:
    """Makes the partitions of this month and the next ones where they are missing; returns how many it made.

    Needs a unit of work across tenants.
    """
    made: int = await uow.fetch_value(
        "SELECT add_month_partitions(%s, %s, %s)", (table, uow.now(), months_ahead)
    )
    return made


async def drop_partitions_before(uow: UnitOfWork, table: str, instant: datetime) -> int:
    """Drops partitions whose whole month lies before an instant; returns how many."""
    dropped: int = await uow.fetch_value("SELECT drop_partitions_before(%s, %s)", (table, instant))
    return dropped
