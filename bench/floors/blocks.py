"""P5's floor: COPY of the same rows, one transaction per block, into a table like the messages'."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg

from bench.floors.measured import answer, order, watch
from services.common.ids import uuid7s

_TABLE = """
CREATE SCHEMA IF NOT EXISTS floor;
DROP TABLE IF EXISTS floor.block_message;
CREATE TABLE floor.block_message (LIKE delivery.message INCLUDING DEFAULTS INCLUDING GENERATED);
ALTER TABLE floor.block_message ADD PRIMARY KEY (tenant_id, message_id);
ALTER TABLE floor.block_message ADD COLUMN recipient bytea NOT NULL
"""

_COLUMNS = "tenant_id, message_id, content_id, contact_id, created_at, position, channel, category, lane, state, recipient"
_TYPES = ["uuid", "uuid", "uuid", "uuid", "timestamptz", "int2", "int2", "int2", "int2", "int2", "bytea"]


async def main() -> None:
    """Copies as many rows as were ordered, over as many connections."""
    asked = order()
    async with await psycopg.AsyncConnection.connect(asked["database_url"], autocommit=True) as connection:
        await connection.execute(_TABLE)
        async with connection.cursor() as cursor:
            now = (await (await cursor.execute("SELECT now()")).fetchone() or [None])[0]
    tenant = UUID(asked["tenant_id"])
    payload = b"x" * asked["payload_bytes"]
    share = asked["items"] // asked["connections"]
    with watch() as all_of_it:
        await asyncio.gather(
            *(_copy(asked["database_url"], share, tenant, now, payload) for _ in range(asked["connections"]))
        )
    answer(
        seconds=all_of_it.seconds,
        cpu_seconds=all_of_it.cpu_seconds,
        items=share * asked["connections"],
    )


async def _copy(url: str, count: int, tenant: UUID, now: Any, payload: bytes) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for start in range(0, count, 1000):
            size = min(1000, count - start)
            content, *ids = uuid7s(size + 1)
            async with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY floor.block_message ({_COLUMNS}) FROM STDIN (FORMAT binary)") as copy,
            ):
                copy.set_types(_TYPES)
                for place, id in enumerate(ids):
                    await copy.write_row((tenant, id, content, id, now, place, 1, 2, 3, 1, payload))


if __name__ == "__main__":
    asyncio.run(main())
