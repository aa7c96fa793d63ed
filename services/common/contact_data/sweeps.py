"""Looking through large tables that have no index by person: in bounded pieces, each remembered once done.

An erasure is rare and an index by person would cost every message, so these tables are read from the person's first
day on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from services.common.contact_data import person as people
from services.common.contact_data.person import Erased, Person
from services.common.contact_data.pieces import first_id, last_of_piece
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Sweep:
    """How a table is looked through by its ids, which rise with time.

    Attributes:
        table: Name of the table.
        key: Its id column, a UUIDv7; the second of its primary key.
        clean: Cuts the person out of the rows after one id up to another, and returns how many.
        is_whole: Whether the ids say nothing of time, so that the table is looked through from its beginning.
        deletes: Whether the rows go.
    """

    table: str
    key: str
    clean: Callable[[UnitOfWork, Person, UUID, UUID], Awaitable[int]]
    is_whole: bool = False
    deletes: bool = False


async def run(
    database: Database, tenant_id: UUID, person: Person, sweep: Sweep, is_late: Callable[[], bool]
) -> bool:
    """Looks through a table, cleans its rows, and returns whether it came to the end.

    One that is cut short goes on where it stood; one that came to the end begins anew the next time, which is what
    verifies it.
    """
    after = UUID(int=0) if sweep.is_whole else first_id(person.contact_id)
    if sweep.table in person.progress:
        after = UUID(person.progress[sweep.table])
    while True:
        async with database.tenant(tenant_id) as uow:
            last = await last_of_piece(uow, sweep.table, sweep.key, after)
            if last is not None:
                cleaned = await sweep.clean(uow, person, after, last)
                await people.add_counts(uow, person, [_counted(sweep, cleaned)])
            await people.advance(uow, person, sweep.table, None if last is None else str(last))
        if last is None:
            return True
        after = last
        if is_late():
            return False


def _counted(sweep: Sweep, rows: int) -> Erased:
    return Erased(sweep.table, deleted=rows) if sweep.deletes else Erased(sweep.table, anonymized=rows)
