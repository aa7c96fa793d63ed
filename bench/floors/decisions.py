"""P6's floor: the rows a decision reads, by one hand-written join per block of 1,000, and nothing done with them."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg

from bench.floors.measured import answer, order, watch

_JOIN = """
SELECT asked.n, c.state, coalesce(p.time_zone, c.time_zone, b.time_zone), c.language, c.region_code, k.status,
    k.expires_at, p.token_version, p.marketing_opted_out, p.is_dnd, p.email_enabled, p.sms_critical_only,
    p.email_frequency, p.digest_time, p.quiet_hours_enabled, p.quiet_hours_start, p.quiet_hours_end,
    p.max_emails_per_day, g.enabled, g.frequency, s.scope, s.reason
FROM unnest(%(contacts)b::uuid[], %(hashes)b::bytea[]) WITH ORDINALITY AS asked (contact_id, hash, n)
LEFT JOIN consent.contact c ON c.tenant_id = %(tenant)s AND c.contact_id = asked.contact_id
LEFT JOIN consent.branch_policy b ON b.tenant_id = c.tenant_id AND b.branch_id = c.branch_id
LEFT JOIN consent.preference p ON p.tenant_id = %(tenant)s AND p.contact_id = asked.contact_id
LEFT JOIN consent.consent k ON k.tenant_id = %(tenant)s AND k.contact_id = asked.contact_id
    AND k.channel = 'email' AND k.message_class = 'marketing' AND k.branch_id IS NULL
LEFT JOIN consent.category_preference g ON g.tenant_id = %(tenant)s AND g.contact_id = asked.contact_id
    AND g.channel = 'email' AND g.category_or_group IN ('offer', 'marketing')
LEFT JOIN consent.suppression s ON s.tenant_id = %(tenant)s AND s.identifier_hash = asked.hash
    AND s.channel IN ('email', 'all') AND (s.expires_at IS NULL OR s.expires_at > now())
"""


async def main() -> None:
    """Reads as many blocks as were ordered, over as many connections."""
    asked = order()
    blocks = [
        ([UUID(hex=one) for one in contacts], [bytes.fromhex(one) for one in hashes])
        for contacts, hashes in asked["blocks"]
    ]
    tenant = UUID(asked["tenant_id"])
    lanes = [blocks[lane :: asked["connections"]] for lane in range(asked["connections"])]
    opened = [
        await psycopg.AsyncConnection.connect(asked["database_url"], prepare_threshold=0) for _ in lanes
    ]
    for connection in opened:
        await _read(connection, tenant, blocks[:5])
    with watch() as all_of_it:
        counts = await asyncio.gather(
            *(_read(connection, tenant, lane) for connection, lane in zip(opened, lanes, strict=True))
        )
    for connection in opened:
        await connection.close()
    answer(seconds=all_of_it.seconds, cpu_seconds=all_of_it.cpu_seconds, items=sum(counts))


async def _read(connection: psycopg.AsyncConnection[Any], tenant: UUID, blocks: list[Any]) -> int:
    found = 0
    for contacts, hashes in blocks:
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(_JOIN, {"contacts": contacts, "hashes": hashes, "tenant": tenant})
            found += len(await cursor.fetchall())
        await connection.commit()
    return found


if __name__ == "__main__":
    asyncio.run(main())
