"""What campaign tells of contacts, as this service stores it."""

from uuid import UUID

from angarium.campaign.v1 import contact_pb2
from angarium.common.v1 import enums_pb2
from services.common.security.hashing import HASH_BYTES
from services.consent.decisions.facts import ContactState
from services.consent.decisions.windows import is_zone
from services.consent.directory.domain import KnownContact
from services.consent.words import uuid_or_none

_EMAIL, _SMS = enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS
_WHATSAPP = enums_pb2.CHANNEL_WHATSAPP
_STATES: dict[int, ContactState] = {
    contact_pb2.Contact.STATE_ACTIVE: "active",
    contact_pb2.Contact.STATE_BLOCKED: "blocked",
    contact_pb2.Contact.STATE_ERASED: "erased",
}
# A state this reader does not know yet must not let anything out.
_UNKNOWN_STATE: ContactState = "blocked"


def known_contact(reference: contact_pb2.ContactReference) -> KnownContact:
    """Returns a contact as the directory keeps it; a zone this machine does not know is left out."""
    hashes = {one.channel: one for one in reference.address_hashes if len(one.hash) == HASH_BYTES}
    email, sms = hashes.get(_EMAIL), hashes.get(_SMS)
    whatsapp = hashes.get(_WHATSAPP)
    phone = sms or whatsapp
    some = email or phone
    return KnownContact(
        UUID(reference.contact_id),
        _STATES.get(reference.state, _UNKNOWN_STATE),
        uuid_or_none(reference.branch_id),
        reference.language_code or None,
        reference.time_zone if is_zone(reference.time_zone) else None,
        reference.region_code or None,
        email.hash if email else None,
        email.hint if email else None,
        sms.hash if sms else None,
        whatsapp.hash if whatsapp else None,
        phone.hint if phone else None,
        some.key_id if some else None,
        tuple(reference.registry_hashes),
    )
