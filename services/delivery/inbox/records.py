"""What an inbox holds of a person, as it is exported (W10)."""

import json
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from google.protobuf.json_format import MessageToDict

from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.delivery.inbox import sealing, store

_BLOCK: Final = 200


class InboxItems:
    """The items of a person, archived ones included, in the order of their last changes."""

    name = "inbox_items"

    def __init__(self, envelope: Envelope) -> None:
        self._envelope = envelope

    async def read(self, uow: UnitOfWork, contact_id: UUID) -> AsyncIterator[list[str]]:
        """Yields items with what they say."""
        after = 0
        while rows := await store.changes(uow, contact_id, after, _BLOCK):
            after = rows[-1].change
            items = await sealing.opened(uow, self._envelope, rows)
            yield [
                json.dumps(
                    MessageToDict(
                        item, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
                    ),
                    ensure_ascii=False,
                )
                for item in items
            ]
