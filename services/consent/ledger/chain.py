"""Appending to the chains of people: any number of changes of any number of them in two round trips."""

import hmac
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, denied
from services.common.ids import uuid7_bytes, uuid_text
from services.common.security.keys import KeySet, derive
from services.common.security.mac import mac
from services.consent.consents.trail import Change
from services.consent.ledger import store
from services.consent.ledger.domain import (
    NO_HASH,
    SALT_BYTES,
    entry_frame,
    head_frame,
    micros_of,
    micros_text,
    personal_text,
)
from services.consent.ledger.lines import Line, lines_of
from services.consent.ledger.store import ChainedLine, MovedHead, NewHead, SealedHead

logger = logging.getLogger(__name__)

_foreign = telemetry.counter(
    "consent_ledger_foreign_heads_total", "Heads of chains met that this service had not sealed."
)

THE_CONTACT = "contact"
"""Who recorded it, when that was the person: the trail keeps no id outside of what erasure clears."""


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


async def append(uow: UnitOfWork, changes: Iterable[Change], actor: str | None) -> None:
    """Appends changes to the chains of their people, in order.

    People's changes wait for each other from here on until the transaction ends. An entry is never dated before the
    one it follows, so that the trail says what stood at an instant.
    """
    # Evidence is told apart by its object, so the changes must last as long as their lines are made.
    await append_lines(uow, lines_of(list(changes)), actor)


async def append_lines(uow: UnitOfWork, lines: Sequence[Line], actor: str | None) -> None:
    """Does what `append` does, for changes that are lines already."""
    if not lines:
        return
    if uow.tenant_id is None:
        raise denied("caller names no tenant")
    heads = await store.locked_heads(
        uow,
        uow.tenant_id,
        sorted({line.contact for line in lines if line.contact}),
        sorted({line.address_hash for line in lines if line.address_hash}),
    )
    block = _Block(uow.keys, uow.tenant_id, uow.now(), heads)
    created_by = THE_CONTACT if actor and actor.startswith(f"{THE_CONTACT}:") else actor
    entries = block.extend(lines, created_by)
    moved = block.moved()
    count = await store.write(
        uow,
        uow.tenant_id,
        new=block.new(),
        moved=moved,
        entries=entries,
        created_by=created_by,
        key_id=uow.keys.current[0],
    )
    if count != len(moved):
        raise aborted("another change came first; read again and repeat")


@dataclass(slots=True)
class _Chain:
    """A chain while a block grows it."""

    chain_id: bytes
    contact: bytes | None
    address_hash: bytes | None
    at: int
    sequence: int = 0
    digest: bytes = NO_HASH
    stood: SealedHead | None = None
    """Its head before the block; None of a chain that begins."""
    chain_text: str = ""
    contact_text: str | None = None

    def __post_init__(self) -> None:
        self.chain_text = uuid_text(self.chain_id)
        self.contact_text = uuid_text(self.contact) if self.contact else None


class _Block:
    """The chains of a block of changes while it grows them."""

    def __init__(self, keys: KeySet, tenant_id: UUID, now: datetime, heads: Sequence[SealedHead]) -> None:
        self._keys = keys
        self._tenant_id = tenant_id
        self._now = micros_of(now)
        self._seal = mac(seal_key(keys.current[1]))
        self._chains = {_key(one): self._standing(one) for one in heads}

    def _standing(self, stood: SealedHead) -> _Chain:
        head = stood.head
        return _Chain(
            head.chain_id.bytes,
            head.contact_id.bytes if head.contact_id else None,
            head.address_hash,
            max(self._now, micros_of(stood.updated_at)),
            head.last_sequence,
            head.last_hash,
            stood,
        )

    def extend(self, lines: Sequence[Line], created_by: str | None) -> list[ChainedLine]:
        """Returns the entries of lines, in their order."""
        salts = os.urandom(SALT_BYTES * len(lines))
        fresh = iter(uuid7_bytes(len(lines)))
        entries: list[ChainedLine] = []
        for place, (audit_id, line) in enumerate(zip(uuid7_bytes(len(lines)), lines, strict=True)):
            key = line.contact or line.address_hash or b""
            chain = self._chains.get(key)
            if chain is None:
                chain = _Chain(next(fresh), line.contact, line.address_hash, self._now)
                self._chains[key] = chain
            salt = line.sealed.salt if line.sealed else salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
            personal = personal_text(
                chain.contact_text,
                line.address_hash,
                line.evidence,
                line.ip_address,
                line.user_agent,
                line.reason,
            )
            commitment = sha256(salt + personal.encode()).digest()
            previous = chain.digest
            text = entry_frame(self._tenant_id, created_by, line.kind) % (
                chain.chain_text,
                commitment.hex(),
                uuid_text(audit_id),
                micros_text(chain.at),
                micros_text(line.expires_at),
                micros_text(line.occurred_at),
                previous.hex(),
                chain.sequence + 1,
            )
            chain.sequence += 1
            chain.digest = sha256(text.encode()).digest()
            entries.append(
                ChainedLine(
                    line,
                    audit_id,
                    chain.chain_id,
                    chain.sequence,
                    previous,
                    chain.digest,
                    commitment,
                    salt,
                    chain.at,
                )
            )
        return entries

    def new(self) -> list[NewHead]:
        """Returns the heads of chains that began, with their seals."""
        return [
            NewHead(
                chain.chain_id,
                chain.contact,
                chain.address_hash,
                chain.sequence,
                chain.digest,
                self._sealed(chain, is_foreign=False),
            )
            for chain in self._chains.values()
            if chain.stood is None
        ]

    def moved(self) -> list[MovedHead]:
        """Returns the heads of the other chains, with their seals, in the order of their ids."""
        found = []
        for chain in sorted(self._chains.values(), key=lambda one: one.chain_id):
            if chain.stood is not None:
                foreign = is_foreign(self._keys, chain.stood)
                found.append(
                    MovedHead(
                        chain.chain_id,
                        chain.stood.head.last_sequence,
                        chain.sequence,
                        chain.digest,
                        self._sealed(chain, is_foreign=foreign),
                        chain.at,
                        foreign,
                    )
                )
        return found

    def _sealed(self, chain: _Chain, *, is_foreign: bool) -> bytes:
        contact = "null" if chain.contact_text is None else f'"{chain.contact_text}"'
        address = "null" if chain.address_hash is None else f'"{chain.address_hash.hex()}"'
        text = head_frame(self._tenant_id, False, is_foreign) % (
            address,
            chain.chain_text,
            contact,
            chain.digest.hex(),
            chain.sequence,
        )
        return self._seal(text.encode())


def _key(stored: SealedHead) -> bytes:
    head = stored.head
    return head.contact_id.bytes if head.contact_id else head.address_hash or b""
