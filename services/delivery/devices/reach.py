"""The devices of a block's contacts, opened: what push messages are handed over with (DEL-97)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.delivery.devices import store
from services.delivery.devices.sealing import aad_of_device, unsealed
from services.delivery.providers.base import Device, TokenKind


async def devices_of(
    uow: UnitOfWork, envelope: Envelope, contacts: Sequence[bytes]
) -> Mapping[bytes, list[Device]]:
    """Returns the enabled devices of contacts by the contact's id, read in one statement."""
    rows = await store.enabled(uow, contacts)
    records = await envelope.open_many(
        uow, [row.sealed for row in rows], [aad_of_device(row.device_id) for row in rows]
    )
    found: defaultdict[bytes, list[Device]] = defaultdict(list)
    for row, record in zip(rows, records, strict=True):
        opened = unsealed(row.secret, record, row.device_id)
        if opened is not None:
            device = Device(row.device_id, TokenKind(row.kind), row.app_id, *opened, row.seen_at)
            found[row.contact_id].append(device)
    return found
