"""Where a contact stands: one view derived from its rows, changed as a whole, and the flag of an opt-out cleared."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_events_pb2, consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.consent.addresses import EVERYBODY
from services.consent.directory.domain import KnownContact
from tests.consent.kit import (
    EMAIL,
    PUSH,
    SMS,
    WHATSAPP,
    Calls,
    RunningConsent,
    Tenant,
    evidence,
    reason,
    stamp,
)
from tests.consent.test_consents import GRANTED, PENDING, STAFF, WEB_FORM, events, opt_out, revocation

FLAGS = ("email_consent", "sms_consent", "whatsapp_consent", "push_consent")


async def read(calls: Calls, contact: UUID) -> pb.ContactConsent:
    request = pb.GetContactConsentRequest(contact_id=str(contact))
    return (await calls.call(calls.consents.GetContactConsent, request)).contact_consent  # type: ignore[no-any-return]


async def update(
    calls: Calls, contact: UUID, *, etag: str | None = None, **changes: Any
) -> pb.ContactConsent:
    """Changes the named fields of what stands now; `source`, `evidence`, `reason` and `key` are those of the call."""
    call = {
        "source": changes.pop("source", STAFF),
        "evidence": changes.pop("evidence", None),
        "reason": changes.pop("reason", ""),
        "idempotency_key": changes.pop("key", ""),
    }
    mask = changes.pop("mask", list(changes))
    if etag is None:
        etag = (await read(calls, contact)).etag
    request = pb.UpdateContactConsentRequest(
        contact_consent=pb.ContactConsent(contact_id=str(contact), etag=etag, **changes),
        update_mask=FieldMask(paths=mask),
        **call,
    )
    return (await calls.call(calls.consents.UpdateContactConsent, request)).contact_consent  # type: ignore[no-any-return]


def flags(found: pb.ContactConsent) -> set[str]:
    return {flag for flag in FLAGS if getattr(found, flag)}


async def trail(consent: RunningConsent) -> list[tuple[Any, ...]]:
    return await consent.rows(
        "SELECT field_changed, old_value, new_value FROM consent_audit ORDER BY sequence"
    )


@pytest.mark.req("CON-21", "CON-104", "CON-116")
async def test_flags_say_what_holds_tenant_wide_for_marketing_now_and_nobody_consents_by_default(
    salon: Tenant,
) -> None:
    contact, staff = await salon.contact(language_code="de"), salon.staff()
    before = await read(staff, contact)
    assert flags(before) == set()
    assert not before.consents
    assert (before.language_code, before.preferred_channel) == ("de", WHATSAPP)
    assert not await salon.consent.rows("SELECT FROM consent UNION ALL SELECT FROM preference")
    await salon.grant(contact)
    await salon.grant(contact, SMS, branch_id=str(uuid4()))
    await salon.grant(contact, WHATSAPP, message_class=enums_pb2.MESSAGE_CLASS_TRANSACTIONAL)
    await salon.grant(contact, PUSH, expire_time=stamp(salon.consent.clock.now() + timedelta(hours=1)))
    found = await read(staff, contact)
    assert flags(found) == {"email_consent", "push_consent"}
    assert {one.channel for one in found.consents} == {EMAIL, PUSH}
    assert found.etag != before.etag
    salon.consent.clock.advance(timedelta(hours=1))
    assert flags(await read(staff, contact)) == {"email_consent"}
    await staff.call(staff.consents.OptOut, opt_out(contact))
    left = await read(staff, contact)
    assert (flags(left), left.marketing_opted_out) == (set(), True)
    assert left.opt_out_source == consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST
    assert left.opt_out_time == stamp(salon.consent.clock.now())


@pytest.mark.req("CON-21", "CON-75")
async def test_do_not_disturb_is_the_flag_or_a_registry_that_lists_the_number(
    consent: RunningConsent,
) -> None:
    salon = await consent.tenant(dnd_registries=["DE_ROBINSON"])
    contact, staff = await salon.contact(), salon.staff()
    shared = consent.hasher.one(EVERYBODY, "sms", salon.phone(contact))
    known = KnownContact(contact, "active")
    consent.campaign.contacts[contact] = known._replace(registry_hashes=(shared,))
    assert not (await read(staff, contact)).is_dnd
    await update(staff, contact, is_dnd=True, reason="asked at the till")
    assert (await read(staff, contact)).is_dnd
    await update(staff, contact, is_dnd=False)
    assert not (await read(staff, contact)).is_dnd
    async with consent.database.system() as uow:
        await uow.execute(
            "INSERT INTO dnd_import (dnd_import_id, registry, file_name, checksum, mode, status, started_at)"
            " VALUES (%s, 'DE_ROBINSON', 'f', 'c', 'full', 'running', now())",
            (uuid7(),),
        )
        await uow.execute(
            "INSERT INTO dnd_entry (registry, phone_hash, key_id, country, categories, listed_at, last_import_id)"
            " SELECT 'DE_ROBINSON', %s, 'k', 'DE', '{}', now(), dnd_import_id FROM dnd_import",
            (shared,),
        )
    assert (await read(staff, contact)).is_dnd
    assert [row for row in await trail(consent) if row[0] == "is_dnd"] == [
        ("is_dnd", "false", "true"),
        ("is_dnd", "true", "false"),
    ]


@pytest.mark.req("CON-22", "CON-126", "CON-127")
async def test_one_update_grants_revokes_and_says_all_at_once_with_one_entry_for_each_field(
    salon: Tenant,
) -> None:
    contact, staff = await salon.contact(), salon.staff()
    await salon.grant(contact)
    start = len(await trail(salon.consent))
    found = await update(
        staff,
        contact,
        email_consent=False,
        sms_consent=True,
        whatsapp_consent=True,
        is_dnd=True,
        preferred_channel=SMS,
        language_code="pt-BR",
        evidence=evidence(),
        reason="paper form 7",
    )
    assert flags(found) == {"sms_consent", "whatsapp_consent"}
    assert (found.is_dnd, found.preferred_channel, found.language_code) == (True, SMS, "pt-BR")
    assert found == await read(staff, contact)
    told = (await trail(salon.consent))[start:]
    assert sorted(told) == sorted(
        [
            ("email_consent", "granted", "revoked"),
            ("sms_consent", None, "granted"),
            ("whatsapp_consent", None, "granted"),
            ("is_dnd", "false", "true"),
            ("preferred_channel", "whatsapp", "sms"),
            ("language_code", None, "pt-BR"),
        ]
    )
    assert await salon.consent.rows("SELECT source FROM consent WHERE status = 'granted'") == [("staff",)] * 2
    proofs = await salon.consent.proofs(salon.tenant_id, "consent", "status = 'granted'")
    assert [proof and proof.evidence for proof in proofs] == ['{"form":"counter","wording":"v3"}'] * 2


@pytest.mark.req("CON-22", "CON-119", "GEN-27")
async def test_what_is_not_named_stays_and_what_is_so_already_writes_nothing(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    await salon.grant(contact)
    before = await read(staff, contact)
    start = await trail(salon.consent)
    again = await update(
        staff, contact, email_consent=True, sms_consent=False, is_dnd=False, preferred_channel=WHATSAPP
    )
    assert again == before
    assert await trail(salon.consent) == start
    # Every value of the message is at hand; only the named one counts.
    changed = await update(staff, contact, mask=["sms_consent"], sms_consent=True, email_consent=False)
    assert flags(changed) == {"email_consent", "sms_consent"}
    for mask in ([], ["etag"], ["consents"], ["email_consent", "nothing"]):
        with pytest.raises(ServiceError) as refused:
            await update(staff, contact, mask=mask)
        assert [one.field for one in refused.value.violations] == ["update_mask"]


@pytest.mark.req("CON-22", "GEN-28", "GEN-29")
async def test_a_stale_etag_changes_nothing(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    old = (await read(staff, contact)).etag
    await salon.grant(contact, WHATSAPP)
    for etag in (old, ""):
        with pytest.raises(ServiceError) as stale:
            await update(staff, contact, etag=etag, sms_consent=True, evidence=evidence())
        assert stale.value.reason == "VERSION_CONFLICT"
    assert flags(await read(staff, contact)) == {"whatsapp_consent"}
    etag = (await read(staff, contact)).etag
    for _ in range(2):
        # The second call comes with the etag of the first: it is answered, not refused.
        found = await update(staff, contact, sms_consent=True, key="once", etag=etag)
        assert flags(found) == {"sms_consent", "whatsapp_consent"}


@pytest.mark.req("CON-22", "CON-58", "CON-96")
async def test_one_field_that_may_not_be_undoes_the_whole_update(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    await salon.grant(contact, SMS)
    person = salon.service("campaign")
    await person.call(person.consents.RevokeConsent, revocation(contact, SMS, source=WEB_FORM))
    before = await read(staff, contact)
    with pytest.raises(ServiceError) as refused:
        await update(staff, contact, whatsapp_consent=True, sms_consent=True, is_dnd=True)
    assert refused.value.reason == "EVIDENCE_REQUIRED"
    assert await read(staff, contact) == before
    done = await update(
        staff, contact, whatsapp_consent=True, sms_consent=True, is_dnd=True, evidence=evidence()
    )
    assert flags(done) == {"whatsapp_consent", "sms_consent"}


@pytest.mark.req("CON-22", "CON-57")
async def test_a_flag_on_a_channel_with_double_opt_in_waits(consent: RunningConsent) -> None:
    salon = await consent.tenant(double_opt_in_channels=[EMAIL])
    contact, staff = await salon.contact(), salon.staff()
    found = await update(staff, contact, email_consent=True)
    assert flags(found) == set()
    assert [one.state for one in found.consents] == [PENDING]
    withdrawn = await update(staff, contact, email_consent=False)
    assert [one.state for one in withdrawn.consents] == [consent_pb2.Consent.STATE_REVOKED]


@pytest.mark.req("CON-22", "CON-60", "CON-126")
async def test_opting_out_by_update_is_an_opt_out_and_clearing_it_is_not_an_update(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    await salon.grant(contact)
    for changes in ({"marketing_opted_out": False}, {"marketing_opted_out": True, "sms_consent": True}):
        with pytest.raises(ServiceError) as refused:
            await update(staff, contact, **changes)
        assert refused.value.reason == "VALIDATION_FAILED"
    found = await update(staff, contact, marketing_opted_out=True, email_consent=False)
    assert found.marketing_opted_out
    assert found.opt_out_source == consent_pb2.OPT_OUT_SOURCE_MANUAL
    assert flags(found) == set()
    assert reason(await salon.decide(contact)) == "suppressed"
    assert len(await events(salon.consent, "consent.opted_out", consent_events_pb2.ContactOptedOut)) == 1
    assert len([row for row in await trail(salon.consent) if row[0] == "email_consent"]) == 2


@pytest.mark.req("CON-94", "CON-95")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"language_code": "klingon"}, "contact_consent.language_code"),
        ({"preferred_channel": 6}, "contact_consent.preferred_channel"),
        ({"sms_consent": True, "source": 0}, "source"),
        ({"sms_consent": True, "evidence": evidence(note="x" * 5000)}, "evidence"),
    ],
)
async def test_a_bad_update_names_its_field(salon: Tenant, changes: dict[str, Any], field: str) -> None:
    contact = await salon.contact()
    with pytest.raises(ServiceError) as refused:
        await update(salon.staff(), contact, **changes)
    assert refused.value.reason == "VALIDATION_FAILED"
    assert [one.field for one in refused.value.violations] == [field]


@pytest.mark.req("CON-24")
async def test_cancelling_an_opt_out_clears_the_flag_and_nothing_else(salon: Tenant) -> None:
    contact, staff = await salon.contact(), salon.staff()
    await salon.grant(contact)
    await salon.grant(contact, WHATSAPP)
    await staff.call(staff.consents.OptOut, opt_out(contact))
    request = pb.CancelOptOutRequest(
        contact_id=str(contact),
        evidence=evidence(),
        source=STAFF,
        reason="letter of 3 May",
        idempotency_key="k",
    )
    unproven = pb.CancelOptOutRequest(contact_id=str(contact), source=STAFF)
    with pytest.raises(ServiceError) as refused:
        await staff.call(staff.consents.CancelOptOut, unproven)
    assert refused.value.reason == "EVIDENCE_REQUIRED"
    answer = await staff.call(staff.consents.CancelOptOut, request)
    assert not answer.summary.marketing_opted_out
    assert not answer.summary.consented_channels
    assert reason(await salon.decide(contact)) == "suppressed"
    assert {row[0] for row in await salon.consent.rows("SELECT status FROM consent")} == {"revoked"}
    rows = await salon.consent.rows(
        "SELECT old_value, new_value, change_source FROM consent_audit"
        " WHERE field_changed = 'marketing_opted_out' ORDER BY sequence DESC LIMIT 1"
    )
    assert rows == [("true", "false", "staff")]
    newest = "field_changed = 'marketing_opted_out' ORDER BY sequence DESC LIMIT 1"
    [proof] = await salon.consent.proofs(salon.tenant_id, "consent_audit", newest)
    assert proof is not None
    assert (proof.reason, proof.evidence) == ("letter of 3 May", '{"form":"counter","wording":"v3"}')
    assert (await staff.call(staff.consents.CancelOptOut, request)).deduplicated
    # Consents are given anew, by the person.
    assert (await salon.grant(contact)).state == GRANTED
    assert reason(await salon.decide(contact)) == "allow"


@pytest.mark.req("CON-24", "CON-99")
async def test_where_nobody_opted_out_nothing_is_cleared_and_unknown_and_erased_people_are_named(
    salon: Tenant,
) -> None:
    contact, staff = await salon.contact(), salon.staff()
    quiet = pb.CancelOptOutRequest(contact_id=str(contact), evidence=evidence(), source=STAFF)
    await staff.call(staff.consents.CancelOptOut, quiet)
    assert not await trail(salon.consent)
    for somebody, expected in (
        (uuid7(), "NOT_FOUND"),
        (await salon.contact(state="erased"), "CONTACT_ERASED"),
    ):
        quiet.contact_id = str(somebody)
        for call in (
            staff.call(staff.consents.CancelOptOut, quiet),
            read(staff, somebody),
            update(staff, somebody, etag="x", sms_consent=True),
        ):
            with pytest.raises(ServiceError) as refused:
                await call
            assert refused.value.reason == expected


@pytest.mark.req("SEC-4")
async def test_a_contact_sees_and_changes_where_it_stands_itself_only(salon: Tenant) -> None:
    one, other = await salon.contact(), await salon.contact()
    own = salon.as_contact(one)
    assert flags(await update(own, one, sms_consent=True, source=WEB_FORM)) == {"sms_consent"}
    rows = await salon.consent.rows("SELECT change_source FROM consent_audit")
    assert rows == [("customer",)]
    for call in (read(own, other), update(own, other, etag="x", sms_consent=True, source=WEB_FORM)):
        with pytest.raises(ServiceError) as refused:
            await call
        assert refused.value.reason == "NOT_FOUND"
