"""An inbox that becomes part of another: its items are sealed anew, and told as changes of the one that is kept."""

from typing import Final
from uuid import UUID

from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.delivery import columns
from services.delivery.inbox import sealing, store

_SLICE: Final = 500

_FIND: Final = """
SELECT item_id, sealed FROM inbox_item WHERE tenant_id = %s AND contact_id = %s ORDER BY item_id LIMIT %s
"""

_MOVE: Final = """
WITH given AS (SELECT * FROM unnest(%(ids)b::uuid[], %(sealed)b::bytea[]) AS g (item_id, sealed)), moved AS (
    INSERT INTO contact_inbox AS c (tenant_id, contact_id, last_change)
    SELECT %(tenant_id)s, %(kept_id)s, count(*) FROM given
    ON CONFLICT (tenant_id, contact_id) DO UPDATE SET last_change = c.last_change + excluded.last_change
    RETURNING last_change
)
UPDATE inbox_item AS i SET contact_id = %(kept_id)s, sealed = g.sealed, change = g.change FROM (
    SELECT item_id, sealed, last_change + 1 - row_number() OVER (ORDER BY item_id DESC) AS change
    FROM given CROSS JOIN moved
) AS g
WHERE i.tenant_id = %(tenant_id)s AND i.item_id = g.item_id
"""


async def move(uow: UnitOfWork, envelope: Envelope, merged_id: UUID, kept_id: UUID, secret: bytes) -> int:
    """Puts a contact's items into the inbox of another, whose secret seals them, and returns how many."""
    old = (await person_keys.secrets_of(uow, [merged_id])).get(merged_id)
    if old is None:
        return 0
    moved = 0
    while rows := await uow.fetch_all(_FIND, (uow.tenant_id, merged_id, _SLICE)):
        places = [sealing.aad(item_id) for item_id, _ in rows]
        opened = await envelope.open_many(uow, [words for _, words in rows], places)
        words = [
            person_keys.seal(secret, person_keys.unseal(old, one, place), place)
            for one, place in zip(opened, places, strict=True)
        ]
        params = {
            "tenant_id": uow.tenant_id,
            "kept_id": kept_id,
            "ids": columns.uuids([item_id.bytes for item_id, _ in rows]),
            "sealed": columns.blobs(await envelope.seal_many(uow, words, places)),
        }
        moved += await uow.execute(_MOVE, params)
    await store.erase(uow, merged_id)
    return moved
