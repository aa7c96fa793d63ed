"""A worker killed with SIGKILL at any instant: the same ledger, and nobody twice."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from services.campaign.ledger.domain import recipient_id_of
from services.campaign.runs.expansion import CHUNK
from services.common.db.testing import database_environment
from services.common.security.keys import KeySet
from tests.campaign.campaigns.conftest import Stage
from tests.common.given import COMPLETE

# A net, not a bound: what is waited for may take long on a machine that does much else.
pytestmark = pytest.mark.timeout(900)
LEASE_SECONDS = 2


def environment(stage: Stage) -> dict[str, str]:
    given = {name.upper(): str(value) for name, value in COMPLETE.items() if not isinstance(value, KeySet)}
    given |= {
        **database_environment(stage.owner_url, "campaign"),
        "ENABLE_METRICS": "false",
        "SERVICE_NAME": "campaign",
        "REDIS_URL": stage.settings.redis_url,
        "CONSENT_ADDRESS": stage.settings.consent_address,
        "DELIVERY_ADDRESS": stage.settings.delivery_address,
        "RATE_LIMIT_PER_SECOND": "10000000",
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "LOG_LEVEL": "error",
    }
    return {**os.environ, **given}


def start_worker(stage: Stage) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "services.campaign", "work"], env=environment(stage))


@asynccontextmanager
async def worker(stage: Stage) -> AsyncIterator["subprocess.Popen[bytes]"]:
    process = start_worker(stage)
    try:
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


async def until(
    happened: Callable[[], Any], seconds: float = 90, moved: Callable[[], Any] | None = None
) -> None:
    """Waits for something, and as long as something moves on its way there."""
    end, known = time.monotonic() + seconds, None
    while time.monotonic() < end:
        if await _said(happened):
            return
        if moved is not None and (now := await _said(moved)) != known:
            end, known = time.monotonic() + seconds, now
        await asyncio.sleep(0.02)
    raise AssertionError("did not happen in time")


async def _said(ask: Callable[[], Any]) -> Any:
    found = ask()
    return await found if asyncio.iscoroutine(found) else found


async def handed_over(stage: Stage, run_id: str) -> int:
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        return int(await uow.fetch_value("SELECT handed_over FROM campaign_run_tally"))


async def written(stage: Stage) -> int:
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        return int(await uow.fetch_value("SELECT COALESCE(sum(audience_count), 0) FROM campaign_run"))


async def assert_whole(stage: Stage, run_id: str, contacts: list[str]) -> None:
    """Every contact has its line and its message, and delivery has each once."""
    assert await stage.assert_tally_equals_lines(run_id) == {"handed_over": len(contacts)}
    expected = sorted(str(recipient_id_of(UUID(run_id), UUID(contact))) for contact in contacts)
    assert sorted(stage.delivery.messages) == expected


@pytest.mark.req("CAM-100", "JOB-14", "JOB-1")
async def test_workers_killed_while_an_audience_is_written_down_leave_no_gap_and_no_double(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One chunk and the beginning of another.
    contacts = await stage.contacts(CHUNK + 1_000)
    sent = await stage.send()
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    for enough in (1, CHUNK + 1):
        async with worker(stage) as process:
            await until(lambda enough=enough: reached(stage, enough))
            os.kill(process.pid, signal.SIGKILL)
    async with worker(stage):
        await until_finished(stage, sent.run_id, len(contacts))
    await assert_whole(stage, sent.run_id, contacts)


@pytest.mark.req("CAM-100", "CAM-126", "JOB-14", "GEN-6")
async def test_workers_killed_before_and_after_delivery_accepts_hand_everybody_over_once(
    stage: Stage,
) -> None:
    contacts = await stage.contacts(8_000)
    reached_delivery, accepted = asyncio.Event(), asyncio.Event()

    async def hang(event: asyncio.Event) -> None:
        event.set()
        await asyncio.sleep(LEASE_SECONDS * 3)

    sent = await stage.send()
    # Killed when the request has arrived and nothing is accepted yet.
    stage.delivery.before = lambda: hang(reached_delivery)
    async with worker(stage) as process:
        await until(reached_delivery.is_set)
        os.kill(process.pid, signal.SIGKILL)
    assert stage.delivery.messages == {}
    # Killed when the block is accepted and its answer is still on the way.
    stage.delivery.before, stage.delivery.after = None, lambda: hang(accepted)
    async with worker(stage) as process:
        await until(accepted.is_set)
        os.kill(process.pid, signal.SIGKILL)
    assert stage.delivery.messages
    assert await handed_over(stage, sent.run_id) == 0
    # Two at once, and one of them killed in the middle.
    stage.delivery.after = None
    async with worker(stage) as first, worker(stage):
        await until(lambda: handed_over(stage, sent.run_id))
        os.kill(first.pid, signal.SIGKILL)
        await until_finished(stage, sent.run_id, len(contacts))
    await assert_whole(stage, sent.run_id, contacts)
    assert len(stage.delivery.keys) == 8
    assert max(stage.delivery.offered.values()) > 1


async def reached(stage: Stage, enough: int) -> bool:
    return await written(stage) >= enough


async def finished(stage: Stage, run_id: str, count: int) -> bool:
    return await handed_over(stage, run_id) == count


async def until_finished(stage: Stage, run_id: str, count: int) -> None:
    await until(lambda: finished(stage, run_id, count), moved=lambda: handed_over(stage, run_id))
