"""The ledger: chains that show every change, proof of what stood, receipts that others can check."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from angarium.consent.v1 import consent_pb2, consent_service_pb2, ledger_service_pb2
from services.common.jobs import JobRunner
from services.consent.consents.trail import Change
from services.consent.jobs import jobs
from services.consent.ledger import chain, erasure, verifying_store
from services.consent.ledger.verifying import Verification
from tests.consent.chaining import faults, long_chain, opt_out, receipt, verify
from tests.consent.kit import (
    DAY,
    EMAIL,
    SMS,
    RunningConsent,
    Tenant,
    evidence,
    grant_request,
    stamp,
)

ALTERED, MISSING, MOVED, HEAD = (
    ledger_service_pb2.LEDGER_FAULT_ALTERED,
    ledger_service_pb2.LEDGER_FAULT_MISSING,
    ledger_service_pb2.LEDGER_FAULT_MOVED,
    ledger_service_pb2.LEDGER_FAULT_HEAD,
)


async def test_every_change_of_a_person_lengthens_one_chain(salon: Tenant) -> None:
    contact_id, other = await long_chain(salon), await long_chain(salon)
    rows = await salon.consent.rows(
        "SELECT chain_id, sequence, previous_hash, entry_hash FROM consent_audit WHERE contact_id = %s"
        " ORDER BY sequence",
        contact_id,
    )
    assert [row[1] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert len({row[0] for row in rows}) == 1
    assert [row[2] for row in rows] == [bytes(32), *(row[3] for row in rows[:-1])]
    found = await verify(salon)
    assert (found.checked_entries, found.checked_chains, found.total_entries) == (12, 2, 12)
    assert not found.findings
    assert (await verify(salon, other)).checked_entries == 6


@pytest.mark.req("CON-2")
async def test_the_trail_shows_source_wording_law_evidence_and_end(salon: Tenant) -> None:
    contact_id = await salon.contact()
    ends = salon.consent.clock.now() + DAY
    await salon.grant(
        contact_id,
        SMS,
        wording_version="2026-05",
        jurisdiction="US-FL",
        evidence=evidence(form="counter", score=1.5),
        expire_time=stamp(ends),
    )
    calls = salon.staff()
    request = consent_service_pb2.ListConsentAuditRequest(contact_id=str(contact_id))
    [entry] = (await calls.call(calls.consents.ListConsentAudit, request)).entries
    assert (entry.wording_version, entry.jurisdiction) == ("2026-05", "US-FL")
    assert entry.source == consent_pb2.CONSENT_SOURCE_WEB_FORM
    assert dict(entry.evidence) == {"form": "counter", "score": 1.5}
    assert entry.expire_time == stamp(ends)
    assert entry.sequence == 1
    assert len(entry.entry_hash) == 32


@pytest.mark.req("CON-2")
async def test_the_service_may_append_and_read_but_not_change_or_remove(salon: Tenant) -> None:
    await long_chain(salon)
    tables = (
        ("UPDATE consent_audit SET new_value = 'x'", "consent_audit"),
        ("UPDATE consent_audit SET contact_id = gen_random_uuid()", "consent_audit"),
        ("DELETE FROM consent_audit", "consent_audit"),
        ("TRUNCATE consent_audit", "consent_audit"),
        ("DELETE FROM consent_chain", "consent_chain"),
    )
    for statement, table in tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=table):
            async with salon.consent.database.tenant(salon.tenant_id) as uow:
                await uow.execute(statement)
    async with salon.consent.database.tenant(salon.tenant_id) as uow:
        await uow.execute("SET LOCAL ROLE angarium_consent_erasure")
        for statement in ("UPDATE consent_audit SET new_value = 'x'", "DELETE FROM consent_audit"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                async with uow.savepoint():
                    await uow.execute(statement)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("UPDATE consent.consent_audit SET new_value = 'granted' WHERE sequence = 4", [(ALTERED, 4)]),
        (
            'UPDATE consent.consent_audit SET evidence = \'{"form": "other"}\' WHERE sequence = 3',
            [(ALTERED, 3)],
        ),
        (
            "UPDATE consent.consent_audit SET sealed_proof = NULL WHERE sequence = 2",
            [(ALTERED, 2)],
        ),
        (
            "UPDATE consent.consent_audit SET sealed_proof = '\\x0230317265737420' WHERE sequence = 3",
            [(ALTERED, 3)],
        ),
        (
            (
                "UPDATE consent.consent_audit AS a SET sealed_proof = b.sealed_proof"
                " FROM consent.consent_audit AS b WHERE a.sequence = 3 AND b.sequence = 2"
            ),
            [(ALTERED, 3)],
        ),
        (
            "UPDATE consent.consent_audit SET contact_id = gen_random_uuid() WHERE sequence = 2",
            [(ALTERED, 2)],
        ),
        ("DELETE FROM consent.consent_audit WHERE sequence = 3", [(MISSING, 3)]),
        ("DELETE FROM consent.consent_audit WHERE sequence > 4", [(MISSING, 5), (MISSING, 6)]),
        ("DELETE FROM consent.consent_audit", [(MISSING, place) for place in range(1, 7)]),
        (
            "UPDATE consent.consent_audit SET sequence = 5 - sequence WHERE sequence IN (2, 3)",
            [(ALTERED, 2), (ALTERED, 3), (MOVED, 2), (MOVED, 3), (MOVED, 4)],
        ),
        (
            "UPDATE consent.consent_chain SET last_sequence = 4",
            [(HEAD, 4)],
        ),
        ("UPDATE consent.consent_chain SET mac = sha256('x')", [(HEAD, 6)]),
        ("UPDATE consent.consent_chain SET key_id = 'other'", [(HEAD, 6)]),
        ("DELETE FROM consent.consent_chain", [(MISSING, 1), (HEAD, 6)]),
        ("DELETE FROM consent.consent_chain; DELETE FROM consent.consent_audit", [(MISSING, 1)]),
    ],
)
async def test_what_somebody_does_to_the_tables_is_found(
    salon: Tenant, tamper: Callable[..., int], what: str, expected: list[tuple[int, int]]
) -> None:
    contact_id = await long_chain(salon)
    tamper(what)
    found = await verify(salon)
    assert faults(found) == expected
    assert faults(await verify(salon, contact_id)) == expected


async def test_a_tail_rewritten_with_right_hashes_is_found_by_the_seal_of_the_head(
    salon: Tenant, tamper: Callable[..., int]
) -> None:
    await long_chain(salon)
    rows = await salon.consent.rows("SELECT chain_id, entry_hash FROM consent_audit WHERE sequence = 5")
    tamper("DELETE FROM consent.consent_audit WHERE sequence = 6")
    tamper("UPDATE consent.consent_chain SET last_sequence = 5, last_hash = %s", rows[0][1])
    assert faults(await verify(salon)) == [(HEAD, 5)]


async def test_going_on_from_a_foreign_head_does_not_make_the_chain_look_whole(
    salon: Tenant, tamper: Callable[..., int]
) -> None:
    contact_id = await long_chain(salon)
    [(digest,)] = await salon.consent.rows("SELECT entry_hash FROM consent_audit WHERE sequence = 5")
    tamper("DELETE FROM consent.consent_audit WHERE sequence = 6")
    tamper("UPDATE consent.consent_chain SET last_sequence = 5, last_hash = %s", digest)
    await salon.grant(contact_id, EMAIL)
    assert faults(await verify(salon)) == [(HEAD, 6)]
    await opt_out(salon, contact_id)
    assert {fault for fault, _ in faults(await verify(salon))} == {HEAD}


async def test_one_tenant_does_not_verify_or_see_the_chains_of_another(
    consent: RunningConsent, salon: Tenant, tamper: Callable[..., int]
) -> None:
    await long_chain(salon)
    tamper("UPDATE consent.consent_audit SET new_value = 'x'")
    other = await consent.tenant()
    await long_chain(other)
    found = await verify(other)
    assert (found.checked_entries, len(found.findings)) == (6, 0)


@pytest.mark.req("CON-92")
async def test_an_erased_person_leaves_a_stand_in_and_a_chain_that_still_holds(
    salon: Tenant, tamper: Callable[..., int]
) -> None:
    contact_id = await long_chain(salon)
    await opt_out(salon, contact_id)
    kept = await long_chain(salon)
    async with salon.consent.database.tenant(salon.tenant_id) as uow:
        count = await erasure.erase(uow, [contact_id])
        assert await erasure.erase(uow, [contact_id]) == 0
    rows = await salon.consent.rows(
        "SELECT DISTINCT contact_id, ip_address, user_agent, evidence, change_reason, salt, sealed_proof"
        " FROM consent_audit"
        " WHERE contact_id <> %s",
        kept,
    )
    assert count >= 6
    assert [row[1:] for row in rows] == [(None,) * 6]
    assert rows[0][0] not in (contact_id, None)
    assert not await salon.consent.rows("SELECT FROM consent_audit WHERE contact_id = %s", contact_id)
    await salon.consent.rows("SELECT 1")
    tamper("DELETE FROM consent.consent WHERE contact_id = %s", contact_id)
    assert not (await verify(salon)).findings
    tamper("UPDATE consent.consent_audit SET new_value = 'x' WHERE sequence = 1 AND contact_id <> %s", kept)
    assert faults(await verify(salon)) == [(ALTERED, 1)]


async def test_a_bare_address_has_a_chain_of_its_own_and_keeps_it(salon: Tenant) -> None:
    await salon.service("campaign").grant(grant_request("ann@example.com", EMAIL))
    found = await receipt(salon, consent_pb2.Subject(address="Ann@Example.com"))
    document = json.loads(found.document)
    assert len(document["chains"]) == 1
    assert "ann@" not in found.document.decode()
    assert not (await verify(salon)).findings


async def test_a_block_of_a_thousand_people_is_appended_in_a_fixed_number_of_statements(
    salon: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [uuid4() for _ in range(1000)]
    counts = []
    for some in (people[:10], people):
        async with salon.consent.database.tenant(salon.tenant_id) as uow:
            run = uow.connection.run
            sent: list[int] = []

            async def counted(
                statements: Any, *, commit: bool = False, run: Any = run, sent: list[int] = sent
            ) -> Any:
                sent.append(len(statements))
                return await run(statements, commit=commit)

            monkeypatch.setattr(uow.connection, "run", counted)
            changes = [
                Change(one, None, field, "false", "true", "staff")
                for one in some
                for field in ("is_dnd", "x")
            ]
            await chain.append(uow, changes, "anna")
            monkeypatch.setattr(uow.connection, "run", run)
        counts.append(sent)
    assert counts[0] == counts[1]
    assert (len(counts[0]), sum(counts[0])) == (2, 5)
    assert not (await verify(salon)).findings


async def test_consents_of_contacts_and_of_bare_addresses_without_a_chain_are_found(
    salon: Tenant, tamper: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying_store, "UNTOLD_PEOPLE", 2)
    contacts = [await salon.contact() for _ in range(3)]
    for contact_id in contacts:
        await salon.grant(contact_id, SMS)
    for name in ("ann", "ben", "cia"):
        await salon.service("campaign").grant(grant_request(f"{name}@example.com", EMAIL))
    tamper("DELETE FROM consent.consent_chain; DELETE FROM consent.consent_audit")
    found = await verify(salon)
    assert faults(found) == [(MISSING, 1)] * 6
    assert sorted(one.contact_id for one in found.findings) == ["", "", "", *sorted(map(str, contacts))]


async def test_a_long_verification_tells_how_far_it_is_every_second(
    salon: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await long_chain(salon)
    checked = Verification._recheck

    async def slow(self: Verification, *arguments: Any, **named: Any) -> None:
        await asyncio.sleep(2.2)
        await checked(self, *arguments, **named)

    monkeypatch.setattr(Verification, "_recheck", slow)
    calls = salon.staff()
    request = ledger_service_pb2.VerifyConsentLedgerRequest()
    responses = calls.ledger.VerifyConsentLedger(request, metadata=calls.metadata, timeout=60)
    told = [(asyncio.get_running_loop().time(), one.is_finished) async for one in responses]
    pauses = [after[0] - before[0] for before, after in itertools.pairwise(told)]
    assert len(told) >= 4
    assert max(pauses) < 1
    assert [finished for _, finished in told] == [False] * (len(told) - 1) + [True]


@pytest.mark.req("JOB-38")
async def test_the_chain_of_an_erased_person_is_removed_whole_after_two_years(salon: Tenant) -> None:
    contact_id, kept = await long_chain(salon), await long_chain(salon)
    async with salon.consent.database.tenant(salon.tenant_id) as uow:
        await erasure.erase(uow, [contact_id])
        await uow.execute("DELETE FROM consent WHERE contact_id = %s", (contact_id,))
    runner = JobRunner(salon.consent.database, jobs(), salon.consent.clock)
    salon.consent.clock.advance(729 * DAY)
    await runner.run_now("cleanup")
    assert (await verify(salon)).checked_chains == 2
    salon.consent.clock.advance(2 * DAY)
    await runner.run_now("cleanup")
    found = await verify(salon)
    assert (found.checked_chains, found.checked_entries, len(found.findings)) == (1, 6, 0)
    assert (await verify(salon, kept)).checked_entries == 6
