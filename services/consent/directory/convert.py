"""What campaign tells of contacts, as this service stores it."""

from uuid import UUID

from angarium.campaign.v1 import contact_pb2
from services.consent.decisions.facts import ContactState
from services.consent.decisions.windows import is_zone
from services.consent.directory.domain import KnownContact
from services.consent.words import CHANNEL, uuid_or_none

_STATES: dict[int, ContactState] = {
    contact_pb2.Contact.STATE_ACTIVE: "active",
    contact_pb2.Contact.STATE_BLOCKED: "blocked",
    contact_pb2.Contact.STATE_ERASED: "erased",
}
# A state this reader does not know yet must not let anything out.
_UNKNOWN_STATE: ContactState = "blocked"


def known_contact(reference: contact_pb2.ContactReference) -> KnownContact:
    """Returns a contact as the directory keeps it; a zone this machine does not know is left out."""
    hashes = {CHANNEL.word(one.channel): one for one in reference.address_hashes if len(one.hash) == 32}
    email, sms, whatsapp = (hashes.get(channel) for channel in ("email", "sms", "whatsapp"))
    phone = sms or whatsapp
    some = email or phone
    return KnownContact(
        contact_id=UUID(reference.contact_id),
        state=_STATES.get(reference.state, _UNKNOWN_STATE),
        branch_id=uuid_or_none(reference.branch_id),
        language=reference.language_code or None,
        time_zone=reference.time_zone if is_zone(reference.time_zone) else None,
        region_code=reference.region_code or None,
        email_hash=email.hash if email else None,
        email_hint=email.hint if email else None,
        sms_hash=sms.hash if sms else None,
        whatsapp_hash=whatsapp.hash if whatsapp else None,
        phone_hint=phone.hint if phone else None,
        hash_key_id=some.key_id if some else None,
        registry_hashes=tuple(reference.registry_hashes),
    )
