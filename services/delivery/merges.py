"""What follows a contact that becomes part of another: where they are reached, their inbox, what they were sent of late.

Messages stay under the id they were sent to, for what they say is sealed with its key: reading, exporting and erasing
them goes by every id of the person.
"""

from collections.abc import Mapping
from typing import Final, cast
from uuid import UUID

from google.protobuf.message import Message

from angarium.campaign.v1 import campaign_events_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.contact_data import keys as person_keys
from services.common.contact_data import merged
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler
from services.common.security.envelope import Envelope
from services.common.security.keys import KeySet
from services.delivery.devices import moving as devices
from services.delivery.inbox import moving as inbox
from services.delivery.inbox.hub import WAKE

_MOVE_SLOTS: Final = """
UPDATE send_slot SET contact_id = %(kept_id)s WHERE tenant_id = %(tenant_id)s AND contact_id = %(merged_id)s
"""


class Merges:
    """Follows merged contacts; a repeat finds nothing left to do."""

    def __init__(self, database: Database, envelope: Envelope, hash_keys: KeySet) -> None:
        self._database = database
        self._envelope = envelope
        self._hash_keys = hash_keys

    def handlers(self) -> Mapping[str, Handler]:
        """Returns what is done about which events."""
        return {"contact.merged": self._merged}

    async def _merged(self, uow: UnitOfWork, _: EventEnvelope, payload: Message) -> None:
        told = cast("campaign_events_pb2.ContactMerged", payload)
        merged_id = UUID(told.merged_contact_id)
        await merged.record(uow, merged_id, UUID(told.kept.contact_id))
        kept_id = await merged.kept(uow, merged_id)
        ring = await person_keys.keyring(uow, self._hash_keys, [kept_id])
        if kept_id in ring.erased:
            # Whatever is left of the merged one goes when the erased one is looked after.
            return
        values = {"tenant_id": uow.tenant_id, "merged_id": merged_id, "kept_id": kept_id}
        await uow.execute(_MOVE_SLOTS, values)
        secret = ring.secrets[kept_id]
        await devices.move(uow, self._envelope, merged_id, kept_id, secret)
        if await inbox.move(uow, self._envelope, merged_id, kept_id, secret):
            uow.after_commit(lambda: self._database.wake(WAKE))
