"""Variables that one person may see once, such as codes: kept apart, and gone as soon as the message left or ended.

They are sealed with the person's key inside and the tenant's outside, as recipients are. The database removes them in
the transaction that makes their message sent, or anything after or instead of it.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from google.protobuf.struct_pb2 import Struct

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope, KeyGoneError, SealedValueError
from services.delivery import columns
from services.delivery.messages import convert
from services.delivery.messages.domain import Category, Recipients

_INSERT: Final = """
INSERT INTO message_secret (tenant_id, message_id, sealed)
SELECT %(tenant_id)s, r.id, r.sealed FROM unnest(%(ids)b::uuid[], %(sealed)b::bytea[]) AS r (id, sealed)
ON CONFLICT (tenant_id, message_id) DO NOTHING
"""

_FIND: Final = """
SELECT uuid_send(message_id), sealed FROM message_secret
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[])
"""

_FORGET: Final = """
DELETE FROM message_secret WHERE (tenant_id, message_id) IN (
    SELECT tenant_id, message_id FROM message_secret WHERE message_id < %s LIMIT %s)
"""


def are_of(category: Category) -> bool:
    """Returns whether the variables of a category are kept apart."""
    return category is Category.ACCOUNT_SECURITY


def without(recipients: Recipients, people: Sequence[pb.Recipient]) -> Recipients:
    """Returns recipients packed without their variables."""
    bare = []
    for person in people:
        copy = pb.Recipient()
        copy.CopyFrom(person)
        copy.ClearField("variables")
        bare.append(convert.packed(copy))
    return Recipients(
        recipients.ids,
        recipients.contacts,
        recipients.languages,
        bare,
        recipients.positions,
        recipients.caller_ids,
    )


async def keep(
    uow: UnitOfWork,
    envelope: Envelope,
    ids: Sequence[bytes],
    people: Sequence[pb.Recipient],
    keys: Sequence[bytes | None],
) -> None:
    """Stores the variables of messages; `keys` are the secrets of their persons, None for bare addresses."""
    plain = []
    for id, person, key in zip(ids, people, keys, strict=True):
        body = person.variables.SerializeToString()
        plain.append(body if key is None else person_keys.seal(key, body, _place(id)))
    sealed = await envelope.seal_many(uow, plain, [_place(id) for id in ids])
    uow.defer(
        _INSERT,
        {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids), "sealed": columns.blobs(sealed)},
    )


async def load(
    uow: UnitOfWork, envelope: Envelope, keys: Mapping[bytes, bytes | None]
) -> dict[bytes, Struct]:
    """Returns the variables of messages as far as they are there; `keys` are the persons' secrets by message."""
    rows = await uow.fetch_all(_FIND, {"tenant_id": uow.tenant_id, "ids": columns.uuids(list(keys))})
    found: dict[bytes, Struct] = {}
    for id, sealed in rows:
        try:
            body = await envelope.open(uow, sealed, _place(id))
            key = keys[id]
            plain = body if key is None else person_keys.unseal(key, body, _place(id))
        except (KeyGoneError, SealedValueError):
            # The person was erased, or the tenant is.
            continue
        found[id] = Struct.FromString(plain)
    return found


async def forget(uow: UnitOfWork, before: UUID, limit: int) -> int:
    """Removes what is left of messages made before an id; returns how many there were."""
    return await uow.execute(_FORGET, (before, limit))


def _place(message_id: bytes) -> bytes:
    return b"secret" + message_id
