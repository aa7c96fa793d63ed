"""A relay or consumer that says `now` at its worst moment and then waits to be killed."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from google.protobuf.wrappers_pb2 import StringValue
from redis.asyncio import Redis

from services.common.db.database import Database
from services.common.events.consumer import Consumer
from services.common.events.relay import Relay

TTL = timedelta(seconds=1)
COMMON = Path(__file__).parents[1]


async def hang(*_: object, **__: object) -> int:
    print("now", flush=True)
    await asyncio.sleep(3600)
    return 0


async def hang_with_positions(_group: str, positions: list[int]) -> None:
    if positions:
        await hang()


async def handle(uow, envelope, payload) -> None:
    assert isinstance(payload, StringValue)
    await uow.execute(
        "INSERT INTO thing (tenant_id, thing_id, name, created_at) VALUES (%s, gen_random_uuid(), %s, now())",
        (uow.tenant_id, payload.value),
    )
    if sys.argv[1] == "consumer-before-commit":
        await hang()


async def main(role: str, sample_url: str, other_url: str, redis_url: str) -> None:
    redis: Redis = Redis.from_url(redis_url)
    if role == "relay":
        database = Database(sample_url, "sample", migrations=COMMON / "sample")
        await database.connect()
        relay = Relay(database, redis, "sample", lease_ttl=TTL)
        relay.stream.publish = hang
        await relay.loop(asyncio.Event())
    else:
        database = Database(other_url, "other", migrations=COMMON / "other")
        await database.connect()
        consumer = Consumer(database, redis, "other", ["sample"], {"thing.made": handle}, lease_ttl=TTL)
        consumer._streams["sample"].acknowledge = hang_with_positions
        await consumer.loop(asyncio.Event())


asyncio.run(main(*sys.argv[1:]))
