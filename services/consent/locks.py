"""Making changes of one person wait for each other."""

import zlib
from collections.abc import Iterable
from uuid import UUID

from services.common.db.uow import UnitOfWork

_STRIPES = 64
_LOCKS = 0x434E53
"""Number space of these locks among the advisory locks of a database."""


async def lock_subjects(uow: UnitOfWork, keys: Iterable[bytes]) -> None:
    """Makes changes of the same people wait for each other until this transaction ends.

    People share a fixed number of locks, so a block of any size takes few, always in the same order.
    """
    await uow.execute(*lock_statement(uow.tenant_id, keys))


def lock_statement(tenant_id: UUID | None, keys: Iterable[bytes]) -> tuple[str, dict[str, list[int]]]:
    """Returns the statement of `lock_subjects` with its parameters, to travel with others."""
    tenant = tenant_id.int & 0xFFFF_FFFF if tenant_id else 0
    stripes = sorted({zlib.crc32(key) % _STRIPES for key in keys})
    locks = [_LOCKS << 38 | tenant << 6 | stripe for stripe in stripes]
    return "SELECT pg_advisory_xact_lock(lock) FROM unnest(%(locks)b::int8[]) AS lock", {"locks": locks}
