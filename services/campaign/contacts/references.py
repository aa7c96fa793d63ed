"""What other services may know of contacts: keyed hashes of addresses, never the addresses."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from angarium.campaign.v1 import contact_pb2 as pb
from angarium.common.v1 import enums_pb2
from services.campaign.contacts.convert import STATES
from services.campaign.contacts.domain import Contact, Reference
from services.common.privacy import mask_email, mask_phone
from services.common.security.hashing import address_hash_candidates, address_hashes
from services.common.security.keys import KeySet

_EVERYBODY = UUID(int=0)
"""Stands for the tenant in hashes that all tenants share."""


def reference(contact: Contact) -> Reference:
    """Returns what others may know of a stored contact."""
    assert contact.contact_id is not None  # noqa: S101 - a stored contact has its id
    return Reference(
        contact.contact_id,
        contact.state,
        contact.branch_id,
        contact.language_code,
        contact.time_zone,
        contact.region_code,
        contact.email_canonical,
        contact.phone,
    )


def references_to_proto(
    references: Iterable[Reference], keys: KeySet, tenant_id: UUID
) -> list[pb.ContactReference]:
    """Returns what other services may know: hashes of the addresses, never the addresses."""
    rows = list(references)
    key_id, _ = keys.current
    emails = _hashes(keys, tenant_id, "email", [row.email_canonical for row in rows])
    phones = [row.phone for row in rows]
    texts, chats = (_hashes(keys, tenant_id, channel, phones) for channel in ("sms", "whatsapp"))
    found = []
    for index, row in enumerate(rows):
        message = pb.ContactReference(
            contact_id=str(row.contact_id),
            state=STATES[row.state],
            branch_id=str(row.branch_id or ""),
            language_code=row.language_code or "",
            time_zone=row.time_zone or "",
            region_code=row.region_code or "",
        )
        if row.email_canonical:
            message.address_hashes.add(
                channel=enums_pb2.CHANNEL_EMAIL,
                hash=emails[index],
                key_id=key_id,
                hint=mask_email(row.email_canonical),
            )
        if row.phone:
            hint = mask_phone(row.phone)
            for channel, hashes in ((enums_pb2.CHANNEL_SMS, texts), (enums_pb2.CHANNEL_WHATSAPP, chats)):
                message.address_hashes.add(channel=channel, hash=hashes[index], key_id=key_id, hint=hint)
        found.append(message)
    return found


def registry_hashes(reference: Reference, keys: KeySet) -> list[bytes]:
    """Returns the hashes by which registries that all tenants share know a contact's number, one for each key."""
    if not reference.phone:
        return []
    return list(address_hash_candidates(keys, _EVERYBODY, "sms", reference.phone).values())


def _hashes(
    keys: KeySet, tenant_id: UUID, channel: str, addresses: Sequence[str | None]
) -> Mapping[int, bytes]:
    """Returns the hashes of those addresses that there are, by their places."""
    places = [place for place, address in enumerate(addresses) if address]
    hashes = address_hashes(keys, tenant_id, channel, (addresses[place] or "" for place in places))
    return dict(zip(places, hashes, strict=True))
