"""Two contacts that turn out to be one person: whatever either refused is refused (CAM-79)."""

from uuid import UUID

import pytest

from angarium.campaign.v1 import campaign_events_pb2
from angarium.consent.v1 import compliance_service_pb2, consent_pb2, consent_service_pb2
from tests.consent.kit import EMAIL, MARKETING, SMS, Tenant
from tests.consent.preferring import get, update

ALLOW = compliance_service_pb2.OUTCOME_ALLOW


async def merge(tenant: Tenant, kept: UUID, merged: UUID) -> None:
    payload = campaign_events_pb2.ContactMerged(kept=tenant.reference(kept), merged_contact_id=str(merged))
    await tenant.apply("contact.merged", payload)


async def revoke(tenant: Tenant, contact: UUID, channel: int = EMAIL) -> None:
    request = consent_service_pb2.RevokeConsentRequest(
        subject=consent_pb2.Subject(contact_id=str(contact)),
        channel=channel,
        message_class=MARKETING,
        source=consent_pb2.CONSENT_SOURCE_WEB_FORM,
    )
    service = tenant.service("campaign")
    await service.call(service.consents.RevokeConsent, request)


async def opt_out(tenant: Tenant, contact: UUID) -> None:
    request = consent_service_pb2.OptOutRequest(
        subject=consent_pb2.Subject(contact_id=str(contact)),
        source=consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST,
    )
    service = tenant.service("campaign")
    await service.call(service.consents.OptOut, request)


async def is_allowed(tenant: Tenant, contact: UUID, channel: int = EMAIL) -> bool:
    return (await tenant.decide(contact, channel=channel)).outcome == ALLOW


@pytest.mark.req("CAM-79")
async def test_a_withdrawal_on_either_side_ends_the_consent_of_the_kept_contact(salon: Tenant) -> None:
    kept, merged = await salon.contact(), await salon.contact()
    await salon.grant(kept)
    await salon.grant(merged)
    await revoke(salon, merged)
    assert await is_allowed(salon, kept)
    await merge(salon, kept, merged)
    assert not await is_allowed(salon, kept)
    await merge(salon, kept, merged)

    other, refused = await salon.contact(), await salon.contact()
    await salon.grant(other)
    await revoke(salon, refused)
    await merge(salon, refused, other)
    assert not await is_allowed(salon, refused)


@pytest.mark.req("CAM-79")
async def test_an_opt_out_of_the_merged_contact_stops_all_marketing_to_the_kept_one(salon: Tenant) -> None:
    kept, merged = await salon.contact(), await salon.contact()
    await salon.grant(kept)
    await salon.grant(kept, SMS)
    await opt_out(salon, merged)
    await merge(salon, kept, merged)
    assert not await is_allowed(salon, kept)
    assert not await is_allowed(salon, kept, SMS)
    assert (await get(salon, kept)).marketing_opted_out


@pytest.mark.req("CAM-79")
async def test_what_the_merged_contact_granted_follows_where_the_kept_one_never_said_anything(
    salon: Tenant,
) -> None:
    kept, merged = await salon.contact(), await salon.contact()
    given = await salon.grant(merged)
    await merge(salon, kept, merged)
    assert await is_allowed(salon, kept)
    rows = await salon.consent.rows(
        "SELECT status, granted_at FROM consent WHERE contact_id = %s AND channel = 'email'", kept
    )
    assert [(status, at.replace(microsecond=0)) for status, at in rows] == [
        ("granted", given.grant_time.ToDatetime(tzinfo=rows[0][1].tzinfo).replace(microsecond=0))
    ]


@pytest.mark.req("CAM-79")
async def test_what_either_switched_off_is_off_and_each_change_is_told_in_the_trail(salon: Tenant) -> None:
    kept, merged = await salon.contact(), await salon.contact()
    await salon.grant(kept)
    await update(
        salon, merged, "sms_critical_only,max_emails_per_day", sms_critical_only=True, max_emails_per_day=3
    )
    await revoke(salon, merged)
    await merge(salon, kept, merged)
    found = await get(salon, kept)
    assert (found.sms_critical_only, found.max_emails_per_day) == (True, 3)
    rows = await salon.consent.rows(
        "SELECT old_value FROM consent_audit WHERE contact_id = %s AND new_value = 'revoked'", kept
    )
    assert rows == [("granted",)]
