"""P12's floor: the same file read with csv, and its rows brought in by COPY, one transaction per thousand."""

import asyncio
import csv
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from bench.floors.measured import answer, order, watch
from services.common.ids import uuid7s

_TABLES = """
CREATE SCHEMA IF NOT EXISTS floor;
DROP TABLE IF EXISTS floor.contact;
DROP TABLE IF EXISTS floor.consent;
CREATE TABLE floor.contact (LIKE campaign.contact INCLUDING DEFAULTS);
ALTER TABLE floor.contact ADD PRIMARY KEY (tenant_id, contact_id);
CREATE UNIQUE INDEX ON floor.contact (tenant_id, external_id);
CREATE TABLE floor.consent (LIKE consent.consent INCLUDING DEFAULTS);
ALTER TABLE floor.consent ADD PRIMARY KEY (tenant_id, consent_id)
"""
_CONTACT = {
    "tenant_id": "uuid",
    "contact_id": "uuid",
    "external_id": "text",
    "email": "text",
    "email_canonical": "text",
    "first_name": "text",
    "last_name": "text",
    "name": "text",
    "source": "text",
    "tags": "text[]",
    "attributes": "jsonb",
    "visit_count": "int4",
    "purchase_count": "int4",
    "total_spend_minor": "int8",
    "loyalty_points": "int4",
    "state": "int2",
    "version": "int4",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
_CONSENT = {
    "tenant_id": "uuid",
    "consent_id": "uuid",
    "contact_id": "uuid",
    "channel": "text",
    "message_class": "text",
    "status": "text",
    "source": "text",
    "granted_at": "timestamptz",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}


async def main() -> None:
    """Brings in the file that was ordered."""
    asked = order()
    async with await psycopg.AsyncConnection.connect(asked["database_url"], autocommit=True) as connection:
        await connection.execute(_TABLES)
        async with connection.cursor() as cursor:
            now = (await (await cursor.execute("SELECT now()")).fetchone() or [None])[0]
        with watch() as all_of_it:
            items = await _bring(connection, Path(asked["path"]), UUID(asked["tenant_id"]), now)
    answer(seconds=all_of_it.seconds, cpu_seconds=all_of_it.cpu_seconds, items=items)


async def _bring(connection: psycopg.AsyncConnection[Any], path: Path, tenant: UUID, now: Any) -> int:
    count = 0
    with path.open(newline="") as file:
        rows = csv.DictReader(file)
        while block := list(islice(rows, 1000)):
            ids = uuid7s(len(block))
            async with connection.transaction():
                await _copy(
                    connection,
                    "contact",
                    _CONTACT,
                    [
                        (
                            tenant,
                            id,
                            row["external_id"],
                            row["email"],
                            row["email"].lower(),
                            row["first_name"],
                            row["last_name"],
                            f"{row['first_name']} {row['last_name']}",
                            "import",
                            [],
                            "{}",
                            0,
                            0,
                            0,
                            0,
                            1,
                            1,
                            now,
                            now,
                        )
                        for id, row in zip(ids, block, strict=True)
                    ],
                )
                await _copy(
                    connection,
                    "consent",
                    _CONSENT,
                    [
                        (
                            tenant,
                            id,
                            id,
                            "email",
                            "marketing",
                            "granted",
                            "import",
                            datetime.fromisoformat(row["consent_at"]),
                            now,
                            now,
                        )
                        for id, row in zip(ids, block, strict=True)
                    ],
                )
            count += len(block)
    return count


async def _copy(
    connection: psycopg.AsyncConnection[Any], table: str, columns: dict[str, str], rows: list[Any]
) -> None:
    names = ", ".join(columns)
    async with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY floor.{table} ({names}) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.set_types(list(columns.values()))
        for row in rows:
            await copy.write_row(row)


if __name__ == "__main__":
    asyncio.run(main())
