"""The inbox as a provider: a message of channel in_app is handed over by storing its item (DEL-96, DEL-107)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import inbox_service_pb2 as pb
from services.common.contact_data import keys as person_keys
from services.common.contact_data import merged
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.common.security.keys import KeySet
from services.delivery import providers
from services.delivery.accounts.internal import INBOX
from services.delivery.inbox import receipts, sealing, store
from services.delivery.inbox.hub import WAKE
from services.delivery.inbox.store import NewItem
from services.delivery.messages.domain import Category
from services.delivery.providers import (
    Block,
    Outcome,
    Outgoing,
    Receipt,
    Result,
)
from services.delivery.providers.base import CAMPAIGN_ARGUMENT, MESSAGE_ARGUMENT
from services.delivery.providers.carried import Carried
from services.delivery.subjects import Subject, of_address

ERASED: Final = "contact_erased"


class InboxProvider(Carried):
    """Stores items; a repeat finds them stored."""

    name = INBOX.provider
    channel = "in_app"
    wakes = WAKE

    def __init__(self, database: Database, envelope: Envelope, hash_keys: KeySet, kept: timedelta) -> None:
        super().__init__(database)
        self._envelope = envelope
        self._hash_keys = hash_keys
        self._kept = kept

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - as every provider
        """Returns what an inbox told."""
        return receipts.parse(raw)

    async def _store(self, uow: UnitOfWork, block: Block) -> Mapping[UUID, Outcome]:
        return {
            message_id: Outcome(message_id, Result.PERMANENT, ERASED, recipient_fault=True)
            for message_id in await self._put(uow, block)
        }

    async def _put(self, uow: UnitOfWork, block: Block) -> set[UUID]:
        """Stores what is new and returns the messages whose people were erased."""
        subjects = {one.message_id: self._subject(uow, one.address) for one in block.outgoing}
        people = {message_id: subject.id for message_id, subject in subjects.items()}
        kept = await merged.kept_of(uow, set(people.values()))
        people = {message_id: kept.get(one, one) for message_id, one in people.items()}
        ring = await person_keys.keyring(uow, self._hash_keys, list(people.values()))
        going = [one for one in block.outgoing if people[one.message_id] in ring.secrets]
        plain = [
            sealing.seal(
                _words(block, one, subjects[one.message_id]),
                one.message_id,
                ring.secrets[people[one.message_id]],
            )
            for one in going
        ]
        sealed = await self._envelope.seal_many(uow, plain, [sealing.aad(one.message_id) for one in going])
        items = [
            NewItem(one.message_id, people[one.message_id], one.group_key, words)
            for one, words in zip(going, sealed, strict=True)
        ]
        if items:
            now = uow.now()
            category = int(Category[block.category.upper()])
            await store.put(uow, items, category, now=now, expires_at=now + self._kept)
            ids = [one.item_id for one in items]
            await receipts.tell(
                uow, self._envelope, providers.ReceiptKind.DELIVERED, ids, later=receipts.LATER
            )
        return people.keys() - {one.item_id for one in items}

    @staticmethod
    def _subject(uow: UnitOfWork, address: str) -> Subject:
        assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
        return of_address(uow.tenant_id, address)


def _words(block: Block, one: Outgoing, subject: Subject) -> pb.InboxItem:
    item = pb.InboxItem(
        staff_id=subject.staff_id,
        title=block.content.join(one.slots, "subject"),
        body=block.content.join(one.slots, "text"),
        action_url=one.action_url,
    )
    item.data[MESSAGE_ARGUMENT] = str(one.message_id)
    if one.campaign_id:
        item.data[CAMPAIGN_ARGUMENT] = one.campaign_id
    return item
