"""P7's floor: the same counts, and members brought up to date, by statements written by hand for each segment.

They run as the service's own role within the policies that keep tenants apart, as every statement of the product does;
the rule of five conditions is also counted as the owner, whom no policy holds.
"""

import asyncio
import statistics
from datetime import datetime
from typing import Any

import psycopg

from bench.floors.measured import answer, order, watch

_TABLE = """
CREATE SCHEMA IF NOT EXISTS floor;
DROP TABLE IF EXISTS floor.member;
CREATE TABLE floor.member (LIKE campaign.segment_member INCLUDING ALL);
GRANT USAGE ON SCHEMA floor TO angarium_campaign;
GRANT ALL ON floor.member TO angarium_campaign
"""

_ALIVE = "tenant_id = %(tenant)s AND state = 1"

# What each segment says, as somebody would write it who knows the tables and the day.
RULES = {
    "New Customers": "visit_count = 1",
    "Repeat Customers": "visit_count > 1",
    "Inactive Customers 30+ days": "last_visit_at < %(a_month_ago)s",
    "High-Value Customers": "total_spend_minor > 1000000",
    "Package Holders": (
        "packages <> '[]'::jsonb AND EXISTS (SELECT FROM jsonb_to_recordset(packages) AS p"
        " (remaining integer, expires_at timestamptz)"
        " WHERE remaining > 0 AND (expires_at IS NULL OR expires_at > %(now)s))"
    ),
    "Members": (
        "membership_status = 'active' AND (membership_expires_at IS NULL OR membership_expires_at > %(now)s)"
    ),
    "Birthday This Month": "birth_month = %(month)s",
    "Five conditions": (
        "language_code IN ('en', 'de') AND visit_count >= 2 AND last_visit_at >= %(half_a_year_ago)s"
        " AND total_spend_minor > 5000 AND tags && ARRAY['vip']"
    ),
}

_REFRESH = """
WITH found AS MATERIALIZED (
    SELECT contact_id FROM campaign.contact WHERE {where}
), removed AS (
    DELETE FROM floor.member m WHERE tenant_id = %(tenant)s AND segment_id = %(segment)s
        AND NOT EXISTS (SELECT FROM found f WHERE f.contact_id = m.contact_id) RETURNING 1
), added AS (
    INSERT INTO floor.member (tenant_id, segment_id, contact_id, added_at)
    SELECT %(tenant)s, %(segment)s, contact_id, %(now)s FROM found f WHERE NOT EXISTS (
        SELECT FROM floor.member m WHERE m.tenant_id = %(tenant)s AND m.segment_id = %(segment)s
            AND m.contact_id = f.contact_id) RETURNING 1
)
SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM added), (SELECT count(*) FROM removed)
"""


async def main() -> None:
    """Counts and refreshes each segment that was ordered, as often as was ordered."""
    asked = order()
    values: dict[str, Any] = {
        "tenant": asked["tenant_id"],
        "month": asked["month"],
        **{name: datetime.fromisoformat(asked[name]) for name in ("now", "a_month_ago", "half_a_year_ago")},
    }
    counts: dict[str, int] = {}
    seconds: dict[str, float] = {}
    count, own = "", values
    async with (
        await psycopg.AsyncConnection.connect(asked["database_url"], autocommit=True) as owner,
        await psycopg.AsyncConnection.connect(asked["login"], autocommit=True) as connection,
    ):
        await owner.execute(_TABLE)
        # As much room as the product takes.
        await connection.execute("SET work_mem = '96MB'")
        await connection.execute("SELECT set_config('angarium.tenant_id', %s, false)", (asked["tenant_id"],))
        with watch() as all_of_it:
            for name, segment_id in asked["segments"].items():
                where = f"{_ALIVE} AND {RULES[name]}"
                own = {**values, "segment": segment_id}
                count = f"SELECT count(*) FROM campaign.contact WHERE {where}"  # noqa: S608 - rules of this page
                refresh = _REFRESH.format(where=where)
                seconds[f"{name} first"] = await _time(connection, refresh, own, 1)
                await owner.execute("ANALYZE floor.member")
                seconds[f"{name} count"] = await _time(connection, count, own, asked["rounds"])
                seconds[f"{name} refresh"] = await _time(connection, refresh, own, asked["rounds"])
                row = await (await connection.execute(count.encode(), own)).fetchone()
                assert row is not None
                counts[name] = row[0]
        unheld = await _time(owner, count, own, asked["rounds"])
    answer(seconds=seconds, cpu_seconds=all_of_it.cpu_seconds, counts=counts, unheld=unheld)


async def _time(
    connection: psycopg.AsyncConnection[Any], query: str, values: dict[str, Any], rounds: int
) -> float:
    """Returns the median of the seconds a statement takes."""
    found = []
    for _ in range(rounds):
        with watch() as one:
            await (await connection.execute(query.encode(), values)).fetchall()
        found.append(one.seconds)
    return statistics.median(found)


if __name__ == "__main__":
    asyncio.run(main())
