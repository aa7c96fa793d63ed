"""What happens to events when Redis loses everything or a process dies at the worst moment."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cli.embedded.valkey import EmbeddedValkey
from services.common.db.testing import login_url
from services.common.events.consumer import Consumer
from services.common.events.relay import Relay
from services.common.ids import uuid7
from tests.common.events.conftest import emit, positions, stream_positions, until

CRASHING = Path(__file__).parent / "crashing.py"


async def crash(role: str, owner_url: str, redis_url: str) -> None:
    """Runs a relay or consumer in a process of its own and kills it with SIGKILL at its worst moment."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CRASHING),
        role,
        login_url(owner_url, "sample"),
        login_url(owner_url, "other"),
        redis_url,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert child.stdout is not None
    async with asyncio.timeout(30):
        assert await child.stdout.readline() == b"now\n"
    child.send_signal(signal.SIGKILL)
    await child.wait()


@pytest.mark.req("EVT-10", "JOB-37")
async def test_a_relay_killed_between_stamp_and_publication_loses_and_repeats_nothing(
    sample, redis, redis_url, run, owner_url
):
    tenant = uuid7()
    await emit(sample, tenant, "a", "b", "c")
    await crash("relay", owner_url, redis_url)
    assert await positions(sample) == [1, 2, 3]
    assert await stream_positions(redis, "sample") == []
    run(Relay(sample, redis, "sample").loop)
    await emit(sample, tenant, "d")
    await until(lambda: stream_positions(redis, "sample"), [1, 2, 3, 4])


@pytest.mark.req("EVT-10", "ARC-11")
async def test_a_consumer_killed_between_effect_and_acknowledgement_does_not_repeat_the_effect(
    sample, other, redis, redis_url, run, owner_url, seen
):
    tenant = uuid7()
    await emit(sample, tenant, "a")
    run(Relay(sample, redis, "sample").loop)
    await until(lambda: stream_positions(redis, "sample"), [1])
    await crash("consumer-after-commit", owner_url, redis_url)
    assert await seen.effects() == ["a"]
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    await emit(sample, tenant, "b")
    assert await seen.until(2) == ["a", "b"]
    assert seen.calls == ["b"]


@pytest.mark.req("EVT-10", "ARC-11")
async def test_a_consumer_killed_before_its_commit_has_had_no_effect_and_another_applies_the_event(
    sample, other, redis, redis_url, run, owner_url, seen
):
    tenant = uuid7()
    await emit(sample, tenant, "a")
    run(Relay(sample, redis, "sample").loop)
    await until(lambda: stream_positions(redis, "sample"), [1])
    await crash("consumer-before-commit", owner_url, redis_url)
    assert await seen.effects() == []
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    assert await seen.until(1) == ["a"]


@pytest.mark.req("EVT-10")
@pytest.mark.parametrize("idle", [True, False])
async def test_after_flushall_unacknowledged_events_come_again_and_effects_stay_single(
    sample, other, redis, run, seen, idle
):
    tenant = uuid7()
    run(Relay(sample, redis, "sample", groups=["other"]).loop)
    stop = run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    await emit(sample, tenant, "a", "b")
    await seen.until(2)
    stop.set()
    await asyncio.sleep(1.2)
    await emit(sample, tenant, "c", "d")
    await until(lambda: stream_positions(redis, "sample"), [3, 4])
    await redis.flushall()
    if not idle:
        await emit(sample, tenant, "e")
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    wanted = ["a", "b", "c", "d"] if idle else ["a", "b", "c", "d", "e"]
    assert await seen.until(len(wanted)) == wanted


@pytest.mark.req("EVT-10", "GEN-6")
async def test_effects_are_exact_while_redis_loses_everything_again_and_again(
    sample, other, redis, run, seen
):
    tenant = uuid7()
    run(Relay(sample, redis, "sample", groups=["other"]).loop)
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    names = [f"{n:03}" for n in range(150)]
    for n, name in enumerate(names):
        await emit(sample, tenant, name)
        if n % 30 == 17:
            await redis.flushall()
    assert await seen.until(150) == names
    assert seen.calls == names


@pytest.mark.req("EVT-10", "GEN-6")
async def test_the_stream_heals_after_a_restart_of_valkey_with_empty_data(sample, other, run, seen, tmp_path):
    server = EmbeddedValkey(tmp_path / "valkey", fast_for_tests=True)
    client: Redis = Redis.from_url(server.start())
    try:
        tenant = uuid7()
        run(Relay(sample, client, "sample", groups=["other"]).loop)
        run(Consumer(other, client, "other", ["sample"], {"thing.made": seen}).loop)
        await emit(sample, tenant, "a")
        await seen.until(1)
        for round_number in range(3):
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            await emit(sample, tenant, f"b{round_number}")
            await asyncio.sleep(0.3)
            server.start()
            await emit(sample, tenant, f"c{round_number}")
            await seen.until(3 + 2 * round_number)
        wanted = ["a", "b0", "c0", "b1", "c1", "b2", "c2"]
        assert await seen.until(7) == wanted
        assert seen.calls == wanted
    finally:
        await client.aclose()
        server.stop()


async def test_a_stream_that_belongs_to_another_database_is_begun_anew(sample, redis, run):
    await redis.xadd("angarium:events:sample", {"t": "old", "e": b""}, id="500-0")
    await emit(sample, uuid7(), "a", "b")
    run(Relay(sample, redis, "sample").loop)
    await until(lambda: stream_positions(redis, "sample"), [1, 2])


async def test_events_gone_from_the_outbox_before_they_were_published_leave_a_counted_gap(sample, redis, run):
    stop = run(Relay(sample, redis, "sample").loop)
    tenant = uuid7()
    await emit(sample, tenant, "a", "b", "c")
    await until(lambda: stream_positions(redis, "sample"), [1, 2, 3])
    stop.set()
    await asyncio.sleep(0.7)
    async with sample.system() as uow:
        await uow.execute("DELETE FROM outbox WHERE position <= 2")
    await redis.flushall()
    run(Relay(sample, redis, "sample").loop)
    await emit(sample, tenant, "d")
    await until(lambda: stream_positions(redis, "sample"), [3, 4])


async def test_a_lost_lease_ends_the_work_of_a_relay(sample, redis, run, open_database, owner_url):
    relay = Relay(sample, redis, "sample", lease_ttl=timedelta(seconds=1))
    run(relay.loop)
    tenant = uuid7()
    await emit(sample, tenant, "a")
    await until(lambda: stream_positions(redis, "sample"), [1])
    async with sample.system() as uow:
        await uow.execute(
            "UPDATE lease SET holder = gen_random_uuid(), expires_at = now() + interval '3 seconds'"
        )
    await asyncio.sleep(1.5)
    await emit(sample, tenant, "b")
    await asyncio.sleep(0.5)
    assert await stream_positions(redis, "sample") == [1]
    await until(lambda: stream_positions(redis, "sample"), [1, 2])
