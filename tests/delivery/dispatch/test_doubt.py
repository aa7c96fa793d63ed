"""What may have gone out by one account goes by no other, whatever happens to the account or the message meanwhile (W4)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from tests.delivery.kit import House, later, recipient
from tests.fakes.carrier import Carrier
from tests.fakes.neighbours import ALLOW, defer

OPEN = "UPDATE provider_account SET circuit = 2, probe_at = now() + interval '1 hour' WHERE account_id = %s"
CLOSED = "UPDATE provider_account SET circuit = 1, probe_at = NULL WHERE account_id = %s"
DUE = "UPDATE dispatch_block SET due_at = now() WHERE status = 0"


async def leave_in_doubt(house: House, first: Carrier) -> None:
    """Has a transactional message taken by a carrier that does not answer."""
    first.gate.clear()
    await house.send_one(house.content(), recipient())
    await asyncio.wait_for(first.arrived.wait(), 30)
    await house.until_states({"unknown": 1})
    first.gate.set()


async def two_accounts(house: House, first: Carrier, second: Carrier) -> UUID:
    account = await house.add_carrier(first.url, priority=1, timeout_ms=300)
    await house.add_carrier(second.url, priority=2)
    return account


@pytest.mark.req("DEL-78", "W4", "REL-6")
async def test_it_waits_for_its_account_while_that_ones_circuit_is_open(house: House) -> None:
    async with Carrier() as first, Carrier() as second:
        account = await two_accounts(house, first, second)
        async with house.worker(provider_mode="live", unknown_recheck_seconds=1):
            await leave_in_doubt(house, first)
            await house.rows(OPEN, account)
            await house.until(lambda: house.rows("SELECT 1 FROM dispatch_block WHERE status = 0"))
            assert not second.taken
            await house.rows(CLOSED, account)
            await house.rows(DUE)
            await house.until_states({"sent": 1})
        assert (list(first.taken.values()), list(second.taken)) == ([2], [])


@pytest.mark.req("DEL-78", "W4", "REL-6")
async def test_it_keeps_its_account_over_a_deferral_and_a_refusal(house: House) -> None:
    async with Carrier() as first, Carrier() as second:
        await two_accounts(house, first, second)
        async with house.worker(provider_mode="live", unknown_recheck_seconds=1, retry_delay_ms=20):
            until = later(hours=1)
            house.neighbours.consent.rule = lambda *_: (
                defer(consent_pb.DECISION_REASON_QUIET_HOURS, until) if first.arrived.is_set() else ALLOW
            )
            await leave_in_doubt(house, first)
            await house.until_states({"deferred": 1})
            first.status = 503
            house.neighbours.consent.rule = lambda *_: ALLOW
            await house.rows("UPDATE message_wait SET due_at = now()")
            await house.until(lambda: house.rows("SELECT 1 FROM attempt WHERE number = 2"))
            first.status = 202
            await house.until_states({"sent": 1})
        assert (list(first.taken.values()), list(second.taken)) == ([2], [])


@pytest.mark.req("DEL-78", "W4")
async def test_it_ends_when_its_account_is_gone(house: House) -> None:
    async with Carrier() as first, Carrier() as second:
        account = await two_accounts(house, first, second)

        async def row() -> Any:
            return await house.rows("SELECT state, reason FROM message WHERE state = 11")

        async with house.worker(provider_mode="live", unknown_recheck_seconds=1):
            await leave_in_doubt(house, first)
            await house.rows("UPDATE provider_account SET deleted_at = now() WHERE account_id = %s", account)
            assert await house.until(row) == [(11, "outcome_unknown")]
        assert not second.taken
    assert await house.rows("SELECT reason FROM dead_letter") == [("outcome_unknown",)]


async def _answer_oddly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    [length] = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    await reader.readexactly(int(length.partition(b":")[2]))
    writer.write(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: a\xff\xfeb\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


async def test_a_name_that_cannot_be_stored_leaves_no_doubt_about_its_message(house: House) -> None:
    async with await asyncio.start_server(_answer_oddly, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await house.add_carrier(f"http://127.0.0.1:{port}")
        async with house.worker(provider_mode="live"):
            await house.send_one(house.content(), recipient())
            await house.until(lambda: house.rows("SELECT 1 FROM handover WHERE finished_at IS NOT NULL"))
    assert await house.rows("SELECT state, provider_message_id FROM message") == [(7, "ab")]


@pytest.mark.req("DEL-35", "DEL-78")
async def test_what_waits_for_a_request_to_end_is_not_handed_over_yet(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url, max_concurrency=1)
        carrier.gate.clear()
        async with house.worker(provider_mode="live"):
            await house.send_one(house.content(), recipient(0))
            await asyncio.wait_for(carrier.arrived.wait(), 30)
            await house.send_one(house.content(), recipient(1))
            await house.until(lambda: house.rows("SELECT 1 FROM dispatch_block WHERE status = 2 OFFSET 1"))
            # A worker that dies at any of these moments leaves one message in doubt, and not the one that only waits.
            for _ in range(30):
                assert len(await house.rows("SELECT 1 FROM handover")) == 1
                await asyncio.sleep(0.01)
            carrier.gate.set()
            await house.until_states({"sent": 2})
    assert carrier.requests == 2


@pytest.mark.req("DEL-35", "DEL-78")
async def test_changing_an_account_leaves_no_doubt_about_what_is_under_way(house: House) -> None:
    async with Carrier() as carrier:
        account = await house.add_carrier(carrier.url, max_concurrency=1)
        carrier.gate.clear()
        async with house.worker(provider_mode="live"):
            await house.send_one(house.content(), recipient(0))
            await asyncio.wait_for(carrier.arrived.wait(), 30)
            await house.rows(
                "UPDATE provider_account SET max_concurrency = 2, version = version + 1 WHERE account_id = %s",
                account,
            )

            async def both() -> bool:
                return carrier.requests == 2

            # It counts for the next one at once.
            await house.send_one(house.content(), recipient(1))
            await house.until(both)
            carrier.gate.set()
            await house.until_states({"sent": 2})
    assert await house.rows("SELECT * FROM attempt") == []
