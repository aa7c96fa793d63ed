"""Devices of a contact that became part of another: sealed anew with the key of the one that is kept."""

from typing import Final
from uuid import UUID

from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.delivery import columns
from services.delivery.devices import store
from services.delivery.devices.sealing import aad_of_device, sealed, unsealed

_FIND: Final = "SELECT device_id, sealed FROM push_device WHERE tenant_id = %s AND contact_id = %s FOR UPDATE"

_MOVE: Final = """
UPDATE push_device AS d SET contact_id = %(kept_id)s, sealed = g.sealed
FROM unnest(%(ids)b::uuid[], %(sealed)b::bytea[]) AS g (id, sealed)
WHERE d.tenant_id = %(tenant_id)s AND d.device_id = g.id
"""


async def move(uow: UnitOfWork, envelope: Envelope, merged_id: UUID, kept_id: UUID, secret: bytes) -> int:
    """Gives a contact's devices to another, whose secret seals them, and returns how many; the oldest leave, as always."""
    for contact_id in sorted((merged_id, kept_id)):
        await store.lock(uow, contact_id)
    rows = await uow.fetch_all(_FIND, (uow.tenant_id, merged_id))
    if not rows:
        return 0
    places = [aad_of_device(device_id) for device_id, _ in rows]
    secrets = await person_keys.secrets_of(uow, [merged_id])
    records = await envelope.open_many(uow, [record for _, record in rows], places)
    inner = [
        sealed(secret, token, device_id)
        for (device_id, _), record in zip(rows, records, strict=True)
        if (token := unsealed(secrets.get(merged_id), record, device_id)) is not None
    ]
    if not inner:
        # The key of the merged one is gone, and nothing of its devices can be read.
        return 0
    params = {
        "tenant_id": uow.tenant_id,
        "kept_id": kept_id,
        "ids": columns.uuids([device_id.bytes for device_id, _ in rows]),
        "sealed": columns.blobs(await envelope.seal_many(uow, inner, places)),
    }
    await uow.execute(_MOVE, params)
    await store.leave_oldest(uow, kept_id)
    return len(rows)
