"""Language and zone are said by contacts and by campaign: the later word stands on both sides."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from angarium.campaign.v1 import campaign_events_pb2
from tests.consent.kit import Tenant
from tests.consent.preferring import get, history, update

MINUTE = timedelta(minutes=1)


async def campaign_says(
    tenant: Tenant, contact: UUID, at: datetime, kind: str = "contact.updated", **fields: Any
) -> None:
    reference = tenant.reference(contact, **fields)
    await tenant.apply(kind, campaign_events_pb2.ContactsChanged(contacts=[reference]), at=at)


@pytest.mark.req("CAM-5", "CON-127", "CON-5")
async def test_a_later_change_in_campaign_is_taken_over_and_told_in_the_history(salon: Tenant) -> None:
    clock = salon.consent.clock
    contact = await salon.contact(language_code="en", time_zone="Europe/Berlin")
    clock.advance(MINUTE)
    await update(salon, contact, "language_code,time_zone", language_code="fr", time_zone="Europe/Paris")
    clock.advance(MINUTE)
    await campaign_says(salon, contact, clock.now(), language_code="de", time_zone="Europe/Berlin")
    found = await get(salon, contact)
    # The zone was only repeated, so the contact's own stands.
    assert (found.language_code, found.time_zone) == ("de", "Europe/Paris")
    newest = (await history(salon, contact))[0]
    assert (newest.changed_by, newest.source) == ("campaign", "system")
    assert [one.field for one in newest.changes] == ["language_code"]
    assert (await salon.decide(contact)).language_code == "de"


@pytest.mark.req("CAM-5", "CON-127")
async def test_what_the_contact_said_later_stands_whatever_is_heard_of_afterwards(salon: Tenant) -> None:
    clock = salon.consent.clock
    contact = await salon.contact(language_code="en")
    start = clock.now()
    clock.advance(10 * MINUTE)
    await update(salon, contact, "language_code", language_code="fr")
    # Edited in campaign before the contact said so, heard of after it; then campaign's own mirror comes back.
    await campaign_says(salon, contact, start + 5 * MINUTE, language_code="de")
    assert (await get(salon, contact)).language_code == "fr"
    clock.advance(MINUTE)
    await campaign_says(salon, contact, clock.now(), language_code="fr")
    assert (await get(salon, contact)).language_code == "fr"
    assert len(await history(salon, contact)) == 1


@pytest.mark.req("CON-28", "CON-118")
async def test_what_a_contact_never_said_is_campaigns_to_say(salon: Tenant) -> None:
    contact = await salon.contact(language_code="en")
    salon.consent.clock.advance(MINUTE)
    await campaign_says(salon, contact, salon.consent.clock.now(), language_code="de")
    assert (await salon.decide(contact)).language_code == "de"
    assert await salon.consent.rows("SELECT FROM preference") == []
    await update(salon, contact, "sms_critical_only", sms_critical_only=True)
    await campaign_says(salon, contact, salon.consent.clock.now() + MINUTE, language_code="es")
    assert (await get(salon, contact)).language_code == ""
    assert (await salon.decide(contact)).language_code == "es"
