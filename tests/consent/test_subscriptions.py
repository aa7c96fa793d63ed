"""Subscribing to a channel and leaving it: the switch, the consent, the new address, and what is told to whom."""

from typing import Any
from uuid import UUID

import pytest

from angarium.common.v1 import enums_pb2 as common
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2 as events_pb2
from angarium.consent.v1 import consent_pb2
from services.common.errors import ServiceError
from services.common.events.payloads import payload_of
from services.common.security.envelope import SealedValueError
from services.common.security.sealing import NEW_ADDRESS, Sealer, new_address_place
from tests.consent.kit import EMAIL, PUSH, SMS, WHATSAPP, Tenant, evidence, reason
from tests.consent.preferring import (
    DAILY,
    IN_APP,
    MARKETING_GROUP,
    cell,
    channel,
    get,
    grid,
    history,
    set_cells,
    switch,
    update,
)

GRANTED, PENDING, REVOKED = (
    consent_pb2.Consent.STATE_GRANTED,
    consent_pb2.Consent.STATE_PENDING,
    consent_pb2.Consent.STATE_REVOKED,
)


async def refused(call: Any) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        await call
    return refused.value


async def told(tenant: Tenant, kind: str) -> list[Any]:
    """The payloads of the events of a type, in order."""
    rows = await tenant.consent.rows("SELECT envelope FROM outbox WHERE type = %s ORDER BY id", kind)
    return [payload_of(EventEnvelope.FromString(envelope)) for (envelope,) in rows]


def opened(tenant: Tenant, event: events_pb2.ContactAddressAdded, contact: UUID, channel: str) -> str:
    sealer = Sealer(tenant.consent.settings.encryption_keys, NEW_ADDRESS)
    place = new_address_place(contact, channel)
    return sealer.open(tenant.tenant_id, event.sealed_address, place).decode()


@pytest.mark.req("CON-31", "CON-120")
async def test_subscribing_switches_the_channel_on_and_lets_marketing_through(salon: Tenant) -> None:
    contact = await salon.contact()
    await set_cells(salon, contact, cell(MARKETING_GROUP, SMS, on=False, often=DAILY))
    await update(salon, contact, "channels,sms_critical_only", channels=[channel(SMS, on=False)])
    await update(salon, contact, "sms_critical_only", sms_critical_only=True)
    assert reason(await salon.decide(contact, channel=SMS)) == "no_consent"
    answer = await switch(salon, contact, SMS, on=True, calls=salon.as_contact(contact))
    assert answer.consent.state == GRANTED
    assert {one.channel: one.is_enabled for one in answer.preferences.channels}[SMS]
    assert grid(answer.preferences)["marketing", SMS].frequency == DAILY
    decision = await salon.decide(contact, channel=SMS)
    assert reason(decision) == "digest"
    newest = (await history(salon, contact))[0]
    assert newest.changed_by == "contact"
    assert sorted(one.field for one in newest.changes) == [
        "category.marketing.sms",
        "sms.is_enabled",
        "sms_critical_only",
    ]
    assert (await switch(salon, contact, SMS, on=True)).preferences == answer.preferences
    assert await told(salon, "preferences.address_added") == []


@pytest.mark.req("CON-31", "CON-57", "GEN-22", "EVT-12")
async def test_a_new_address_is_told_to_campaign_sealed_and_confirmed_by_its_owner(salon: Tenant) -> None:
    contact = await salon.contact()
    answer = await switch(salon, contact, EMAIL, on=True, address="Anna.New@Exämple.com")
    assert answer.consent.state == PENDING
    [event] = await told(salon, "preferences.address_added")
    assert (event.contact_id, event.channel) == (str(contact), EMAIL)
    assert b"nna" not in event.sealed_address
    assert opened(salon, event, contact, "email") == "Anna.New@Exämple.com"
    with pytest.raises(SealedValueError):
        opened(salon, event, contact, "sms")
    with pytest.raises(SealedValueError):
        opened(Tenant(salon.consent), event, contact, "email")
    [asked] = await told(salon, "consent.confirmation_requested")
    assert asked.contact_id == str(contact)
    order = await salon.consent.rows(
        "SELECT type FROM outbox WHERE type IN ('preferences.address_added', 'consent.confirmation_requested')"
        " ORDER BY id"
    )
    assert order[0] == ("preferences.address_added",)
    assert reason(await salon.decide(contact)) == "consent_pending"
    for table in ("outbox", "audit", "consent", "consent_audit", "preference_history"):
        assert await salon.consent.rows(f"SELECT FROM {table} AS t WHERE t::text ILIKE '%%anna.new%%'") == []


@pytest.mark.req("CON-31", "GEN-21")
async def test_a_national_number_is_read_with_the_tenants_country(salon: Tenant) -> None:
    contact = await salon.contact()
    await switch(salon, contact, WHATSAPP, on=True, address="0151 23456789")
    [event] = await told(salon, "preferences.address_added")
    assert opened(salon, event, contact, "whatsapp") == "+4915123456789"


@pytest.mark.req("CON-31")
async def test_the_address_a_contact_has_is_nothing_new(salon: Tenant) -> None:
    contact = await salon.contact()
    answer = await switch(salon, contact, EMAIL, on=True, address=salon.address(contact).upper())
    assert answer.consent.state == GRANTED
    assert await told(salon, "preferences.address_added") == []


@pytest.mark.req("CON-31", "CON-57")
async def test_a_tenants_double_opt_in_holds_for_subscribing_too(salon: Tenant) -> None:
    await salon.settle(double_opt_in_channels=[EMAIL])
    contact = await salon.contact()
    assert (await switch(salon, contact, EMAIL, on=True)).consent.state == PENDING
    assert (await switch(salon, contact, SMS, on=True)).consent.state == GRANTED


@pytest.mark.req("CON-31", "CON-94", "CON-95", "CON-96", "GEN-21", "GEN-22")
async def test_bad_subscriptions_are_refused_and_change_nothing(salon: Tenant) -> None:
    contact = await salon.contact()
    own = salon.as_contact(contact)
    source = consent_pb2.ConsentSource
    bad: list[tuple[int, dict[str, Any], str, str]] = [
        (EMAIL, {"address": "not an address"}, "INVALID_RECIPIENT", "address"),
        (EMAIL, {"address": "a@example.com\nBcc: b@example.com"}, "INVALID_RECIPIENT", "address"),
        (SMS, {"address": "12"}, "INVALID_RECIPIENT", "address"),
        (PUSH, {"address": "device-token"}, "VALIDATION_FAILED", "address"),
        (EMAIL, {"address": "x" * 321}, "VALIDATION_FAILED", "address"),
        (IN_APP, {}, "VALIDATION_FAILED", "channel"),
        (6, {}, "VALIDATION_FAILED", "channel"),
        (0, {}, "VALIDATION_FAILED", "channel"),
        (EMAIL, {"source": 0}, "VALIDATION_FAILED", "source"),
        (EMAIL, {"source": source.CONSENT_SOURCE_COMPLAINT}, "VALIDATION_FAILED", "source"),
        (EMAIL, {"source": source.CONSENT_SOURCE_DOUBLE_OPT_IN}, "VALIDATION_FAILED", "source"),
        (EMAIL, {"source": source.CONSENT_SOURCE_IMPORT, "calls": own}, "VALIDATION_FAILED", "source"),
        (EMAIL, {"source": source.CONSENT_SOURCE_SMS_KEYWORD, "calls": own}, "VALIDATION_FAILED", "source"),
        (EMAIL, {"evidence": evidence(note="x" * 5000)}, "VALIDATION_FAILED", "evidence"),
    ]
    for one, fields, why, place in bad:
        error = await refused(switch(salon, contact, one, on=True, **fields))
        assert (error.reason, [violation.field for violation in error.violations]) == (why, [place]), fields
    await switch(salon, contact, EMAIL, on=False, calls=own)
    before = await history(salon, contact)
    error = await refused(switch(salon, contact, EMAIL, on=True, source=source.CONSENT_SOURCE_STAFF))
    assert error.reason == "EVIDENCE_REQUIRED"
    assert await history(salon, contact) == before
    assert await told(salon, "preferences.address_added") == []


@pytest.mark.req("CON-31", "GEN-29")
async def test_a_repeated_subscription_with_its_key_happens_once(salon: Tenant) -> None:
    contact = await salon.contact()
    fields = {"address": "second@example.com", "idempotency_key": "once"}
    first = await switch(salon, contact, EMAIL, on=True, **fields)
    again = await switch(salon, contact, EMAIL, on=True, **fields)
    assert (first.deduplicated, again.deduplicated) == (False, True)
    assert again.consent == first.consent
    assert len(await told(salon, "preferences.address_added")) == 1


@pytest.mark.req("CON-32", "CON-60", "CON-10")
async def test_leaving_a_channel_stops_its_marketing_and_nothing_else(salon: Tenant) -> None:
    contact = await salon.contact()
    for one in (EMAIL, SMS):
        await salon.grant(contact, one)
    answer = await switch(salon, contact, EMAIL, on=False, reason="too much")
    assert {one.channel: one.is_enabled for one in answer.preferences.channels}[EMAIL]
    assert reason(await salon.decide(contact)) == "suppressed"
    assert reason(await salon.decide(contact, channel=SMS)) == "allow"
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "allow"
    assert not answer.preferences.marketing_opted_out
    [consent] = await salon.consent.rows(
        "SELECT status FROM consent WHERE contact_id = %s AND channel = 'email'", contact
    )
    assert consent == ("revoked",)
    [event] = await told(salon, "consent.opted_out")
    assert (event.contact_id, event.channel) == (str(contact), EMAIL)
    actions = await salon.consent.rows("SELECT channel, method FROM unsubscribe_action")
    assert actions == [("email", "staff")]


@pytest.mark.req("CON-32", "CON-63")
async def test_leaving_a_channel_for_good_switches_it_off_but_for_the_security_of_the_account(
    salon: Tenant,
) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    own = salon.as_contact(contact)
    answer = await switch(salon, contact, EMAIL, on=False, all_messages=True, calls=own)
    assert not {one.channel: one.is_enabled for one in answer.preferences.channels}[EMAIL]
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "channel_off"
    assert reason(await salon.decide(contact, category=common.CATEGORY_ACCOUNT_SECURITY)) == "allow"
    [change] = await history(salon, contact)
    assert (change.changed_by, [one.field for one in change.changes]) == ("contact", ["email.is_enabled"])
    assert (await get(salon, contact)).etag == answer.preferences.etag


@pytest.mark.req("CON-32")
async def test_in_app_items_have_no_consent_so_their_marketing_is_a_switch(salon: Tenant) -> None:
    contact = await salon.contact()
    answer = await switch(salon, contact, IN_APP, on=False)
    assert not grid(answer.preferences)["marketing", IN_APP].is_enabled
    assert {one.channel: one.is_enabled for one in answer.preferences.channels}[IN_APP]
    assert await salon.consent.rows("SELECT FROM consent") == []
    error = await refused(switch(salon, contact, 6, on=False))
    assert error.reason == "VALIDATION_FAILED"


@pytest.mark.req("CON-5", "CON-120")
@pytest.mark.parametrize("one", [SMS, PUSH])
async def test_a_grant_that_switches_its_group_on_is_in_the_history(salon: Tenant, one: int) -> None:
    contact = await salon.contact()
    await salon.grant(contact, one)
    await salon.grant(contact, one)
    [change] = await history(salon, contact)
    word = {SMS: "sms", PUSH: "push"}[one]
    assert [(item.field, item.new_value.bool_value) for item in change.changes] == [
        (f"category.marketing.{word}", True)
    ]
    assert (change.source, change.changed_by) == ("system", "campaign")
    assert await salon.consent.rows("SELECT FROM preference") == []
    # Whoever said no before is not overruled by it.
    other = await salon.contact()
    await set_cells(salon, other, cell(MARKETING_GROUP, one, on=False))
    await salon.grant(other, one)
    assert not grid(await get(salon, other))["marketing", one].is_enabled
    assert await history(salon, other) == []
