"""The ledger: chains that show every change, proof of what stood, receipts that others can check."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import psycopg
import pytest

from angarium.consent.v1 import consent_pb2, consent_service_pb2, ledger_service_pb2
from services.common.errors import ServiceError
from services.common.jobs import JobRunner
from services.common.settings import SettingsError, read
from services.consent.consents.trail import Change
from services.consent.jobs import jobs
from services.consent.ledger import chain, erasure, verifying_store
from services.consent.ledger.canonical import canonical, number
from services.consent.ledger.verifying import Verification
from services.consent.settings import ConsentSettings
from tests.common.given import COMPLETE, RECEIPT_KEYS
from tests.consent.kit import (
    DAY,
    EMAIL,
    HOUR,
    MARKETING,
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


async def verify(
    tenant: Tenant, contact_id: UUID | None = None
) -> ledger_service_pb2.VerifyConsentLedgerResponse:
    """The last response of a verification, with the findings of all."""
    request = ledger_service_pb2.VerifyConsentLedgerRequest(contact_id=str(contact_id or ""))
    calls = tenant.staff()
    responses = [
        one async for one in calls.ledger.VerifyConsentLedger(request, metadata=calls.metadata, timeout=60)
    ]
    assert [one.is_finished for one in responses] == [False] * (len(responses) - 1) + [True]
    last = responses[-1]
    found = [finding for one in responses for finding in one.findings]
    del last.findings[:]
    last.findings.extend(found)
    return last


def faults(found: ledger_service_pb2.VerifyConsentLedgerResponse) -> list[tuple[int, int]]:
    return sorted((finding.fault, finding.sequence) for finding in found.findings)


async def opt_out(tenant: Tenant, contact_id: UUID) -> None:
    calls = tenant.staff()
    request = consent_service_pb2.OptOutRequest(
        subject=consent_pb2.Subject(contact_id=str(contact_id)),
        source=consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST,
    )
    await calls.call(calls.consents.OptOut, request)


async def revoke(tenant: Tenant, contact_id: UUID, channel: int = EMAIL) -> None:
    calls = tenant.staff()
    request = consent_service_pb2.RevokeConsentRequest(
        subject=consent_pb2.Subject(contact_id=str(contact_id)),
        channel=channel,
        message_class=MARKETING,
        source=consent_pb2.CONSENT_SOURCE_STAFF,
        reason="asked on the phone",
    )
    await calls.call(calls.consents.RevokeConsent, request)


async def long_chain(tenant: Tenant) -> UUID:
    """A contact with a chain of six entries."""
    contact_id = await tenant.contact()
    for _ in range(3):
        await tenant.grant(
            contact_id, SMS, ip_address="203.0.113.7", user_agent="Browser", evidence=evidence()
        )
        await revoke(tenant, contact_id, SMS)
    return contact_id


@pytest.fixture
def tamper(consent: RunningConsent) -> Callable[..., int]:
    """Changes the tables behind the service's back, as somebody with all rights of the database can."""

    def run(statement: str, *params: Any) -> int:
        with psycopg.connect(consent.owner_url) as connection:
            return connection.execute(statement, params).rowcount

    return run


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


def test_a_published_entry_has_the_published_hash() -> None:
    """The vector of docs/consent.md: whoever recomputes it elsewhere gets the same bytes."""
    vector = json.loads((Path(__file__).parent / "ledger_vector.json").read_text())
    previous = "00" * 32
    for entry in vector["entries"]:
        personal = canonical(entry["personal"])
        commitment = hashlib.sha256(bytes.fromhex(entry["salt"]) + personal.encode()).hexdigest()
        assert entry["entry"]["commitment"] == commitment
        assert entry["entry"]["previous_hash"] == previous
        previous = hashlib.sha256(canonical(entry["entry"]).encode()).hexdigest()
        assert entry["entry_hash"] == previous


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (123456789.125, "123456789.125"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (333333333.33333329, "333333333.3333333"),
        (-4.5e-9, "-4.5e-9"),
    ],
)
def test_numbers_are_written_as_the_standard_says(value: float, text: str) -> None:
    assert number(value) == text


def test_canonical_json_is_that_of_the_standard() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
        "\U0001f600": 1,
        "\ufb33": 2,
    }
    assert canonical(value) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/","\U0001f600":1,"\ufb33":2}'
    )


async def receipt(
    tenant: Tenant, subject: consent_pb2.Subject
) -> ledger_service_pb2.ExportConsentReceiptResponse:
    calls = tenant.staff()
    return await calls.call(
        calls.ledger.ExportConsentReceipt, ledger_service_pb2.ExportConsentReceiptRequest(subject=subject)
    )


async def public_keys(tenant: Tenant) -> list[ledger_service_pb2.ReceiptKey]:
    stub = tenant.staff().ledger
    return list((await stub.ListReceiptKeys(ledger_service_pb2.ListReceiptKeysRequest())).keys)


async def test_a_receipt_is_checked_by_others_tools(salon: Tenant, tmp_path: Path) -> None:
    contact_id = await long_chain(salon)
    found = await receipt(salon, consent_pb2.Subject(contact_id=str(contact_id)))
    keys = {key.key_id: key for key in await public_keys(salon)}
    assert list(keys) == ["r2", "r1"]
    stub = salon.staff().ledger
    first = await stub.ListReceiptKeys(ledger_service_pb2.ListReceiptKeysRequest(page_size=1))
    request = ledger_service_pb2.ListReceiptKeysRequest(page_size=1, page_token=first.next_page_token)
    second = await stub.ListReceiptKeys(request)
    assert [one.key_id for one in (*first.keys, *second.keys)] == ["r2", "r1"]
    assert not second.next_page_token

    header, empty, signature = found.signature.split(".")
    assert not empty
    whole = f"{header}.{_base64(found.document)}.{signature}"
    key = jwt.PyJWK.from_json(keys[found.key_id].jwk).key
    decoded = jwt.api_jws.decode_complete(whole, key, algorithms=["EdDSA"])
    assert decoded["payload"] == found.document
    assert decoded["header"] == {"alg": "EdDSA", "kid": "r2", "typ": "angarium-consent-receipt+json"}

    assert _openssl(tmp_path, keys[found.key_id].pem, found.signed_bytes, found.raw_signature)
    assert not _openssl(tmp_path, keys[found.key_id].pem, found.signed_bytes + b"x", found.raw_signature)
    assert not _openssl(tmp_path, keys["r1"].pem, found.signed_bytes, found.raw_signature)
    assert found.signed_bytes == f"{header}.{_base64(found.document)}".encode()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _openssl(folder: Path, pem: str, data: bytes, signature: bytes) -> bool:
    for name, content in (("key.pem", pem.encode()), ("data", data), ("signature", signature)):
        (folder / name).write_bytes(content)
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in data -sigfile signature"
    return subprocess.run(command.split(), cwd=folder, capture_output=True, check=False).returncode == 0


async def test_a_receipt_holds_all_that_its_hashes_are_made_of(salon: Tenant) -> None:
    contact_id = await long_chain(salon)
    found = await receipt(salon, consent_pb2.Subject(contact_id=str(contact_id)))
    document = json.loads(found.document)
    assert found.document.decode() == canonical(document)
    assert document["subject"] == {"contact_id": str(contact_id)}
    [only] = document["chains"]
    assert only["is_whole"] is True
    previous = "00" * 32
    for place, one in enumerate(only["entries"], 1):
        salted = bytes.fromhex(one["salt"]) + canonical(one["personal"]).encode()
        assert one["entry"]["commitment"] == hashlib.sha256(salted).hexdigest()
        assert (one["entry"]["previous_hash"], one["entry"]["sequence"]) == (previous, place)
        previous = hashlib.sha256(canonical(one["entry"]).encode()).hexdigest()
        assert one["entry_hash"] == previous
    assert only["entries"][0]["personal"]["ip_address"] == "203.0.113.7"


async def test_a_receipt_of_a_broken_chain_says_so(salon: Tenant, tamper: Callable[..., int]) -> None:
    contact_id = await long_chain(salon)
    tamper("UPDATE consent.consent_audit SET new_value = 'granted' WHERE sequence = 6")
    found = await receipt(salon, consent_pb2.Subject(contact_id=str(contact_id)))
    assert json.loads(found.document)["chains"][0]["is_whole"] is False


async def test_a_bare_address_has_a_chain_of_its_own_and_keeps_it(salon: Tenant) -> None:
    await salon.service("campaign").grant(grant_request("ann@example.com", EMAIL))
    found = await receipt(salon, consent_pb2.Subject(address="Ann@Example.com"))
    document = json.loads(found.document)
    assert len(document["chains"]) == 1
    assert "ann@" not in found.document.decode()
    assert not (await verify(salon)).findings


async def at(
    tenant: Tenant, contact_id: UUID, when: Any, channel: int = SMS, branch: UUID | None = None
) -> Any:
    calls = tenant.staff()
    request = ledger_service_pb2.GetConsentAtRequest(
        subject=consent_pb2.Subject(contact_id=str(contact_id)),
        channel=channel,
        message_class=MARKETING,
        branch_id=str(branch or ""),
        at_time=stamp(when),
    )
    return await calls.call(calls.ledger.GetConsentAt, request)


async def test_the_past_is_told_with_the_entry_that_decided(salon: Tenant) -> None:
    clock = salon.consent.clock
    contact_id = await salon.contact()
    start = clock.now()
    clock.advance(HOUR)
    await salon.grant(contact_id, SMS, wording_version="v7", jurisdiction="DE", evidence=evidence(form="f1"))
    granted = clock.now()
    clock.advance(HOUR)
    await opt_out(salon, contact_id)
    clock.advance(HOUR)
    before, held, after = (
        await at(salon, contact_id, start),
        await at(salon, contact_id, granted + timedelta(minutes=1)),
        await at(salon, contact_id, clock.now()),
    )
    assert (before.has_consent, before.state, len(before.entries)) == (False, 0, 0)
    assert not before.HasField("deciding_entry")
    assert held.has_consent
    assert (held.deciding_entry.wording_version, held.deciding_entry.jurisdiction) == ("v7", "DE")
    assert dict(held.deciding_entry.evidence) == {"form": "f1"}
    assert not held.marketing_opted_out
    assert (after.has_consent, after.marketing_opted_out) == (False, True)
    assert [entry.new_value for entry in after.entries] == ["granted", "revoked"]
    with pytest.raises(ServiceError, match="at_time"):
        await at(salon, contact_id, clock.now() + HOUR)


async def test_a_contact_reads_its_own_past_and_no_other(salon: Tenant) -> None:
    contact_id, other = await salon.contact(), await salon.contact()
    await salon.grant(contact_id, SMS)
    calls = salon.as_contact(other)
    request = ledger_service_pb2.GetConsentAtRequest(
        subject=consent_pb2.Subject(contact_id=str(contact_id)),
        channel=SMS,
        message_class=MARKETING,
        at_time=stamp(salon.consent.clock.now()),
    )
    with pytest.raises(ServiceError):
        await calls.call(calls.ledger.GetConsentAt, request)


async def test_entries_are_never_dated_before_those_they_follow(salon: Tenant) -> None:
    contact_id = await salon.contact()
    await salon.grant(contact_id, SMS)
    salon.consent.clock.advance(-HOUR)
    await revoke(salon, contact_id, SMS)
    [(first, second)] = await salon.consent.rows(
        "SELECT min(created_at) FILTER (WHERE sequence = 1), min(created_at) FILTER (WHERE sequence = 2)"
        " FROM consent_audit"
    )
    assert first == second


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


@pytest.mark.req("GEN-43")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"receipt_keys": f"r1:{base64.b64encode(bytes(range(33))).decode()}"},
            "RECEIPT_KEYS: each key must be 32",
        ),
        ({"receipt_keys": COMPLETE["hash_keys"]}, "RECEIPT_KEYS: shares a key"),
        ({"receipt_keys": ""}, "RECEIPT_KEYS"),
    ],
)
def test_keys_of_receipts_that_cannot_be_are_refused_at_the_start(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(
            ConsentSettings,
            **{**COMPLETE, "service_name": "consent", "receipt_keys": RECEIPT_KEYS, **changes},
        )
