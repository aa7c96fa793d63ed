"""Month partitions of large append tables, by the time inside their UUIDv7 ids (GEN-46)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.common.db.uow import UnitOfWork

_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)


def uuid7_floor(instant: datetime) -> UUID:
    """Returns the smallest UUIDv7 of a millisecond: ids from then on are not below it."""
    milliseconds = int(instant.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | _VERSION_AND_VARIANT)


def month_of(id: UUID) -> tuple[UUID, UUID]:
    """Returns the smallest and the greatest UUIDv7 of the month in which an id was made: those of its partition.

    A statement that names these bounds looks at one partition and is planned for any row of it. Narrower ones may lie
    beyond what the planner has seen of a table that grows, and then look as if they held nothing.
    """
    first = datetime.fromtimestamp((id.int >> 80) / 1000, UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    following = (first + timedelta(days=31)).replace(day=1)
    return uuid7_floor(first), UUID(int=uuid7_floor(following).int - 1)


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
