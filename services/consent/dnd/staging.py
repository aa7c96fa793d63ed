"""Numbers on their way into a registry: copied into a temporary table block by block, made to hold by one transaction."""

import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from services.common.db.database import Session
from services.common.db.uow import UnitOfWork
from services.consent.dnd.domain import DndImport, Operation

MERGE_TIMEOUT = "15min"

_CREATE = "CREATE TEMPORARY TABLE dnd_stage (phone_hash bytea NOT NULL, place int4 NOT NULL)"
_COPY = "COPY pg_temp.dnd_stage (phone_hash, place) FROM STDIN (FORMAT BINARY)"
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = struct.pack("!h", -1)
_BEFORE = struct.pack("!hi", 2, 32)


class Merged(NamedTuple):
    """What a list changed."""

    added: int
    removed: int


class Stage:
    """The temporary table of one import, on a connection of its own that takes it along when it ends."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def create(self) -> None:
        """Makes the table."""
        async with self._session.system() as uow:
            await uow.execute(_CREATE)

    async def add(self, hashes: Sequence[bytes], place: int) -> None:
        """Copies a block of hashed numbers that share an operation."""
        after = struct.pack("!ii", 4, place)
        rows = (after + _BEFORE).join(hashes)
        async with self._session.system() as uow:
            await uow.connection.begin()
            async with uow.connection.cursor() as cursor, cursor.copy(_COPY) as copy:
                if hashes:
                    await copy.write(b"".join((_SIGNATURE, _BEFORE, rows, after, _TRAILER)))
                else:
                    await copy.write(_SIGNATURE + _TRAILER)

    async def prepare(self, operations: Sequence[Operation], *, is_full: bool) -> None:
        """Brings what came into one row per number, before anything others see is touched."""
        places, removals, categories = _columns(operations)
        # Of a full list all that is said of a number holds; of a delta the last word.
        query = _UNITED if is_full and len(operations) > 1 else _LAST
        async with self._session.system() as uow:
            await _unhurried(uow)
            await uow.execute(_CAME)
            await uow.execute(query, {"places": places, "removals": removals, "categories": categories})
            await uow.execute("ANALYZE pg_temp.dnd_came")

    async def merge(self, uow: UnitOfWork, target: DndImport, key_id: str) -> Merged:
        """Makes the list hold, in the transaction given, which is one of this session's."""
        await _unhurried(uow)
        parameters: dict[str, Any] = {
            "registry": target.registry,
            "import_id": target.import_id,
            "key_id": key_id,
            "country": target.registry[:2],
            "now": uow.now(),
        }
        relisted = await uow.execute(_RELIST, parameters)
        await uow.execute(_RENAME, parameters)
        new = await uow.execute(_INSERT, parameters)
        removed = await uow.execute(_ABSENT if target.mode == "full" else _LEAVE, parameters)
        return Merged(relisted + new, removed)


async def _unhurried(uow: UnitOfWork) -> None:
    """Lets the statements of this transaction take the time that millions of rows need, and read tables whole."""
    await uow.run_together(
        (f"SET LOCAL statement_timeout = '{MERGE_TIMEOUT}'", ()),
        ("SET LOCAL enable_seqscan = on", ()),
        ("SET LOCAL work_mem = '64MB'", ()),
    )


def _columns(operations: Sequence[Operation]) -> tuple[list[int], list[bool], list[str | None]]:
    """Returns places, removals and categories: one line for each category, one without for all of them."""
    lines = list(_lines(operations))
    return [one[0] for one in lines], [one[1] for one in lines], [one[2] for one in lines]


def _lines(operations: Sequence[Operation]) -> Iterator[tuple[int, bool, str | None]]:
    for place, operation in enumerate(operations):
        for category in operation.categories or (None,):
            yield place, operation.is_removal, category


_CAME = "CREATE TEMPORARY TABLE dnd_came (phone_hash bytea NOT NULL, is_removal bool NOT NULL, categories text[] NOT NULL)"
_SAID = "unnest(%(places)b::int4[], %(removals)b::bool[], %(categories)b::text[]) AS said (place, is_removal, category)"
_ALL_OF = (
    "CASE WHEN bool_or(category IS NULL) THEN '{}' ELSE array_agg(DISTINCT category ORDER BY category) END"
)
_LAST = f"""
INSERT INTO pg_temp.dnd_came
SELECT phone_hash, is_removal, categories
FROM (SELECT phone_hash, max(place) AS place FROM pg_temp.dnd_stage GROUP BY phone_hash) AS last
JOIN (SELECT place, is_removal, {_ALL_OF} AS categories FROM {_SAID} GROUP BY place, is_removal) AS meant USING (place)
"""  # noqa: S608 - names are words of this module
_UNITED = f"""
INSERT INTO pg_temp.dnd_came
SELECT phone_hash, false, {_ALL_OF}
FROM (SELECT DISTINCT phone_hash, place FROM pg_temp.dnd_stage) AS came JOIN {_SAID} USING (place)
GROUP BY phone_hash
"""  # noqa: S608 - names are words of this module
_RELIST = """
UPDATE dnd_entry AS e SET removed_at = NULL, listed_at = %(now)s, categories = came.categories,
    last_import_id = %(import_id)s
FROM pg_temp.dnd_came AS came
WHERE e.registry = %(registry)s AND e.phone_hash = came.phone_hash AND e.removed_at IS NOT NULL AND NOT came.is_removal
"""
_RENAME = """
UPDATE dnd_entry AS e SET categories = came.categories, last_import_id = %(import_id)s
FROM pg_temp.dnd_came AS came
WHERE e.registry = %(registry)s AND e.phone_hash = came.phone_hash AND e.removed_at IS NULL AND NOT came.is_removal
    AND e.categories <> came.categories
"""
_INSERT = """
INSERT INTO dnd_entry (registry, phone_hash, key_id, country, categories, listed_at, last_import_id)
SELECT %(registry)s, phone_hash, %(key_id)s, %(country)s, categories, %(now)s, %(import_id)s
FROM pg_temp.dnd_came WHERE NOT is_removal ORDER BY phone_hash
ON CONFLICT (phone_hash, registry) DO NOTHING
"""
_ABSENT = """
UPDATE dnd_entry AS e SET removed_at = %(now)s, last_import_id = %(import_id)s
WHERE e.registry = %(registry)s AND e.removed_at IS NULL
    AND NOT EXISTS (SELECT FROM pg_temp.dnd_came AS came WHERE came.phone_hash = e.phone_hash)
"""
_LEAVE = """
UPDATE dnd_entry AS e SET removed_at = %(now)s, last_import_id = %(import_id)s
FROM pg_temp.dnd_came AS came
WHERE e.registry = %(registry)s AND e.phone_hash = came.phone_hash AND e.removed_at IS NULL AND came.is_removal
"""
