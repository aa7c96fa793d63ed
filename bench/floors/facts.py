"""P10's floor: COPY of the same facts, one transaction per block, into a table like the facts'."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from bench.floors.measured import answer, order, watch
from services.common.ids import uuid7s

_TABLE = """
CREATE SCHEMA IF NOT EXISTS floor;
DROP TABLE IF EXISTS floor.fact;
CREATE TABLE floor.fact (LIKE analytics.message_fact INCLUDING DEFAULTS);
ALTER TABLE floor.fact ADD PRIMARY KEY (tenant_id, message_id);
CREATE INDEX ON floor.fact (tenant_id, campaign_id);
CREATE INDEX ON floor.fact (tenant_id, contact_id)
"""
_COLUMNS = {
    "tenant_id": "uuid",
    "message_id": "uuid",
    "is_complete": "bool",
    "contact_id": "uuid",
    "branch_id": "uuid",
    **dict.fromkeys(("channel", "message_class", "category", "origin", "priority"), "int2"),
    "is_counted": "bool",
    **dict.fromkeys(("template_name", "language", "provider"), "text"),
    **dict.fromkeys(("campaign_id", "run_id"), "uuid"),
    "variant_key": "text",
    "accepted_at": "timestamptz",
    "bounce_type": "int2",
    **dict.fromkeys(("reason", "code"), "text"),
    **dict.fromkeys(("open_classes", "click_classes"), "int2"),
    "costs": "numeric[]",
    "currency": "text",
}


async def main() -> None:
    """Copies as many rows as were ordered, over as many connections."""
    asked = order()
    async with await psycopg.AsyncConnection.connect(asked["database_url"], autocommit=True) as connection:
        await connection.execute(_TABLE)
    tenant = UUID(asked["tenant_id"])
    share = asked["items"] // asked["connections"]
    with watch() as all_of_it:
        await asyncio.gather(
            *(_copy(asked["database_url"], share, tenant) for _ in range(asked["connections"]))
        )
    answer(seconds=all_of_it.seconds, cpu_seconds=all_of_it.cpu_seconds)


async def _copy(url: str, count: int, tenant: UUID) -> None:
    now = datetime.now(UTC)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for start in range(0, count, 1000):
            campaign, run, branch, *ids = uuid7s(min(1000, count - start) + 3)
            async with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY floor.fact ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT binary)") as copy,
            ):
                copy.set_types(list(_COLUMNS.values()))
                for id in ids:
                    await copy.write_row(
                        (tenant, id, True, id, branch, 1, 2, 22, 1, 4, True, "spring", "en", "", campaign, run, "a",
                         now, 0, "", "", 0, 0, [], "")
                    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
