"""Cutting people out of the trail: a random stand-in takes their place, and the chains still hold (CON-92)."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from services.common.db.rls import erasure_role
from services.common.db.uow import UnitOfWork
from services.common.errors import denied
from services.consent.ledger import chain, erasure_store, store


async def erase(uow: UnitOfWork, contact_ids: Sequence[UUID], address_hashes: Sequence[bytes] = ()) -> int:
    """Replaces people in the trail by random stand-ins and clears what is personal; returns how many entries it was.

    Salts go too, so that what the hashes were made of cannot be tried out any more. Repeating it finds nothing. It is
    done in a role of its own: the service itself may not change an entry.

    Args:
        uow: The unit of work of the tenant.
        contact_ids: The contacts.
        address_hashes: Hashes of bare addresses of theirs, under every key and channel.
    """
    if uow.tenant_id is None:
        raise denied("caller names no tenant")
    locked = sorted(one.bytes for one in contact_ids)
    heads = await store.locked_heads(uow, uow.tenant_id, locked, sorted(address_hashes))
    key_id, key = uow.keys.current
    stand_ins = {
        (one.head.contact_id, one.head.address_hash): replace(
            one.head,
            contact_id=uuid4(),
            address_hash=None,
            is_erased=True,
            is_foreign=chain.is_foreign(uow.keys, one),
        )
        for one in heads
    }
    sealed = [(head, head.mac(chain.seal_key(key))) for head in stand_ins.values()]
    people: list[tuple[UUID | None, bytes | None, UUID]] = []
    for contact_id in contact_ids:
        known = stand_ins.get((contact_id, None))
        people.append((contact_id, None, known.contact_id if known and known.contact_id else uuid4()))
    for digest in address_hashes:
        known = stand_ins.get((None, digest))
        people.append((None, digest, known.contact_id if known and known.contact_id else uuid4()))
    return await erasure_store.erase(uow, erasure_role(uow.schema), sealed, people, key_id)
