"""Whom a receipt is about: the keyed hash of the address its message went to, read from the sealed recipients."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

import structlog

from services.common.addresses import canonical_email
from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.privacy import mask_email, mask_phone
from services.common.security.envelope import Envelope, SealedValueError
from services.common.security.hashing import address_hash
from services.common.security.keys import KeySet
from services.delivery.messages import sealing
from services.delivery.messages.domain import CHUNK, Channel
from services.delivery.messages.sealing import aad_of_chunk
from services.delivery.receipts import store
from services.delivery.receipts.domain import Standing

log = structlog.get_logger("receipts")


class Address(NamedTuple):
    """An address nobody can read back."""

    hash: bytes
    hash_key_id: str
    hint: str


async def addresses_of(
    uow: UnitOfWork, envelope: Envelope, keys: KeySet, standings: Iterable[Standing]
) -> dict[bytes, Address]:
    """Returns the addresses of messages; those whose content is erased are left out."""
    wanted = list(standings)
    if not wanted or uow.tenant_id is None:
        return {}
    places = sorted({(one.content_id, one.position // CHUNK) for one in wanted})
    opened = {}
    for content_id, number, sealed in await store.chunks(uow, places):
        try:
            plain = await envelope.open(uow, sealed, aad_of_chunk(content_id, number))
        except SealedValueError as error:
            log.info("recipients of a reported message are erased", error=type(error).__name__)
            continue
        opened[content_id, number] = sealing.records(plain)
    secrets = await person_keys.secrets_of(
        uow, [UUID(bytes=one.contact_id) for one in wanted if one.contact_id]
    )
    found = {}
    for one in wanted:
        members = opened.get((one.content_id, one.position // CHUNK))
        if not members:
            continue
        secret = secrets.get(UUID(bytes=one.contact_id)) if one.contact_id else None
        recipient = sealing.recipient(members[one.position % CHUNK], secret, one.content_id, one.position)
        if recipient is not None and recipient.address:
            found[one.message_id] = _address(keys, uow.tenant_id, one.channel, recipient.address)
    return found


def _address(keys: KeySet, tenant_id: UUID, channel: Channel, text: str) -> Address:
    is_mail = channel is Channel.EMAIL
    canonical = canonical_email(text) if is_mail else text
    hint = mask_email(text) if is_mail else mask_phone(text)
    return Address(address_hash(keys, tenant_id, channel.name.lower(), canonical), keys.current[0], hint)
