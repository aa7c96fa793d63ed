"""SIGKILL at every named step of a campaign's way: nobody is lost, and nobody gets it twice.

A worker is stopped where it stands by a lock that its next statement waits for, or by a neighbour that does not answer;
then it is killed. `make kills` runs the same with 100,000 contacts.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.delivery.v1 import delivery_events_pb2 as events_pb2
from services.campaign.ledger.domain import recipient_id_of
from services.campaign.runs.expansion import CHUNK, expand_once
from services.campaign.runs.store import RunKey
from tests.campaign.campaigns.conftest import Stage
from tests.campaign.campaigns.test_kills import LEASE_SECONDS, start_worker, until
from tests.fakes.neighbours import ALLOW

CONTACTS = int(os.environ.get("KILLED_CONTACTS", "2500"))
pytestmark = pytest.mark.timeout(60 + CONTACTS // 100)
CHUNKS = -(-CONTACTS // CHUNK)
LINES = "LOCK TABLE campaign.campaign_recipient IN SHARE MODE"
TALLY = "SELECT 1 FROM campaign.campaign_run_tally FOR UPDATE"
CAMPAIGN = "SELECT 1 FROM campaign.campaign FOR UPDATE"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Gate:
    """A lock on which a worker stops, and a look whether it does."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._holder: psycopg.Connection[Any] | None = None

    def close(self, statement: str) -> None:
        """Takes a lock, once."""
        if self._holder is None:
            self._holder = psycopg.connect(self._url)
            self._holder.execute(statement)  # type: ignore[arg-type]  # one of ours

    def open(self) -> None:
        """Gives the lock back."""
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    def is_waited_at(self) -> bool:
        with psycopg.connect(self._url, autocommit=True) as connection:
            row = connection.execute(WAITING).fetchone()
            return self._holder is not None and bool(row and row[0])


async def kill_when(stage: Stage, reached: Callable[[], Any]) -> None:
    process = start_worker(stage)
    try:
        await until(reached)
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


async def count(stage: Stage, query: str) -> int:
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        return int(await uow.fetch_value(query))  # type: ignore[arg-type]


def hanging(reached: asyncio.Event) -> Callable[[], Awaitable[None]]:
    """A neighbour that hears and does not answer."""

    async def hang() -> None:
        reached.set()
        await asyncio.sleep(600)

    return hang


@pytest.mark.req("CAM-99", "CAM-100", "CAM-126", "JOB-1", "JOB-14", "GEN-6")
async def test_a_worker_killed_at_every_step_loses_nobody_and_writes_to_nobody_twice(stage: Stage) -> None:
    contacts = await stage.contacts(CONTACTS)
    sent = await stage.send()
    run_id, began = sent.run_id, time.monotonic()
    key = RunKey(stage.served.tenant_id, UUID(run_id), UUID(sent.campaign.campaign_id))
    gate = Gate(stage.owner_url)
    accept, answer = asyncio.Event(), asyncio.Event()
    try:
        stage.consent.delay = 600.0
        for number in range(CHUNKS):
            # 1. A chunk of the audience is being written down.
            gate.close(LINES)
            await kill_when(stage, gate.is_waited_at)
            gate.open()
            # 2. It is written down and not yet counted: all of it is undone.
            gate.close(TALLY)
            await kill_when(stage, gate.is_waited_at)
            gate.open()
            assert await count(stage, "SELECT count(*) FROM campaign_recipient") == number * CHUNK
            if number < CHUNKS - 1:
                # The database may need a moment to see that the worker is gone.
                await until(lambda: expand_once(stage.database, key))
        # 3. A block is leased and consent was asked.
        await asyncio.sleep(LEASE_SECONDS)
        await kill_when(stage, lambda: _is_leased(stage))
        stage.consent.delay = 0.0
        assert await count(stage, "SELECT count(*) FROM campaign_block WHERE state > 1") == 0

        # 4. Consent answered, and the answer is being written down.
        def close_tally(_context: Any, _item: Any) -> Any:
            gate.close(TALLY)
            return ALLOW

        stage.consent.rule = close_tally
        await kill_when(stage, gate.is_waited_at)
        stage.consent.rule = lambda _context, _item: ALLOW
        gate.open()
        assert await count(stage, "SELECT count(*) FROM campaign_block WHERE state > 1") == 0
        assert stage.delivery.messages == {}
        # 5. A judged block is on its way to delivery, which has not accepted it.
        stage.delivery.before = hanging(accept)
        await kill_when(stage, accept.is_set)
        assert stage.delivery.messages == {}
        # 6. Delivery accepted it, and its answer is on the way.
        stage.delivery.before, stage.delivery.after = None, hanging(answer)
        await kill_when(stage, answer.is_set)
        assert stage.delivery.messages
        assert await count(stage, "SELECT handed_over FROM campaign_run_tally") == 0

        # 7. Delivery answered, and that is being written down.
        async def close_again() -> None:
            gate.close(TALLY)

        stage.delivery.after = close_again
        await kill_when(stage, gate.is_waited_at)
        stage.delivery.after = None
        gate.open()
        assert await count(stage, "SELECT handed_over FROM campaign_run_tally") == 0
        # Undisturbed to the end of the hand-over.
        await asyncio.sleep(LEASE_SECONDS)
        await stage.worker().run_until_idle()
        assert await count(stage, "SELECT handed_over FROM campaign_run_tally") == CONTACTS
        await _sent(stage, sent.campaign.campaign_id, run_id)
        # 8. Everybody is settled, and the run is being completed.
        gate.close(CAMPAIGN)
        await kill_when(stage, gate.is_waited_at)
        gate.open()
        assert (await stage.get(sent.campaign.campaign_id)).state == campaign_pb2.Campaign.STATE_SENDING
        await stage.worker().run_until_idle()
        assert (await stage.get(sent.campaign.campaign_id)).state == campaign_pb2.Campaign.STATE_SENT
    finally:
        gate.open()
    expected = sorted(str(recipient_id_of(UUID(run_id), UUID(contact))) for contact in contacts)
    assert sorted(stage.delivery.messages) == expected
    assert await stage.assert_tally_equals_lines(run_id) == {"sent": CONTACTS}
    assert len(await stage.outbox("campaign.completed")) == 1
    # What was offered twice was offered under the same key with the same people: delivery took it once.
    offered = sum(stage.delivery.offered.values())
    assert len(stage.delivery.keys) == -(-CONTACTS // 1000)
    kills = 6 + 2 * CHUNKS
    print(
        f"{CONTACTS} contacts, {kills} kills: lost 0, twice 0, offered {offered}, {time.monotonic() - began:.1f} s"
    )


@pytest.mark.req("W1", "JOB-14")
async def test_a_worker_killed_while_a_rerun_is_written_down_repeats_nothing(stage: Stage) -> None:
    contacts = await stage.contacts(40)
    sent = await stage.send()
    campaign_id = sent.campaign.campaign_id
    await stage.worker().run_until_idle()
    await stage.deliver(campaign_id, sent.run_id, **dict.fromkeys(contacts[:6], "provider_error"))
    again = await stage.stub.RerunCampaign(pb.RerunCampaignRequest(campaign_id=campaign_id))
    stage.delivery.page_size = 2
    gate, heard = Gate(stage.owner_url), asyncio.Event()
    try:
        # The account was asked, and has not answered.
        stage.delivery.before = hanging(heard)
        await kill_when(stage, heard.is_set)
        stage.delivery.before = None
        # A page is being written down.
        gate.close(LINES)
        await kill_when(stage, gate.is_waited_at)
    finally:
        gate.open()
    assert len(stage.delivery.of_run(again.run_id)) == 0
    await kill_when(stage, lambda: len(stage.delivery.of_run(again.run_id)) == 6)
    got = sorted(one.recipient.contact_id for one in stage.delivery.of_run(again.run_id).values())
    assert got == sorted(contacts[:6])


async def _is_leased(stage: Stage) -> bool:
    leased = "SELECT count(*) FROM campaign_block WHERE leased_until > clock_timestamp()"
    return bool(await count(stage, leased))


async def _sent(stage: Stage, campaign_id: str, run_id: str) -> None:
    ids = list(stage.delivery.of_run(run_id))
    for start in range(0, len(ids), 1000):
        payload = events_pb2.MessagesSent(campaign_id=campaign_id)
        for one in ids[start : start + 1000]:
            payload.messages.add(message_id=one).send_time.FromDatetime(stage.clock.now())
        await stage.apply("message.sent", payload)
