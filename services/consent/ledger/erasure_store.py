"""SQL of erasure and of the retention that follows it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import sql

from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.consent.ledger.domain import Head

_ERASED = {"chain": "uuid", "stand_in": "uuid", "seal": "bytea", "is_foreign": "bool"}
_ERASE_HEADS = f"""
UPDATE consent_chain SET contact_id = stand_in, address_hash = NULL, mac = seal, key_id = %(key_id)s,
    erased_at = %(now)s, updated_at = %(now)s, foreign_at = CASE WHEN is_foreign THEN coalesce(foreign_at, %(now)s) END
FROM {named_unnest(_ERASED)}
WHERE tenant_id = %(tenant_id)s AND chain_id = chain
"""  # noqa: S608 - names are words of this package
_GONE = {"gone_contact": "uuid", "gone_address": "bytea", "stand_in": "uuid"}
_ERASE_ENTRIES = f"""
UPDATE consent_audit SET contact_id = stand_in, address_hash = NULL, ip_address = NULL, user_agent = NULL,
    evidence = NULL, change_reason = NULL, salt = NULL, sealed_proof = NULL
FROM {named_unnest(_GONE)}
WHERE tenant_id = %(tenant_id)s AND {{column}} = {{gone}}
"""  # noqa: S608 - names are words of this package


async def erase(
    uow: UnitOfWork,
    role: str,
    heads: Sequence[tuple[Head, bytes]],
    people: Sequence[tuple[UUID | None, bytes | None, UUID]],
    key_id: str,
) -> int:
    """Puts stand-ins in the place of people, in the role that may; returns how many entries changed.

    Args:
        uow: The unit of work; the people are locked.
        role: The role of erasures.
        heads: Heads as they stand afterwards, with their seals.
        people: Contact or address hash, and the stand-in for it.
        key_id: Key of the seals.
    """
    changed = columns(
        [(head.chain_id, head.contact_id, mac, head.is_foreign) for head, mac in heads], len(_ERASED)
    )
    gone = dict(zip(_GONE, columns(people, len(_GONE)), strict=True))
    common = {"tenant_id": uow.tenant_id, "key_id": key_id, "now": uow.now()}
    enter = sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role))
    _, _, contacts, addresses, _ = await uow.run_together(
        (enter, ()),
        (_ERASE_HEADS, {**dict(zip(_ERASED, changed, strict=True)), **common}),
        (_ERASE_ENTRIES.format(column="contact_id", gone="gone_contact"), {**gone, **common}),
        (_ERASE_ENTRIES.format(column="address_hash", gone="gone_address"), {**gone, **common}),
        ("RESET ROLE", ()),
    )
    return contacts.rowcount + addresses.rowcount


_FORGET = """
WITH gone AS (
    DELETE FROM consent_chain WHERE (tenant_id, chain_id) IN (
        SELECT tenant_id, chain_id FROM consent_chain WHERE erased_at < %(before)s LIMIT %(limit)s
    ) RETURNING tenant_id, chain_id
), entries AS (
    DELETE FROM consent_audit AS a USING gone
    WHERE a.tenant_id = gone.tenant_id AND a.chain_id = gone.chain_id
)
SELECT count(*) FROM gone
"""


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes chains of people erased before an instant, whole; needs a unit of work across tenants."""
    found: int = await uow.fetch_value(_FORGET, {"before": before, "limit": limit})
    return found
