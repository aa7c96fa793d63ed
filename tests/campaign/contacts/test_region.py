"""Where a contact is: read from the contract, kept, and told to other services."""

from uuid import uuid4

import pytest

from angarium.campaign.v1 import contact_pb2 as pb
from services.campaign.contacts import convert, reading, references
from services.campaign.contacts.domain import ContactState, Reference
from services.common.security.keys import KeySet


@pytest.mark.parametrize(("given", "kept"), [("", None), ("de", "DE"), ("us-fl", "US-FL"), ("GB", "GB")])
def test_a_region_is_a_code_of_iso_3166_in_capitals(given: str, kept: str | None) -> None:
    contact, violations = reading.contact_from_proto(pb.Contact(region_code=given), "DE")
    assert (contact.region_code, violations) == (kept, [])
    assert convert.contact_to_proto(contact).region_code == (kept or "")


@pytest.mark.parametrize("given", ["UK", "US-ZZ", "Germany"])
def test_what_is_no_region_is_refused_by_name(given: str) -> None:
    _, violations = reading.contact_from_proto(pb.Contact(region_code=given), "DE")
    assert [one.field for one in violations] == ["contact.region_code"]


def test_other_services_are_told_the_region() -> None:
    row = Reference(uuid4(), ContactState.ACTIVE, None, None, None, "US-FL", None, None)
    (told,) = references.references_to_proto([row], KeySet({"k1": bytes(32)}), uuid4())
    assert told.region_code == "US-FL"
