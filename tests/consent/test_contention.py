"""Several processes change the consents of one person at once: the trail explains where it ends."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from typing import Any

import pytest

from services.common.db.testing import database_environment
from tests.common.given import COMPLETE, RECEIPT_KEYS
from tests.consent.chaining import verify
from tests.consent.kit import EMAIL, RunningConsent

PROCESSES, ROUNDS = 4, 60


@pytest.mark.req("CON-56", "CON-57", "CON-60", "CON-61", "CON-115")
async def test_the_acts_of_several_processes_on_one_person_end_in_a_state_that_the_trail_explains(
    consent: RunningConsent, redis_url: str
) -> None:
    salon = await consent.tenant(double_opt_in_channels=[EMAIL])
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
        "number": salon.phone(contact),
        "rounds": ROUNDS,
        "settings": {name: _plain(value) for name, value in settings.items()},
    }
    processes = [await _contender({**given, "seed": seed}) for seed in range(PROCESSES)]
    taken = []
    for process in processes:
        assert process.stdout is not None
        said = await process.stdout.read()
        assert await process.wait() == 0
        taken.append(int(said.split()[-1]))
    assert min(taken) > ROUNDS // 3
    # Every entry begins where the one before it ended, and the last one says what stands.
    entries = await consent.rows(
        "SELECT field_changed, channel, message_class, old_value, new_value FROM consent_audit"
        " WHERE contact_id = %s ORDER BY sequence",
        contact,
    )
    steps: defaultdict[tuple[Any, ...], list[tuple[Any, Any]]] = defaultdict(list)
    for field, channel, message_class, old, new in entries:
        steps[field, channel, message_class].append((old, new))
    for (field, _, _), told in steps.items():
        if field != "suppression":
            first = "false" if field == "marketing_opted_out" else None
            assert [old for old, _ in told] == [first, *(new for _, new in told[:-1])], field
    rows = await consent.rows(
        "SELECT channel, message_class, status, confirmed_at IS NOT NULL, revoked_source IS NOT NULL FROM consent"
    )
    assert len(rows) == len({row[:2] for row in rows})
    for channel, message_class, status, _, is_withdrawn in rows:
        assert steps[f"{channel}_consent", channel, message_class][-1][1] == status
        assert (status == "revoked") <= is_withdrawn
    granted_by_link = ("pending", "granted") in steps["email_consent", "email", "marketing"]
    assert granted_by_link
    # E-mail asks first, so nothing there was ever granted from anywhere but a confirmation.
    assert not [
        step
        for step in steps["email_consent", "email", "marketing"]
        if step in ((None, "granted"), ("revoked", "granted"))
    ]
    (flag,) = await consent.rows("SELECT marketing_opted_out FROM preference")
    assert steps["marketing_opted_out", None, None][-1][1] == str(flag[0]).lower()
    entry_states = await consent.rows("SELECT channel, scope FROM suppression ORDER BY 1, 2")
    assert len(entry_states) == len(set(entry_states))
    found = await verify(salon)
    assert found.checked_entries == len(entries)


def _plain(value: object) -> object:
    return value if isinstance(value, (bool, int)) else str(value)


async def _contender(given: dict[str, Any]) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.consent.contending",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(given).encode())
    process.stdin.close()
    return process
