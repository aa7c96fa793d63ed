"""What contacts said to consent, mirrored on their rows: language, zone, and addresses they added."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast
from uuid import UUID

from google.protobuf.message import Message

from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2
from services.campaign.contacts import announce, handlers, store
from services.campaign.contacts.blocks import Written
from services.campaign.contacts.domain import Contact, ContactState
from services.common import audit
from services.common.addresses import canonical_email, parse_phone
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler
from services.common.security.keys import KeySet
from services.common.security.sealing import NEW_ADDRESS, Sealer, new_address_place

_WORDS: Mapping[int, str] = {
    enums_pb2.CHANNEL_EMAIL: "email",
    enums_pb2.CHANNEL_SMS: "sms",
    enums_pb2.CHANNEL_WHATSAPP: "whatsapp",
}


class Wishes:
    """Applies what contacts said; a repeat changes nothing."""

    def __init__(self, hash_keys: KeySet, encryption_keys: KeySet) -> None:
        self._keys = hash_keys
        self._sealer = Sealer(encryption_keys, NEW_ADDRESS)

    def handlers(self) -> dict[str, Handler]:
        """Returns what is consumed."""
        return {
            "preferences.updated": self.preferences_updated,
            "preferences.address_added": self.address_added,
        }

    async def preferences_updated(self, uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        """Takes over language and zone, unless they were changed here after the contact said so (CAM-5)."""
        said = cast("consent_events_pb2.PreferencesUpdated", payload)
        wanted = {
            name: value
            for name, value in (("language_code", said.language_code), ("time_zone", said.time_zone))
            if name in said.fields and value
        }
        said_at = envelope.occur_time.ToDatetime(tzinfo=uow.now().tzinfo)
        if wanted and await store.wish(uow, UUID(said.contact_id), wanted, said_at):
            references = await store.references(uow, [UUID(said.contact_id)])
            announce.written(uow, [Written(one, changed=tuple(wanted)) for one in references], self._keys)

    async def address_added(self, uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
        """Gives the contact the address it named; whoever had that address before keeps it too (CAM-79)."""
        added = cast("consent_events_pb2.ContactAddressAdded", payload)
        contact_id, channel = UUID(added.contact_id), _WORDS[added.channel]
        place = new_address_place(contact_id, channel)
        assert uow.tenant_id is not None  # noqa: S101 - events of contacts belong to a tenant
        address = self._sealer.open(uow.tenant_id, added.sealed_address, place).decode()
        known = await store.by_key(uow, contact_id=contact_id, lock=True)
        if known is None or known.state is ContactState.ERASED:
            return
        changed = _with_address(known, channel, address)
        if (changed.email_canonical, changed.phone) == (known.email_canonical, known.phone):
            return
        others = await store.count_sharing(
            uow, contact_id, email_canonical=changed.email_canonical, phone=changed.phone, channel=channel
        )
        await handlers.save(uow, known, changed, self._keys)
        await audit.record(
            uow,
            action="contact.address_added",
            resource_type="contact",
            resource_id=contact_id,
            before=None,
            after={"channel": channel, "also_of_contacts": others},
        )


def _with_address(contact: Contact, channel: str, address: str) -> Contact:
    if channel == "email":
        return replace(contact, email=address, email_canonical=canonical_email(address))
    return replace(contact, phone=parse_phone(address))
