"""Importing consents: blocks are repeatable, and no import overrules a newer wish of the person."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.rpc import error_details_pb2

from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.db.connection import ScopedConnection
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.consent.directory.domain import KnownContact
from tests.consent.chaining import verify
from tests.consent.confirming import confirm, resend, token_of
from tests.consent.kit import EMAIL, MARKETING, SMS, WHATSAPP, Tenant, evidence, grant_request, reason, stamp
from tests.consent.test_consents import opt_out, revocation

GRANTED, REVOKED = consent_pb2.Consent.STATE_GRANTED, consent_pb2.Consent.STATE_REVOKED
PERSON = consent_pb2.CONSENT_SOURCE_WEB_FORM


def row(
    tenant: Tenant, who: UUID | str, state: int = GRANTED, at: datetime | None = None, **changes: Any
) -> Any:
    subject = (
        consent_pb2.Subject(contact_id=str(who))
        if isinstance(who, UUID)
        else consent_pb2.Subject(address=who)
    )
    return pb.ConsentImportRow(
        **{
            "subject": subject,
            "channel": EMAIL,
            "message_class": MARKETING,
            "state": state,
            "source": consent_pb2.CONSENT_SOURCE_IMPORT,
            "evidence": evidence() if state == GRANTED else None,
            "event_time": stamp(at or tenant.consent.clock.now() - timedelta(days=1)),
            **changes,
        }
    )


async def take(tenant: Tenant, *rows: Any) -> pb.ImportConsentsResponse:
    staff = tenant.staff()
    (answer,) = await staff.stream(
        staff.consents.ImportConsents, [pb.ImportConsentsRequest(block_number=7, rows=rows)]
    )
    assert answer.block_number == 7
    return answer  # type: ignore[no-any-return]


def counts(answer: pb.ImportConsentsResponse) -> tuple[int, int, int, int]:
    return answer.changed_count, answer.unchanged_count, answer.overridden_count, len(answer.errors)


def bad_fields(answer: pb.ImportConsentsResponse) -> dict[int, set[str]]:
    found = {}
    for error in answer.errors:
        bad = error_details_pb2.BadRequest()
        for detail in error.status.details:
            detail.Unpack(bad)
        found[error.index] = {violation.field for violation in bad.field_violations}
    return found


@pytest.mark.req("CON-27")
async def test_an_imported_grant_holds_and_a_repeat_of_the_block_changes_nothing(salon: Tenant) -> None:
    contacts = [await salon.contact() for _ in range(3)]
    rows = [row(salon, one) for one in contacts]
    assert counts(await take(salon, *rows)) == (3, 0, 0, 0)
    assert reason(await salon.decide(contacts[0])) == "allow"
    before = await salon.consent.rows("SELECT count(*), max(version) FROM consent")
    assert counts(await take(salon, *rows)) == (0, 3, 0, 0)
    assert await salon.consent.rows("SELECT count(*), max(version) FROM consent") == before
    assert len(await salon.consent.rows("SELECT FROM consent_audit")) == 3
    (event,) = await salon.consent.rows("SELECT item_count FROM outbox WHERE type = 'consent.updated'")
    assert event == (3,)


@pytest.mark.req("CON-27", "GEN-31")
async def test_bad_rows_are_named_and_good_ones_taken(salon: Tenant) -> None:
    good, erased, nobody = await salon.contact(), await salon.contact(state="erased"), uuid7()
    ahead = salon.consent.clock.now() + timedelta(seconds=1)
    answer = await take(
        salon,
        row(salon, good),
        row(salon, nobody),
        row(salon, erased),
        row(salon, "no address"),
        row(salon, good, evidence=None),
        row(salon, good, channel=5, message_class=0, source=0, state=1),
        row(salon, good, at=ahead),
        pb.ConsentImportRow(channel=EMAIL, message_class=MARKETING, state=REVOKED, source=1),
        row(salon, good, branch_id="x", subject=consent_pb2.Subject(contact_id="y")),
    )
    assert counts(answer) == (1, 0, 0, 8)
    assert bad_fields(answer) == {
        1: set(),
        2: set(),
        3: {"subject.address"},
        4: {"evidence"},
        5: {"channel", "message_class", "source", "state"},
        6: {"event_time"},
        7: {"subject", "event_time"},
        8: {"subject.contact_id", "branch_id"},
    }
    reasons = []
    for error in answer.errors[:2]:
        info = error_details_pb2.ErrorInfo()
        error.status.details[0].Unpack(info)
        reasons.append(info.reason)
    assert reasons == ["NOT_FOUND", "CONTACT_ERASED"]


@pytest.mark.req("CON-27", "GEN-31")
async def test_a_row_with_what_no_calendar_and_no_json_has_costs_no_other_row(salon: Tenant) -> None:
    good, early, endless = [await salon.contact() for _ in range(3)]
    long_ago = row(salon, early)
    long_ago.event_time.seconds = -(10**12)
    answer = await take(
        salon, long_ago, row(salon, endless, evidence=evidence(score=float("inf"))), row(salon, good)
    )
    assert counts(answer) == (1, 0, 0, 2)
    assert bad_fields(answer) == {0: {"event_time"}, 1: {"evidence"}}
    with pytest.raises(ServiceError) as refused:
        await salon.staff().grant(grant_request(endless, evidence=evidence(score=float("nan"))))
    assert [one.field for one in refused.value.violations] == ["evidence"]


@pytest.mark.req("CON-27", "CON-2")
async def test_people_with_and_without_a_history_share_a_block_and_keep_their_own_proofs(
    salon: Tenant,
) -> None:
    staff, now = salon.staff(), salon.consent.clock.now()
    new, granted, opted_out, suppressed = [await salon.contact() for _ in range(4)]
    await salon.grant(granted)
    await staff.call(staff.consents.OptOut, opt_out(opted_out))
    await staff.suppress(salon.address(suppressed), EMAIL, scope=2)
    people = (new, granted, opted_out, suppressed)
    rows = [row(salon, one, at=now, evidence=evidence(form=str(place))) for place, one in enumerate(people)]
    rows += [row(salon, new, REVOKED, now, channel=SMS), row(salon, "somebody@example.com", at=now)]
    assert counts(await take(salon, *rows)) == (3, 1, 2, 0)
    request = pb.ListConsentsRequest(contact_id=str(new))
    found = {one.channel: one for one in (await staff.call(staff.consents.ListConsents, request)).consents}
    assert dict(found[EMAIL].evidence) == {"form": "0"}
    assert found[EMAIL].grant_time == stamp(now)
    assert (found[SMS].state, found[SMS].revoke_time) == (REVOKED, stamp(now))
    trail = pb.ListConsentAuditRequest(contact_id=str(new))
    entries = (await staff.call(staff.consents.ListConsentAudit, trail)).entries
    assert {(one.channel, one.new_value, one.sequence) for one in entries} == {
        (EMAIL, "granted", 1),
        (SMS, "revoked", 2),
    }
    assert [dict(one.evidence) for one in entries if one.channel == EMAIL] == [{"form": "0"}]
    verified = await verify(salon)
    assert not verified.findings
    told = await salon.consent.rows(
        "SELECT item_count FROM outbox WHERE type = 'consent.updated' ORDER BY id"
    )
    assert told[-1] == (3,)


@pytest.mark.req("CON-27", "ARC-9")
async def test_a_block_is_imported_in_as_many_round_trips_for_a_hundred_people_as_for_ten(
    salon: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips: list[int] = []
    run = ScopedConnection.run

    async def counted(self: ScopedConnection, statements: Any, *, commit: bool = False) -> Any:
        if self.info.user.startswith("angarium_consent") and any(
            "consent" in str(one.query) for one in statements
        ):
            trips.append(len(statements))
        return await run(self, statements, commit=commit)

    found = []
    for number in (10, 100):
        contacts = [await salon.contact() for _ in range(number)]
        monkeypatch.setattr(ScopedConnection, "run", counted)
        trips.clear()
        assert counts(await take(salon, *(row(salon, one) for one in contacts))) == (number, 0, 0, 0)
        monkeypatch.setattr(ScopedConnection, "run", run)
        found.append(list(trips))
    assert found[0] == found[1]


@pytest.mark.req("CON-27")
async def test_a_grant_never_overrides_a_newer_revocation_opt_out_or_suppression(salon: Tenant) -> None:
    staff, now = salon.staff(), salon.consent.clock.now()
    revoked, opted_out, unsubscribed, fine = [await salon.contact() for _ in range(4)]
    await staff.call(staff.consents.RevokeConsent, revocation(revoked))
    await staff.call(staff.consents.OptOut, opt_out(opted_out))
    await staff.suppress(salon.address(unsubscribed), EMAIL, scope=2)
    people = (revoked, opted_out, unsubscribed, fine)
    assert counts(await take(salon, *(row(salon, one, at=now) for one in people))) == (1, 0, 3, 0)
    salon.consent.clock.advance(timedelta(days=2))
    later = await take(salon, *(row(salon, one) for one in people))
    assert counts(later) == (4, 0, 0, 0)
    assert reason(await salon.decide(opted_out)) == "suppressed"
    assert reason(await salon.decide(revoked)) == "allow"


@pytest.mark.req("CON-27", "CON-58")
async def test_a_later_import_after_the_persons_own_withdrawal_waits_for_the_person_on_email(
    salon: Tenant,
) -> None:
    contact, person = await salon.contact(), salon.service("campaign")
    for channel in (EMAIL, WHATSAPP):
        await person.call(person.consents.RevokeConsent, revocation(contact, channel, source=PERSON))
    salon.consent.clock.advance(timedelta(days=2))
    rows = [row(salon, contact), row(salon, contact, channel=WHATSAPP)]
    assert counts(await take(salon, *rows)) == (2, 0, 0, 0)
    assert reason(await salon.decide(contact)) == "consent_pending"
    assert reason(await salon.decide(contact, channel=WHATSAPP)) == "allow"
    assert counts(await take(salon, *rows)) == (0, 2, 0, 0)


@pytest.mark.req("CON-27", "CON-57", "CON-18")
async def test_what_an_import_lets_wait_is_asked_by_whoever_answers_for_the_file(salon: Tenant) -> None:
    contact, person, staff = await salon.contact(), salon.service("campaign"), salon.staff()
    stranger = "stranger@example.com"
    await person.call(person.consents.RevokeConsent, revocation(contact, EMAIL, source=PERSON))
    bare = revocation(contact, EMAIL, source=PERSON)
    bare.subject.address = stranger
    await person.call(person.consents.RevokeConsent, bare)
    salon.consent.clock.advance(timedelta(days=2))
    assert counts(await take(salon, row(salon, contact), row(salon, stranger))) == (2, 0, 0, 0)
    assert not await salon.consent.rows("SELECT FROM outbox WHERE type = 'consent.confirmation_requested'")
    ids = await salon.consent.rows(
        "SELECT consent_id::text FROM consent WHERE status = 'pending' ORDER BY contact_id"
    )
    asked = await resend(staff, ids[0][0])
    assert asked.confirmation_count == 1
    confirmed = await confirm(salon, await token_of(salon, asked.consent_id))
    assert confirmed.consent.state == GRANTED
    # Of somebody who is no contact the file's address was not kept: a grant names it again.
    with pytest.raises(ServiceError) as refused:
        await resend(staff, ids[1][0])
    assert [one.field for one in refused.value.violations] == ["consent_id"]
    again = await person.grant(grant_request(stranger))
    assert again.consent.confirmation_count == 1
    assert (await confirm(salon, await token_of(salon, again.consent.consent_id))).consent.state == GRANTED


@pytest.mark.req("CON-27", "CON-57")
async def test_a_file_grants_nothing_that_waits_for_the_persons_own_word(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact, double_opt_in=True)
    salon.consent.clock.advance(timedelta(days=2))
    late = row(salon, contact, at=salon.consent.clock.now())
    assert counts(await take(salon, late)) == (0, 1, 0, 0)
    assert reason(await salon.decide(contact)) == "consent_pending"
    salon.consent.clock.advance(timedelta(days=2))
    assert counts(await take(salon, late)) == (1, 0, 0, 0)
    assert reason(await salon.decide(contact)) == "allow"


@pytest.mark.req("CON-27", "CON-1", "W3")
async def test_wording_and_law_of_a_row_go_into_the_consent(salon: Tenant) -> None:
    contact, other, third = [await salon.contact() for _ in range(3)]
    good = row(salon, contact, wording_version="v7", jurisdiction="US-FL")
    bad = row(salon, other, wording_version="x" * 101, jurisdiction="Florida")
    answer = await take(salon, good, bad, row(salon, third, wording_version="v\0"))
    assert counts(answer) == (1, 0, 0, 2)
    assert bad_fields(answer) == {1: {"wording_version", "jurisdiction"}, 2: {"wording_version"}}
    assert await salon.consent.rows("SELECT wording_version, jurisdiction FROM consent") == [("v7", "US-FL")]


@pytest.mark.req("CON-27")
async def test_an_old_revocation_does_not_undo_a_newer_grant_and_a_newer_one_does(salon: Tenant) -> None:
    contact, now = await salon.contact(), salon.consent.clock.now()
    await salon.grant(contact)
    old = row(salon, contact, REVOKED, now - timedelta(days=1))
    assert counts(await take(salon, old)) == (0, 1, 0, 0)
    salon.consent.clock.advance(timedelta(days=1))
    assert counts(await take(salon, row(salon, contact, REVOKED, now + timedelta(hours=1)))) == (1, 0, 0, 0)
    assert reason(await salon.decide(contact)) == "consent_revoked"


@pytest.mark.req("CON-27")
async def test_of_rows_about_the_same_consent_the_latest_counts(salon: Tenant) -> None:
    contact, now = await salon.contact(), salon.consent.clock.now()
    answer = await take(
        salon,
        row(salon, contact, REVOKED, now - timedelta(hours=1)),
        row(salon, contact, GRANTED, now - timedelta(hours=2)),
        row(salon, salon.address(contact).upper(), GRANTED, now - timedelta(hours=3)),
    )
    assert counts(answer) == (1, 2, 0, 0)
    assert reason(await salon.decide(contact)) == "consent_revoked"


@pytest.mark.req("CON-27", "CON-14")
async def test_addresses_of_nobody_known_are_imported_by_hash(salon: Tenant) -> None:
    rows = [row(salon, f"p{number}@example.com") for number in range(4)]
    assert counts(await take(salon, *rows)) == (4, 0, 0, 0)
    assert counts(await take(salon, *rows)) == (0, 4, 0, 0)
    assert reason(await salon.decide(None, address="p1@example.com")) == "allow"


@pytest.mark.req("CON-27", "CON-4")
async def test_imported_text_consents_switch_the_group_on(salon: Tenant) -> None:
    contact = await salon.contact()
    await take(
        salon, row(salon, contact, channel=SMS), row(salon, contact, channel=SMS, branch_id=str(uuid4()))
    )
    assert reason(await salon.decide(contact, channel=SMS)) == "allow"


@pytest.mark.req("CON-14")
async def test_an_import_asks_once_a_block_for_contacts_that_events_have_not_told_of(salon: Tenant) -> None:
    late = [uuid7() for _ in range(3)]
    campaign = salon.consent.campaign
    campaign.contacts = {one: KnownContact(one, "active") for one in late}
    assert counts(await take(salon, *(row(salon, one) for one in late))) == (3, 0, 0, 0)
    assert len(campaign.asked) == 1
