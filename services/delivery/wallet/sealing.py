"""What a pass shows, sealed with the key of its holder inside the tenant's (GEN-36)."""

import os
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import wallet_service_pb2 as pb
from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.security.envelope import Envelope, KeyGoneError
from services.common.security.keys import KeySet
from services.delivery.wallet import convert
from services.delivery.wallet.domain import Pass
from services.delivery.wallet.store import Row

_SALT: Final = 8


async def sealed(uow: UnitOfWork, envelope: Envelope, hash_keys: KeySet, one: Pass) -> Row:
    """Returns a pass as it is stored; NOT_FOUND for a contact that was erased."""
    ring = await person_keys.keyring(uow, hash_keys, [one.contact_id])
    if one.contact_id in ring.erased:
        raise not_found("contact", one.contact_id)
    plain = convert.shown(one.fields).SerializeToString()
    # A place is sealed once; a pass that changes is sealed again.
    salt = os.urandom(_SALT)
    inner = person_keys.seal(ring.secrets[one.contact_id], plain, _aad(one.pass_id) + salt)
    words = await envelope.seal(uow, salt + inner, _aad(one.pass_id))
    return Row(
        one.pass_id, one.contact_id, one.ticket_ref, one.kind, one.state, one.version, one.issue, words,
        one.expires_at, one.download_expires_at, one.created_at, one.updated_at, one.fields.event_ref, one.offer_id,
    )  # fmt: skip


async def opened(uow: UnitOfWork, envelope: Envelope, row: Row | None) -> Pass | None:
    """Returns a stored pass with what it shows; None when it is absent or its person was erased."""
    if row is None:
        return None
    inner = await envelope.open(uow, row.sealed, _aad(row.pass_id))
    secrets = await person_keys.secrets_of(uow, [row.contact_id])
    salt, body = inner[:_SALT], inner[_SALT:]
    try:
        plain = person_keys.unseal(secrets.get(row.contact_id), body, _aad(row.pass_id) + salt)
    except KeyGoneError:
        return None
    return Pass(
        row.pass_id, row.contact_id, row.ticket_ref, row.kind, convert.fields(pb.PassFields.FromString(plain)),
        row.state, row.version, row.issue, row.expires_at, row.download_expires_at, row.created_at, row.updated_at,
        row.offer_id,
    )  # fmt: skip


def _aad(pass_id: UUID) -> bytes:
    return b"wallet_pass" + pass_id.bytes
