"""A process that runs an erasure is killed for good; another one finishes."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from angarium.consent.v1 import privacy_service_pb2 as pb
from services.common.db.testing import database_environment
from tests.common.given import RECEIPT_KEYS
from tests.privacy.conftest import ANNA, Town


async def start_worker(town: Town) -> asyncio.subprocess.Process:
    given = {
        name.upper(): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in {**town.given, "receipt_keys": RECEIPT_KEYS, "service_name": "consent"}.items()
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.consent", "work",
        env={"PATH": os.environ["PATH"], **given, **database_environment(town.owner_url, "consent")},
        cwd=Path(__file__).parents[2],
    )  # fmt: skip


@pytest.mark.chaos
@pytest.mark.req("JOB-32", "CON-91", "REL-11")
async def test_an_erasure_whose_process_is_killed_is_finished_by_another(town: Town) -> None:
    await town.people(
        ANNA, *({"external_id": f"k-{n}", "email": f"silent+k{n}@example.com"} for n in range(20))
    )
    anna = await town.contact_of(ANNA["external_id"])
    others = [await town.contact_of(f"k-{n}") for n in range(20)]
    await town.settled()
    made = [await town.ask_erasure(one) for one in (*others, anna)]
    first = await start_worker(town)
    try:
        # In the middle: some requests are done, one is under way, others have not begun.
        await town.until("SELECT count(*) > 60 FROM consent.privacy_step WHERE is_done", True, seconds=60)
    finally:
        first.kill()
        await first.wait()
    assert await town.value("SELECT count(*) FROM consent.privacy_request WHERE state <> 'completed'") > 0
    second = await start_worker(town)
    try:
        await town.until(
            "SELECT count(*) FROM consent.privacy_request WHERE state = 'completed'", len(made), seconds=150
        )
    finally:
        second.kill()
        await second.wait()
    for one in made:
        done = await town.request(one.privacy_request_id)
        assert done.state == pb.PrivacyRequest.STATE_COMPLETED
        assert done.HasField("receipt")
    assert await town.value("SELECT count(*) FROM consent.outbox WHERE type = 'contact.erased'") == len(made)
