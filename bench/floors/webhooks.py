"""P9's floor: the signature of each body checked, its events read, one bulk update of rows like the messages'."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson
import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench.floors.measured import answer, order, watch
from services.common.ids import uuid7s

_TABLE = """
CREATE SCHEMA IF NOT EXISTS floor;
DROP TABLE IF EXISTS floor.webhook_message;
CREATE TABLE floor.webhook_message (LIKE delivery.message INCLUDING DEFAULTS INCLUDING GENERATED);
ALTER TABLE floor.webhook_message ADD PRIMARY KEY (tenant_id, message_id)
"""
_FILL = """
INSERT INTO floor.webhook_message (tenant_id, message_id, content_id, created_at, position, channel, category, lane, state)
SELECT %s, id, id, now(), 0, 1, 2, 3, 7 FROM unnest(%s::uuid[]) AS given (id)
"""
_APPLY = """
UPDATE floor.webhook_message AS m SET state = 8, delivered_at = given.at
FROM unnest(%s::uuid[], %s::timestamptz[]) AS given (id, at)
WHERE m.tenant_id = %s AND m.message_id = given.id
"""
_SHA256 = ec.ECDSA(hashes.SHA256())


async def main() -> None:
    """Takes as many events as were ordered, in bodies of the size that was ordered."""
    asked = order()
    tenant, ids = uuid4(), uuid7s(asked["items"])
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    bodies = []
    for start in range(0, len(ids), asked["events"]):
        events = [
            dict(asked["event"], angarium_message_id=str(id)) for id in ids[start : start + asked["events"]]
        ]
        body = json.dumps(events).encode()
        bodies.append((body, key.sign(body, _SHA256)))
    async with await psycopg.AsyncConnection.connect(asked["database_url"], autocommit=True) as connection:
        await connection.execute(_TABLE)
        await connection.execute(_FILL, (tenant, ids))
        with watch() as all_of_it:
            for body, signature in bodies:
                public.verify(signature, body, _SHA256)
                found = orjson.loads(body)
                await connection.execute(
                    _APPLY,
                    (
                        [UUID(one["angarium_message_id"]) for one in found],
                        [datetime.fromtimestamp(one["timestamp"], UTC) for one in found],
                        tenant,
                    ),
                )
    answer(seconds=all_of_it.seconds, cpu_seconds=all_of_it.cpu_seconds, items=len(ids))


if __name__ == "__main__":
    asyncio.run(main())
