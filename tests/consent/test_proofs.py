"""Proofs of contacts are sealed with the contact's own key: without it nobody reads them, in whatever copy."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.contact_data import keys as person_keys
from services.common.contact_data.person import Person
from services.common.ids import uuid7
from services.common.security.keys import KeySet
from services.consent import proofs
from services.consent.ledger.verifying import Verification
from services.consent.privacy import records
from services.consent.proofs import Proof
from tests.consent.kit import EMAIL, SMS, Tenant, evidence, grant_request, stamp
from tests.consent.test_consents import opt_out

SAID = {"note": "Called her at the fair, she said yes", "form": "counter"}
TRACES = ("fair", "203.0.113.9", "Netscape", "letter from her lawyer")
TABLES = ("consent", "consent_audit")


async def told(salon: Tenant) -> UUID:
    """A contact with all that is personal about a consent: evidence, address, browser, a reason in words."""
    contact = await salon.contact()
    await salon.grant(contact, evidence=evidence(**SAID), ip_address="203.0.113.9", user_agent="Netscape/4")
    await salon.grant(contact, SMS, evidence=evidence(**SAID))
    staff = salon.staff()
    request = opt_out(contact)
    request.reason = "letter from her lawyer"
    await staff.call(staff.consents.OptOut, request)
    return contact


async def found(salon: Tenant, words: tuple[str, ...] = TRACES) -> list[str]:
    """The words that stand somewhere in a row in plain sight."""
    return [
        word
        for table in TABLES
        for word in words
        if await salon.consent.rows(f"SELECT FROM {table} AS t WHERE t::text ILIKE %s", f"%{word}%")
    ]


@pytest.mark.req("W10", "GEN-36", "CON-1", "CON-2")
async def test_what_is_personal_in_a_proof_stands_nowhere_in_plain_words_and_is_shown_to_those_who_may(
    salon: Tenant,
) -> None:
    contact, staff = await told(salon), salon.staff()
    assert await found(salon) == []
    listed = await staff.call(
        staff.consents.ListConsents, pb.ListConsentsRequest(contact_id=str(contact), channel=EMAIL)
    )
    assert listed.consents[0].evidence == evidence(**SAID)
    trail = await staff.call(
        staff.consents.ListConsentAudit, pb.ListConsentAuditRequest(contact_id=str(contact))
    )
    assert {one.change_reason for one in trail.entries} >= {"letter from her lawyer"}
    assert evidence(**SAID) in [one.evidence for one in trail.entries]
    again = await salon.grant(contact, evidence=evidence(**SAID))
    assert again.state == consent_pb2.Consent.STATE_GRANTED
    work = Verification(salon.consent.database, salon.tenant_id)
    assert [one async for one in work.run()][-1]
    assert not work.progress.findings


@pytest.mark.req("W10", "CON-91", "CON-92")
async def test_a_copy_from_before_an_erasure_cannot_be_read_any_more(salon: Tenant) -> None:
    contact, neighbour = await told(salon), await told(salon)
    with psycopg.connect(salon.consent.owner_url, autocommit=True) as owner:
        for table in TABLES:
            owner.execute(f"CREATE TABLE public.copy_of_{table} AS SELECT * FROM consent.{table}")
            owner.execute(f"GRANT SELECT ON public.copy_of_{table} TO PUBLIC")
    copies = [f"public.copy_of_{table}" for table in TABLES]

    async def read(who: UUID) -> list[Proof | None]:
        kept = [
            proof
            for copy in copies
            for proof in await salon.consent.proofs(salon.tenant_id, copy, f"contact_id = '{who}'")
        ]
        return [proof for proof in kept if proof is not None]

    assert any(proof and "fair" in (proof.evidence or "") for proof in await read(contact))
    async with salon.consent.database.tenant(salon.tenant_id) as uow:
        erased = await records.erase(uow, Person(contact, uuid7(), {}))
        assert {one.store: one.shredded for one in erased}["person_key"] == 1
        assert await records.remaining(uow, contact) == 0
    assert set(await read(contact)) == {proofs.NOTHING}
    assert any(proof and "fair" in (proof.evidence or "") for proof in await read(neighbour))
    work = Verification(salon.consent.database, salon.tenant_id)
    assert [one async for one in work.run()][-1]
    assert not work.progress.findings


@pytest.mark.req("W10", "CON-27")
async def test_imported_evidence_is_sealed_and_what_is_said_of_an_address_is_not(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    rows = [
        pb.ConsentImportRow(
            subject=subject,
            channel=EMAIL,
            message_class=grant_request(contact).message_class,
            state=consent_pb2.Consent.STATE_GRANTED,
            source=consent_pb2.CONSENT_SOURCE_IMPORT,
            evidence=evidence(**SAID),
            event_time=stamp(salon.consent.clock.now()),
        )
        for subject in (
            consent_pb2.Subject(contact_id=str(contact)),
            consent_pb2.Subject(address="stranger@example.com"),
        )
    ]
    await staff.stream(staff.consents.ImportConsents, [pb.ImportConsentsRequest(block_number=1, rows=rows)])
    plain = await salon.consent.rows("SELECT contact_id, evidence IS NULL, sealed_proof IS NULL FROM consent")
    assert sorted(plain, key=str) == sorted([(contact, True, False), (None, False, True)], key=str)
    [proof] = await salon.consent.proofs(salon.tenant_id, "consent", "contact_id IS NOT NULL")
    assert proof is not None
    assert "fair" in (proof.evidence or "")


@pytest.mark.req("W10", "GEN-36")
async def test_the_key_of_a_person_opens_nothing_without_a_key_of_the_deployment(salon: Tenant) -> None:
    contact = await told(salon)
    [(sealed,)] = await salon.consent.rows(
        "SELECT sealed_proof FROM consent WHERE contact_id = %s AND channel = 'email'", contact
    )
    async with salon.consent.database.tenant(salon.tenant_id) as uow:
        secrets = await person_keys.secrets_of(uow, [contact])
        key_id, _ = uow.keys.current
    stolen = KeySet.parse(f"{key_id}:{'A' * 43}=")
    assert proofs._open(stolen, secrets, contact, sealed) == proofs.NOTHING
    assert proofs._open(salon.consent.settings.hash_keys, secrets, contact, sealed) != proofs.NOTHING


async def test_no_two_proofs_share_what_they_are_sealed_with(salon: Tenant) -> None:
    contact = await salon.contact()
    proof = Proof("{}", "203.0.113.9")
    async with salon.consent.database.tenant(salon.tenant_id) as uow:
        one, other = await proofs.seal(uow, [(contact.bytes, proof), (contact.bytes, proof)])
        assert one != other
        assert await proofs.opened(uow, [(contact, one), (contact, other)]) == [proof, proof]
        assert await proofs.seal(uow, [(contact.bytes, Proof(salt=b"x")), (None, proof)]) == [None, None]
