"""Month partitions of large append tables, by the time inside their UUIDv7 ids (GEN-46)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.common.db.uow import UnitOfWork

_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)


def uuid7_floor(instant: datetime) -> UUID:
    """Returns the smallest UUIDv7 of a millisecond: ids from then on are not below it."""
    return uuid7_floor_of(int(instant.timestamp() * 1000))


def uuid7_floor_of(milliseconds: int) -> UUID:
    """Returns the smallest UUIDv7 of a millisecond since 1970; ids hold later ones than calendars do."""
    return UUID(int=(milliseconds << 80) | _VERSION_AND_VARIANT)


def in_month_of(id: UUID, column: str) -> str:
    """Returns the condition that ids of a column were made in the month of another one: those of its partition.

    It is text, so that a plan knows it: one made for any bounds takes them for narrow ones, and reads all rows between
    them. Narrow ones may lie beyond what the planner has seen of a table that grows, and look the same.
    """
    first = datetime.fromtimestamp((id.int >> 80) / 1000, UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    following = (first + timedelta(days=31)).replace(day=1)
    return f"{column} >= '{uuid7_floor(first)}'::uuid AND {column} < '{uuid7_floor(following)}'::uuid"


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
