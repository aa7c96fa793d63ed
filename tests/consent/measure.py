"""What docs/consent.md says about speed, measured again: `pytest -s tests/consent/measure.py`.

Not collected with the tests. Server and service share one process here, so processor time is that of the service; the
database's own is beside it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from angarium.consent.v1 import consent_pb2, consent_service_pb2
from services.common.rpc.context import Caller, bind
from services.consent.addresses import Hasher
from services.consent.consents.trail import Change
from services.consent.dnd.importing import Block, Header, Importer
from services.consent.ledger import chain
from services.consent.ledger.verifying import Verification
from tests.consent.kit import EMAIL, MARKETING, SMS, Tenant, evidence, stamp

PEOPLE, ROUNDS, NUMBERS = 20_000, 5, 1_000_000


@contextmanager
def measured(what: str, count: int) -> Iterator[None]:
    """Prints how long a block took, and what each item cost."""
    wall, cpu = time.monotonic(), time.process_time()
    yield
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print(
        f"\n{what}: {count:,} in {wall:.1f} s ({count / wall:,.0f}/s),"
        f" {cpu / count * 1e6:.1f} µs of this process each"
    )


async def test_chains(salon: Tenant) -> None:
    people = [uuid4() for _ in range(PEOPLE)]
    evidence = {"form": "counter-7", "version": "3"}
    with measured("appended", PEOPLE * ROUNDS):
        for value in range(ROUNDS):
            for start in range(0, PEOPLE, 1000):
                async with salon.consent.database.tenant(salon.tenant_id) as uow:
                    changes = [
                        Change(
                            one,
                            None,
                            "sms_consent",
                            None,
                            f"granted{value}",
                            "customer",
                            channel="sms",
                            message_class="marketing",
                            source="web_form",
                            wording_version="2026-05",
                            jurisdiction="DE",
                            evidence=evidence,
                            ip_address="203.0.113.7",
                            user_agent="Mozilla/5.0",
                        )
                        for one in people[start : start + 1000]
                    ]
                    await chain.append(uow, changes, "anna")
    work = Verification(salon.consent.database, salon.tenant_id)
    with measured("verified", PEOPLE * ROUNDS):
        told = [one async for one in work.run()]
    assert told[-1]
    assert work.progress.checked_entries == PEOPLE * ROUNDS
    assert not work.progress.findings


async def test_import(salon: Tenant) -> None:
    contacts = [await salon.contact() for _ in range(2000)]
    calls = salon.staff()
    for what in ("imported", "imported again"):
        rows = [
            consent_service_pb2.ConsentImportRow(
                subject=consent_pb2.Subject(contact_id=str(contact_id)),
                channel=channel,
                message_class=MARKETING,
                state=consent_pb2.Consent.STATE_GRANTED,
                source=consent_pb2.CONSENT_SOURCE_IMPORT,
                evidence=evidence(),
                event_time=stamp(salon.consent.clock.now()),
            )
            for channel in (EMAIL, SMS)
            for contact_id in contacts
        ]
        blocks = [
            consent_service_pb2.ImportConsentsRequest(block_number=1, rows=rows[start : start + 1000])
            for start in range(0, len(rows), 1000)
        ]
        with measured(what, len(rows)):
            await calls.stream(calls.consents.ImportConsents, blocks)


async def test_registry(salon: Tenant) -> None:
    numbers = [f"+9198{place:08d}" for place in range(NUMBERS)]
    consent = salon.consent
    importer = Importer(consent.database, Hasher(consent.settings.hash_keys))

    async def take(what: str, some: list[str]) -> None:
        async def blocks():  # type: ignore[no-untyped-def]
            for start in range(0, len(some), 10_000):
                yield Block(some[start : start + 10_000], False, ())

        checksum = hashlib.sha256("".join(f"{one}\n" for one in some).encode()).digest()
        header = Header("IN_NCPR", "full", checksum, "ncpr.txt", len(some))
        with measured(what, len(some)):
            async for progress in importer.run(header, blocks()):
                last = progress.dnd_import
        print(f"  listed {last.added:,}, removed {last.removed:,}")

    with bind(Caller.of_service("consent")):
        await take("a first full list", numbers)
        await take(
            "the next one, a tenth of it new",
            numbers[NUMBERS // 10 :] + [f"+9199{n:08d}" for n in range(NUMBERS // 10)],
        )
        await take("national numbers", [one[3:] for one in numbers[:100_000]])
