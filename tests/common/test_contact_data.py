"""Events without a person: the stand-in stays where the id stood, what says who it was goes."""

from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import campaign_events_pb2, contact_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2
from services.common.contact_data.person import Person, every_hash
from services.common.contact_data.pieces import first_id
from services.common.contact_data.traces import without
from services.common.ids import uuid7
from services.common.security.keys import KeySet


def envelope(*references: contact_pb2.ContactReference, aggregate_id: str = "") -> bytes:
    event = EventEnvelope(type="contact.created", aggregate_id=aggregate_id)
    event.payload.Pack(campaign_events_pb2.ContactsChanged(contacts=references))
    return event.SerializeToString()


def reference(contact_id: UUID) -> contact_pb2.ContactReference:
    return contact_pb2.ContactReference(
        contact_id=str(contact_id),
        address_hashes=[contact_pb2.AddressHash(channel=1, hash=b"h" * 32, hint="a***@example.com")],
    )


@pytest.mark.req("CON-91", "W10")
def test_only_the_persons_item_of_a_block_loses_its_hashes_and_id() -> None:
    person, other = Person(uuid7(), uuid4(), {}), uuid7()
    written, aggregate_id = without(
        envelope(reference(person.contact_id), reference(other), aggregate_id=str(person.contact_id)), person
    )
    assert aggregate_id == str(person.tombstone_id)
    assert str(person.contact_id).encode() not in written
    event = EventEnvelope.FromString(written)
    payload = campaign_events_pb2.ContactsChanged.FromString(event.payload.value)
    assert [one.contact_id for one in payload.contacts] == [str(person.tombstone_id), str(other)]
    assert [len(one.address_hashes) for one in payload.contacts] == [0, 1]


@pytest.mark.req("CON-91")
def test_a_payload_that_nobody_here_can_read_goes_whole() -> None:
    person = Person(uuid7(), uuid4(), {})
    event = EventEnvelope(type="x")
    event.payload.type_url = "type.googleapis.com/unknown.Message"
    event.payload.value = str(person.contact_id).encode()
    written, _ = without(event.SerializeToString(), person)
    assert str(person.contact_id).encode() not in written


@pytest.mark.req("W10")
def test_an_erased_person_is_known_by_a_hash_of_key_tenant_and_id() -> None:
    keys = KeySet({"h2": b"2" * 32, "h1": b"1" * 32})
    tenant, contact = uuid4(), uuid7()
    current, older = every_hash(keys, tenant, contact)
    assert len({current, older, *every_hash(keys, uuid4(), contact), *every_hash(keys, tenant, uuid7())}) == 6
    assert first_id(contact) < contact
    assert first_id(uuid4()) == UUID(int=0)
    # An id holds later instants than a calendar does.
    last = UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")
    assert UUID(int=0) < first_id(last) < last


@pytest.mark.req("CON-91", "W10")
def test_a_sealed_address_on_its_way_goes_with_the_person() -> None:
    person = Person(uuid7(), uuid4(), {})
    event = EventEnvelope(type="preferences.address_added")
    event.payload.Pack(
        consent_events_pb2.ContactAddressAdded(contact_id=str(person.contact_id), sealed_address=b"sealed")
    )
    written, _ = without(event.SerializeToString(), person)
    payload = consent_events_pb2.ContactAddressAdded.FromString(
        EventEnvelope.FromString(written).payload.value
    )
    assert (payload.contact_id, payload.sealed_address) == (str(person.tombstone_id), b"")
