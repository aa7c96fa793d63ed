"""What an item says, sealed with the key of its person inside the key of the tenant (GEN-36)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import inbox_service_pb2 as pb
from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope, KeyGoneError
from services.delivery.enums import wire
from services.delivery.inbox.store import Row
from services.delivery.messages.domain import Category

_PLACE: Final = b"inbox_item"


def aad(item_id: UUID) -> bytes:
    """Returns the place of an item's words."""
    return _PLACE + item_id.bytes


def seal(words: pb.InboxItem, item_id: UUID, secret: bytes) -> bytes:
    """Returns the words of an item sealed with its person's key, ready for the outer seal."""
    return person_keys.seal(secret, words.SerializeToString(), aad(item_id))


async def opened(uow: UnitOfWork, envelope: Envelope, rows: Sequence[Row]) -> list[pb.InboxItem]:
    """Returns items as the contract has them; those of a person who was erased are left out."""
    plain = await envelope.open_many(uow, [row.sealed for row in rows], [aad(row.item_id) for row in rows])
    secrets = await person_keys.secrets_of(uow, list({row.contact_id for row in rows}))
    found = []
    for row, sealed in zip(rows, plain, strict=True):
        try:
            words = person_keys.unseal(secrets.get(row.contact_id), sealed, aad(row.item_id))
        except KeyGoneError:
            continue
        found.append(_item(row, pb.InboxItem.FromString(words)))
    return found


def _item(row: Row, item: pb.InboxItem) -> pb.InboxItem:
    item.item_id = str(row.item_id)
    if not item.staff_id:
        item.contact_id = str(row.contact_id)
    item.category, item.group_key = wire(Category(row.category)), row.group_key
    item.create_time.FromDatetime(row.created_at)
    item.expire_time.FromDatetime(row.expires_at)
    if row.read_at is not None:
        item.read_time.FromDatetime(row.read_at)
    if row.archived_at is not None:
        item.archive_time.FromDatetime(row.archived_at)
    return item
