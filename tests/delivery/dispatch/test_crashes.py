from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from tests.delivery.kit import House, recipient
from tests.fakes.carrier import Carrier
from tests.fakes.neighbours import ALLOW, deny

FAST = {"LEASE_SECONDS": "2", "UNKNOWN_RECHECK_SECONDS": "1", "UNKNOWN_ABSENT_SECONDS": "1"}


async def kill(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGKILL)
    await process.wait()


@pytest.mark.req("DEL-63", "DEL-78", "REL-14")
async def test_a_worker_killed_between_hand_over_and_record_loses_nothing_and_repeats_nothing(
    house: House,
) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url, config={"email_activity": True})
        carrier.gate.clear()
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(200)])
        first = await house.start_worker_process(**FAST)
        await asyncio.wait_for(carrier.arrived.wait(), 30)
        await kill(first)
        assert await house.states() == {"pending": 200}
        carrier.gate.set()
        await house.start_worker_process(**FAST)
        await house.until_states({"sent": 200}, seconds=40)
        assert (len(carrier.taken), carrier.duplicates) == (200, 0)
        assert await house.value("SELECT count(*) FROM message_wait") == 0
        assert dict(await house.events()) == {
            "message.accepted": 200, "message.unknown": 200, "message.sent": 200, "message.cost_recorded": 200,
        }  # fmt: skip
        assert await house.rows("SELECT DISTINCT outcome, code FROM attempt") == [(4, "worker_lost")]


@pytest.mark.req("DEL-68", "REL-14")
async def test_processes_at_once_do_not_both_use_the_last_place_below_a_cap(house: House) -> None:
    def rule(context: Any, item: Any) -> Any:
        if context.purpose == consent_pb.EVALUATION_PURPOSE_SEND and item.usage.marketing_today >= 2:
            return deny(consent_pb.DECISION_REASON_DAILY_CAP_REACHED)
        return ALLOW

    house.neighbours.consent.rule = rule
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        person = recipient(1)
        for number in range(12):
            content = house.campaign_content(subject_override=f"Offer {number}")
            await house.send_block(content, [recipient(1, contact_id=person.contact_id)])
        for _ in range(3):
            await house.start_worker_process(**FAST)
        await house.until_states({"sent": 2, "skipped": 10}, seconds=60)
        assert (len(carrier.taken), carrier.duplicates) == (2, 0)
        assert await house.value("SELECT count(*) FROM send_slot") == 2


@pytest.mark.req("DEL-63")
async def test_a_worker_killed_before_its_hand_over_loses_nothing_and_repeats_nothing(house: House) -> None:
    asked = asyncio.Event()

    def rule(context: Any, item: Any) -> Any:
        if context.purpose == consent_pb.EVALUATION_PURPOSE_SEND:
            asked.set()
        return ALLOW

    house.neighbours.consent.rule = rule
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(200)])
        house.neighbours.consent.delay = 5
        first = await house.start_worker_process(**FAST)
        await house.until(lambda: house.rows("SELECT 1 FROM send_slot"), seconds=30)
        await kill(first)
        assert carrier.taken == {}
        house.neighbours.consent.delay = 0
        await house.start_worker_process(**FAST)
        await house.until_states({"sent": 200}, seconds=40)
        assert (len(carrier.taken), carrier.duplicates) == (200, 0)
        assert await house.value("SELECT count(*) FROM send_slot") == 200
    assert asked.is_set()


@pytest.mark.req("DEL-78")
async def test_marketing_of_unknown_outcome_is_never_sent_again(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        carrier.gate.clear()
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(20)])
        first = await house.start_worker_process(**FAST)
        await asyncio.wait_for(carrier.arrived.wait(), 30)
        await kill(first)
        carrier.gate.set()
        async with house.worker(
            provider_mode="live", lease_seconds=2, unknown_recheck_seconds=1, unknown_outcome_minutes=1
        ):
            await house.until_states({"unknown": 20}, seconds=30)
            await house.assert_every_waiting_message_stands_in_one_place()
            await asyncio.sleep(2)
            assert await house.states() == {"unknown": 20}
            # The time a receipt is waited for passes.
            await house.rows("UPDATE message_wait SET started_at = started_at - interval '2 minutes'")
            await house.until_states({"failed": 20})
        assert (len(carrier.taken), carrier.duplicates) == (20, 0)
    assert await house.rows("SELECT DISTINCT reason FROM message") == [("outcome_unknown",)]


@pytest.mark.req("DEL-78", "REL-6", "W4")
async def test_a_transactional_message_of_unknown_outcome_is_sent_once_more_on_the_same_account(
    house: House,
) -> None:
    async with Carrier() as carrier:
        account = await house.add_carrier(carrier.url, priority=1)
        await house.add_carrier(carrier.url, priority=2)
        carrier.gate.clear()
        await house.send_one(house.content(), recipient())
        first = await house.start_worker_process(**FAST)
        await asyncio.wait_for(carrier.arrived.wait(), 30)
        await kill(first)
        carrier.gate.set()
        async with house.worker(provider_mode="live", lease_seconds=2, unknown_recheck_seconds=1):
            await house.until_states({"sent": 1}, seconds=30)
        assert list(carrier.taken.values()) == [2]
    assert await house.rows("SELECT account_id, attempt_count FROM message") == [(account, 2)]


async def test_a_provider_that_never_had_a_message_gets_it_again(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url, config={"email_activity": True})
        carrier.gate.clear()
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(10)])
        first = await house.start_worker_process(**FAST)
        await asyncio.wait_for(carrier.arrived.wait(), 30)
        await kill(first)
        carrier.taken.clear()
        carrier.gate.set()
        await house.start_worker_process(**FAST)
        await house.until_states({"sent": 10}, seconds=40)
        assert (len(carrier.taken), carrier.duplicates) == (10, 0)
    assert await house.rows("SELECT DISTINCT attempt_count FROM message") == [(2,)]


async def test_outcomes_are_recorded_when_the_database_is_back(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        carrier.gate.clear()
        async with house.worker(provider_mode="live"):
            await house.send_block(house.campaign_content(), [recipient(n) for n in range(50)])
            await asyncio.wait_for(carrier.arrived.wait(), 20)
            # Nobody may write for a while: every connection is cut and new ones are refused.
            await _refuse_connections(house)
            carrier.gate.set()
            await asyncio.sleep(1.5)
            await _allow_connections(house)
            await house.until_states({"sent": 50}, seconds=30)
        assert (len(carrier.taken), carrier.duplicates) == (50, 0)
    assert await house.value("SELECT count(*) FROM dispatch_block") == 0


async def _refuse_connections(house: House) -> None:
    name = urlsplit(house.owner_url).path.removeprefix("/")
    async with await _elsewhere(house) as connection:
        await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )


async def _allow_connections(house: House) -> None:
    name = urlsplit(house.owner_url).path.removeprefix("/")
    async with await _elsewhere(house) as connection:
        await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


async def _elsewhere(house: House) -> psycopg.AsyncConnection[Any]:
    url = urlunsplit(urlsplit(house.owner_url)._replace(path="/postgres"))
    return await psycopg.AsyncConnection.connect(url, autocommit=True)


async def test_a_worker_whose_lease_ended_settles_what_it_knows_and_nothing_is_sent_twice(
    house: House,
) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        carrier.gate.clear()
        async with house.worker(provider_mode="live", lease_seconds=600):
            await house.send_block(house.campaign_content(), [recipient(n) for n in range(30)])
            await asyncio.wait_for(carrier.arrived.wait(), 20)
            # The first worker is cut off from time: its lease ends although it lives.
            await house.rows("UPDATE dispatch_block SET lease_until = now() - interval '1 second'")
            async with house.worker(provider_mode="live"):
                await house.until_states({"unknown": 30})
                carrier.gate.set()
                await house.until_states({"sent": 30})
                await house.assert_every_waiting_message_stands_in_one_place()
        assert (len(carrier.taken), carrier.duplicates) == (30, 0)
    assert await house.value("SELECT count(*) FROM message_wait") == 0
    assert await house.value("SELECT count(*) FROM dispatch_block") == 0


async def test_a_worker_that_lost_its_lease_before_handing_over_hands_nothing_over(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        house.neighbours.consent.delay = 1.0
        async with house.worker(provider_mode="live", lease_seconds=600):
            await house.send_block(house.campaign_content(), [recipient(n) for n in range(30)])
            await house.until(lambda: house.rows("SELECT 1 FROM send_slot"))
            await house.rows("UPDATE dispatch_block SET lease_owner = gen_random_uuid(), epoch = epoch + 1")
            await asyncio.sleep(2)
            assert carrier.taken == {}
            await house.rows("UPDATE dispatch_block SET lease_until = now() - interval '1 second'")
            await house.until_states({"sent": 30})
        assert (len(carrier.taken), carrier.duplicates) == (30, 0)
    assert await house.value("SELECT count(*) FROM send_slot") == 30


async def test_sigterm_finishes_the_request_in_hand_and_leaves_the_rest_in_the_queue(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        carrier.gate.clear()
        for _ in range(6):
            await house.send_block(house.campaign_content(), [recipient(n) for n in range(50)])
        process = await house.start_worker_process()
        await asyncio.wait_for(carrier.arrived.wait(), 30)
        process.terminate()
        await asyncio.sleep(0.5)
        assert process.returncode is None
        carrier.gate.set()
        assert await asyncio.wait_for(process.wait(), 20) == 0
        states = await house.states()
        assert states["sent"] == len(carrier.taken)
        assert sum(states.values()) == 300
        assert states.keys() <= {"sent", "pending"}
        assert carrier.duplicates == 0
        assert await house.value("SELECT count(*) FROM dispatch_block WHERE status = 2") == 0
        assert await house.value("SELECT count(*) FROM handover WHERE finished_at IS NULL") == 0
        await house.assert_every_waiting_message_stands_in_one_place()


@pytest.mark.parametrize("seed", range(2))
async def test_workers_killed_at_random_lose_nothing_and_never_repeat_marketing(
    house: House, seed: int
) -> None:
    import random

    draw = random.Random(seed)
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url, config={"email_activity": True})
        template = house.template(category=enums_pb2.CATEGORY_OFFER)
        processes = [await house.start_worker_process(**FAST) for _ in range(2)]
        for turn in range(3):
            for _ in range(4):
                await house.send_block(house.campaign_content(template), [recipient(n) for n in range(250)])
            await asyncio.sleep(draw.uniform(0.3, 1.5) + (2.5 if turn == 0 else 0))
            victim = processes.pop(draw.randrange(len(processes)))
            await kill(victim)
            processes.append(await house.start_worker_process(**FAST))
        await house.until_states({"sent": 3000}, seconds=60)
        assert (len(carrier.taken), carrier.duplicates) == (3000, 0)
    assert await house.value("SELECT count(*) FROM dispatch_block") == 0
    assert await house.value("SELECT count(*) FROM message_wait") == 0
    assert await house.value("SELECT count(*) FROM send_slot") == 3000


async def test_a_record_repeated_because_its_answer_was_lost_tells_nothing_twice(house: House) -> None:
    from services.delivery.dispatch import recorder

    failures: list[int] = []

    class LosingDatabase:
        """Commits, and loses the answer to the first record."""

        def __init__(self, real: Any) -> None:
            self.real = real

        def tenant(self, tenant_id: Any) -> Any:
            @asynccontextmanager
            async def losing() -> AsyncIterator[Any]:
                async with self.real.tenant(tenant_id) as uow:
                    yield uow
                if not failures:
                    failures.append(1)
                    raise psycopg.OperationalError("the answer to COMMIT was lost")

            return losing()

    await house.add_account()
    first = recorder.Recorder.__init__

    def lossy(self: Any, database: Any, *rest: Any) -> None:
        first(self, LosingDatabase(database), *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder.Recorder, "__init__", lossy)
        async with house.worker():
            await house.send_block(house.campaign_content(), [recipient(n) for n in range(10)])
            await house.until_states({"sent": 10})
            await house.until(lambda: house.rows("SELECT 1 WHERE NOT EXISTS (SELECT FROM dispatch_block)"))
            await asyncio.sleep(2)
    assert failures
    assert [type for type, _ in await house.events()].count("message.sent") == 1
    assert await house.rows("SELECT DISTINCT attempt_count FROM message") == [(1,)]
