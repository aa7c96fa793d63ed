"""Several processes change the preferences of one contact: nothing is lost, and the history tells every step."""

import asyncio
import json
import sys

import pytest

from services.common.db.testing import database_environment
from tests.common.given import COMPLETE, RECEIPT_KEYS
from tests.consent.kit import RunningConsent
from tests.consent.preferring import get, history

PROCESSES, ROUNDS = 3, 25


@pytest.mark.req("CON-29", "CON-118", "CON-120", "GEN-28")
async def test_what_processes_read_and_write_back_at_once_is_never_lost(
    consent: RunningConsent, redis_url: str
) -> None:
    salon = await consent.tenant()
    contact = await salon.contact()
    place = {
        name.lower(): value for name, value in database_environment(consent.owner_url, "consent").items()
    }
    settings = {
        **COMPLETE,
        **place,
        "service_name": "consent",
        "redis_url": redis_url,
        "receipt_keys": RECEIPT_KEYS,
    }
    given = {
        "tenant_id": str(salon.tenant_id),
        "contact_id": str(contact),
        "rounds": ROUNDS,
        "settings": {
            name: value if isinstance(value, bool | int) else str(value) for name, value in settings.items()
        },
    }
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.consent.preferring_at_once",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(given).encode() + b"\n")
        while (said := await process.stdout.readline()).strip() != b"ready":
            assert said, "a process ended before it was ready"
    # All are up; the line that ends their waiting comes to all at once.
    told = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [process.returncode for process in processes] == [0] * PROCESSES
    counts = [[int(word) for word in said.split()[-2:]] for (said, _) in told]
    assert [taken for taken, _ in counts] == [ROUNDS] * PROCESSES
    assert sum(conflicts for _, conflicts in counts) > 0
    found = await get(salon, contact)
    steps = [
        (change.changes[0].old_value.number_value, change.changes[0].new_value.number_value)
        for change in reversed(await history(salon, contact))
    ]
    whole = PROCESSES * ROUNDS
    assert (found.max_sms_per_day, found.etag) == (5 + whole, str(whole))
    assert steps == [(5 + step, 6 + step) for step in range(whole)]
