"""Appending to the chains of people: any number of changes of any number of them in two round trips."""

import hmac
import logging
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, denied
from services.common.ids import uuid7, uuid7s
from services.common.security.keys import KeySet, derive
from services.consent.consents.trail import Change
from services.consent.ledger import store
from services.consent.ledger.domain import (
    NO_HASH,
    SALT_BYTES,
    Entry,
    Head,
    Personal,
    StoredEntry,
    commitment,
)
from services.consent.ledger.store import SealedHead

logger = logging.getLogger(__name__)

_foreign = telemetry.counter(
    "consent_ledger_foreign_heads_total", "Heads of chains met that this service had not sealed."
)

THE_CONTACT = "contact"
"""Who recorded it, when that was the person: the trail keeps no id outside of what erasure clears."""

_Key = tuple[UUID | None, bytes | None]


@lru_cache(maxsize=64)
def seal_key(key: bytes) -> bytes:
    """Returns the key that heads are sealed with, from a key of the deployment."""
    return derive(key, "consent-chain-head/1")


def is_sealed(keys: KeySet, stored: SealedHead) -> bool:
    """Returns whether a head carries the seal that this deployment would give it."""
    if stored.key_id not in keys:
        return False
    return hmac.compare_digest(stored.head.mac(seal_key(keys.by_id(stored.key_id))), stored.mac)


def is_foreign(keys: KeySet, stored: SealedHead) -> bool:
    """Returns whether a chain goes on from a head that is not ours: a new seal must not make it look whole."""
    if not stored.head.is_foreign and not is_sealed(keys, stored):
        _foreign.inc()
        logger.error("the head of chain %s was not sealed by this service", stored.head.chain_id)
        return True
    return stored.head.is_foreign


async def append(uow: UnitOfWork, changes: Iterable[Change], actor: str | None) -> list[StoredEntry]:
    """Appends changes to the chains of their people, in order, and returns the entries.

    People's changes wait for each other from here on until the transaction ends. An entry is never dated before the
    one it follows, so that the trail says what stood at an instant.
    """
    wanted = list(changes)
    if not wanted:
        return []
    if uow.tenant_id is None:
        raise denied("caller names no tenant")
    people = {(change.contact_id, change.address_hash) for change in wanted}
    heads = await store.locked_heads(
        uow,
        uow.tenant_id,
        sorted(contact_id for contact_id, _ in people if contact_id),
        sorted(digest for _, digest in people if digest),
    )
    block = _Block(uow.keys, uow.tenant_id, uow.now(), heads)
    entries = block.extend(wanted, actor)
    moved = block.moved()
    count = await store.write(
        uow, uow.tenant_id, new=block.new(), moved=moved, entries=entries, key_id=uow.keys.current[0]
    )
    if count != len(moved):
        raise aborted("another change came first; read again and repeat")
    return entries


class _Block:
    """The chains of a block of changes while it grows them."""

    def __init__(self, keys: KeySet, tenant_id: UUID, now: datetime, heads: Sequence[SealedHead]) -> None:
        self._keys = keys
        self._tenant_id = tenant_id
        self._now = now
        self._evidence: dict[int, str | None] = {}
        self._found: dict[_Key, SealedHead] = {
            (one.head.contact_id, one.head.address_hash): one for one in heads
        }
        self._heads: dict[_Key, tuple[UUID, int, bytes, datetime]] = {
            key: (one.head.chain_id, one.head.last_sequence, one.head.last_hash, max(now, one.updated_at))
            for key, one in self._found.items()
        }

    def extend(self, changes: Sequence[Change], actor: str | None) -> list[StoredEntry]:
        salts = os.urandom(SALT_BYTES * len(changes))
        entries: list[StoredEntry] = []
        for place, (audit_id, change) in enumerate(zip(uuid7s(len(changes)), changes, strict=True)):
            key = (change.contact_id, change.address_hash)
            if key not in self._heads:
                self._heads[key] = (uuid7(), 0, NO_HASH, self._now)
            fresh = salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
            salt = change.sealed.salt if change.sealed else fresh
            entries.append(self._follow(key, audit_id, salt, change, actor))
        return entries

    def _follow(
        self, key: _Key, audit_id: UUID, salt: bytes, change: Change, actor: str | None
    ) -> StoredEntry:
        chain_id, sequence, previous, at = self._heads[key]
        personal = Personal(
            contact_id=change.contact_id,
            address_hash=change.address_hash,
            ip_address=change.ip_address,
            user_agent=change.user_agent,
            evidence=self._evidence_of(change),
            change_reason=change.reason,
        )
        entry = Entry(
            tenant_id=self._tenant_id,
            audit_id=audit_id,
            chain_id=chain_id,
            sequence=sequence + 1,
            previous_hash=previous,
            field_changed=change.field,
            old_value=change.old_value,
            new_value=change.new_value,
            channel=change.channel,
            message_class=change.message_class,
            branch_id=change.branch_id,
            change_source=change.change_source,
            created_by=THE_CONTACT if actor and actor.startswith(f"{THE_CONTACT}:") else actor,
            created_at=at,
            source=change.source,
            wording_version=change.wording_version,
            jurisdiction=change.jurisdiction,
            expires_at=change.expires_at,
            occurred_at=change.occurred_at,
            commitment=commitment(salt, personal),
        )
        sealed = change.sealed.value if change.sealed else None
        stored = StoredEntry(entry, personal, salt, entry.hash(), sealed)
        self._heads[key] = (chain_id, sequence + 1, stored.entry_hash, at)
        return stored

    def _evidence_of(self, change: Change) -> str | None:
        """Returns evidence in its canonical form; changes of a block mostly share one object."""
        known = self._evidence.get(id(change.evidence), "")
        if known == "":
            known = self._evidence[id(change.evidence)] = store.evidence_text(change.evidence)
        return known

    def new(self) -> list[tuple[Head, bytes]]:
        """Returns the heads of chains that began, with their seals."""
        return [self._sealed(key) for key in self._heads if key not in self._found]

    def moved(self) -> list[tuple[int, datetime, Head, bytes]]:
        """Returns, of each other chain, where its head stood, when it moved, the head and its seal."""
        return [
            (one.head.last_sequence, self._heads[key][3], *self._sealed(key))
            for key, one in sorted(self._found.items(), key=lambda item: item[1].head.chain_id)
        ]

    def _sealed(self, key: _Key) -> tuple[Head, bytes]:
        chain_id, sequence, digest, _ = self._heads[key]
        found = self._found.get(key)
        head = Head(
            self._tenant_id,
            chain_id,
            *key,
            sequence,
            digest,
            False,
            found is not None and is_foreign(self._keys, found),
        )
        return head, head.mac(seal_key(self._keys.current[1]))
