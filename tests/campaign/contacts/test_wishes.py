"""What contacts say to consent is mirrored on their rows: the later word wins, and nobody's address is taken away."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2 as said_pb2
from services.campaign import events
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.security.envelope import SealedValueError
from services.common.security.sealing import NEW_ADDRESS, Sealer, new_address_place
from tests.campaign.contacts.test_contacts import batch, contact
from tests.campaign.contacts.test_contacts import events as emitted
from tests.house import Served

EMAIL, SMS, WHATSAPP = enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_WHATSAPP
WORDS = {EMAIL: "email", SMS: "sms", WHATSAPP: "whatsapp"}
MINUTE = timedelta(minutes=1)


async def one(served: Served, **fields: Any) -> UUID:
    [answer] = await batch(served, [contact(uuid4().hex, **fields)])
    return UUID(answer.contact_ids[0])


async def read(served: Served, contact_id: UUID) -> contact_pb2.Contact:
    stub = served.person(ContactServiceStub)
    return (await stub.GetContact(contact_service_pb2.GetContactRequest(contact_id=str(contact_id)))).contact


async def edit(served: Served, contact_id: UUID, mask: str, **fields: Any) -> None:
    stub = served.person(ContactServiceStub)
    await stub.UpsertContact(
        contact_service_pb2.UpsertContactRequest(
            contact=contact_pb2.Contact(contact_id=str(contact_id), **fields),
            update_mask=FieldMask(paths=mask.split(",")),
        )
    )


async def apply(served: Served, kind: str, payload: Message, at: datetime | None = None) -> None:
    envelope = EventEnvelope(type=kind, tenant_id=str(served.tenant_id), source="consent")
    envelope.occur_time.FromDatetime(at or served.service.database.clock.now())
    assert isinstance(served.settings, CampaignSettings)
    async with served.service.database.tenant(served.tenant_id) as uow:
        await events.handlers(served.settings)[kind](uow, envelope, payload)


async def says(served: Served, contact_id: UUID, at: datetime | None = None, **fields: str) -> None:
    payload = said_pb2.PreferencesUpdated(contact_id=str(contact_id), fields=list(fields), **fields)
    await apply(served, "preferences.updated", payload, at)


async def adds(
    served: Served,
    contact_id: UUID,
    channel: enums_pb2.Channel,
    address: str,
    *,
    sealed_for: UUID | None = None,
) -> None:
    sealer = Sealer(served.settings.encryption_keys, NEW_ADDRESS)
    place = new_address_place(sealed_for or contact_id, WORDS[channel])
    payload = said_pb2.ContactAddressAdded(
        contact_id=str(contact_id),
        channel=channel,
        sealed_address=sealer.seal(served.tenant_id, address.encode(), place),
    )
    await apply(served, "preferences.address_added", payload)


@pytest.mark.req("CAM-5", "EVT-113", "EVT-115")
async def test_language_and_zone_that_a_contact_chose_are_taken_over_and_told_on(
    campaign: Served, clock: FixedClock
) -> None:
    contact_id = await one(campaign, language_code="en", time_zone="Europe/London", first_name="Ann")
    clock.advance(MINUTE)
    await says(campaign, contact_id, language_code="fr")
    found = await read(campaign, contact_id)
    assert (found.language_code, found.time_zone, found.first_name) == ("fr", "Europe/London", "Ann")
    newest = (await emitted(campaign))[-1]
    assert newest.type == "contact.updated"
    before = len(await emitted(campaign))
    for fields in ({"language_code": "fr"}, {"language_code": ""}, {"digest_time": ""}):
        payload = said_pb2.PreferencesUpdated(contact_id=str(contact_id), fields=list(fields))
        payload.language_code = fields.get("language_code", "de")
        await apply(campaign, "preferences.updated", payload)
    assert (await read(campaign, contact_id)).language_code == "fr"
    assert len(await emitted(campaign)) == before


@pytest.mark.req("CAM-5")
async def test_of_two_changes_of_a_field_the_later_one_stands_whenever_it_is_heard_of(
    campaign: Served, clock: FixedClock
) -> None:
    contact_id = await one(campaign, language_code="en", time_zone="Europe/London")
    start = clock.now()
    clock.advance(10 * MINUTE)
    await edit(campaign, contact_id, "language_code", language_code="de")
    # Said before that edit, heard of after it: the edit stands; the zone was never edited.
    await says(campaign, contact_id, start + 5 * MINUTE, language_code="fr", time_zone="Europe/Paris")
    found = await read(campaign, contact_id)
    assert (found.language_code, found.time_zone) == ("de", "Europe/Paris")
    await says(campaign, contact_id, start + 10 * MINUTE, language_code="fr")
    assert (await read(campaign, contact_id)).language_code == "fr"
    await says(campaign, contact_id, start + 9 * MINUTE, language_code="es")
    assert (await read(campaign, contact_id)).language_code == "fr"
    # An import that changes another field is no change of these.
    clock.advance(MINUTE)
    external_id = (await read(campaign, contact_id)).external_id
    await batch(campaign, [contact(external_id, first_name="Anna")])
    await says(campaign, contact_id, start + 11 * MINUTE - MINUTE / 2, language_code="pt")
    assert (await read(campaign, contact_id)).language_code == "pt"
    await batch(campaign, [contact(external_id, language_code="hi")])
    assert (await read(campaign, contact_id)).language_code == "hi"


@pytest.mark.req("CON-31", "CAM-79", "GEN-21", "GEN-22")
async def test_an_address_that_a_contact_added_becomes_its_own_and_stays_its_former_owners(
    campaign: Served,
) -> None:
    owner = await one(campaign, email="shared@example.com", phone="+493012345678")
    contact_id = await one(campaign, email="old@example.com")
    before = len(await emitted(campaign))
    for _ in range(2):
        await adds(campaign, contact_id, EMAIL, "Shared@Example.com")
    await adds(campaign, contact_id, WHATSAPP, "+493012345678")
    found = await read(campaign, contact_id)
    assert (found.email, found.phone) == ("Shared@Example.com", "+493012345678")
    other = await read(campaign, owner)
    assert (other.email, other.phone, other.state) == (
        "shared@example.com",
        "+493012345678",
        contact_pb2.Contact.STATE_ACTIVE,
    )
    assert [one.type for one in (await emitted(campaign))[before:]] == ["contact.address_changed"] * 2
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT after::text FROM audit WHERE action = 'contact.address_added' ORDER BY audit_id"
        )
    assert len(rows) == 2
    for (after,) in rows:
        assert '"also_of_contacts": 1' in after
        assert "example.com" not in after


@pytest.mark.req("CON-31", "GEN-36")
async def test_an_address_sealed_for_somebody_else_is_not_opened_and_an_unknown_contact_gets_none(
    campaign: Served,
) -> None:
    contact_id = await one(campaign, email="old@example.com")
    with pytest.raises(SealedValueError):
        await adds(campaign, contact_id, EMAIL, "new@example.com", sealed_for=uuid4())
    await adds(campaign, uuid4(), EMAIL, "new@example.com")
    assert (await read(campaign, contact_id)).email == "old@example.com"
