"""Chains of the trail: what is hashed, what a head is sealed over, and what is wrong with a chain (CON-2).

An entry's hash covers the hash before it, so nothing can be altered, removed or moved without all that follows. What is
personal enters through a salted commitment: once the salt is gone the personal fields can be cleared, and the chain
still holds. The head says how long the chain is and what it ends with, under a key that is not in the database.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Final, Literal, NamedTuple
from uuid import UUID

FORMAT = 1
NO_HASH = bytes(32)
"""What the first entry of a chain follows."""
SALT_BYTES = 16
MAX_MISSING = 1000
"""How many missing entries of one gap are named one by one."""

Fault = Literal["altered", "missing", "moved", "head"]


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Kind(NamedTuple):
    """What entries of a block mostly have in common."""

    field_changed: str
    old_value: str | None
    new_value: str | None
    channel: str | None
    message_class: str | None
    branch_id: UUID | None
    change_source: str
    source: str | None
    wording_version: str | None
    jurisdiction: str | None


@lru_cache(maxsize=256)
def entry_frame(tenant_id: UUID, created_by: str | None, kind: Kind) -> str:
    """Returns the canonical JSON of an entry with places (`%s`) for what is its own.

    In order: chain, commitment in hex, id, when it was created, ends and occurred (as JSON), the hash before it in hex,
    its number.
    """
    return (
        f'{{"branch_id":{_id(kind.branch_id)},"chain_id":"%s"'
        f',"change_source":{_fixed(kind.change_source)},"channel":{_fixed(kind.channel)}'
        f',"commitment":"%s","consent_audit_entry_id":"%s"'
        f',"created_at":%s,"created_by":{_fixed(created_by)}'
        f',"expires_at":%s,"field_changed":{_fixed(kind.field_changed)}'
        f',"format":{FORMAT},"jurisdiction":{_fixed(kind.jurisdiction)}'
        f',"message_class":{_fixed(kind.message_class)},"new_value":{_fixed(kind.new_value)}'
        f',"occurred_at":%s,"old_value":{_fixed(kind.old_value)}'
        f',"previous_hash":"%s","sequence":%s'
        f',"source":{_fixed(kind.source)},"tenant_id":"{tenant_id}"'
        f',"wording_version":{_fixed(kind.wording_version)}}}'
    )


@lru_cache(maxsize=64)
def head_frame(tenant_id: UUID, is_erased: bool, is_foreign: bool) -> str:
    """Returns the canonical JSON that a head is sealed over with places (`%s`) for what is its own.

    In order: address hash (as JSON), chain, contact (as JSON), the last hash in hex, the last number.
    """
    return (
        f'{{"address_hash":%s,"chain_id":"%s","contact_id":%s,"format":{FORMAT},"is_erased":{_flag(is_erased)}'
        f',"is_foreign":{_flag(is_foreign)},"last_hash":"%s","last_sequence":%s,"tenant_id":"{tenant_id}"}}'
    )


def personal_text(
    contact_id: str | None,
    address_hash: bytes | None,
    evidence: str | None,
    ip_address: str | None,
    user_agent: str | None,
    change_reason: str | None,
) -> str:
    """Returns the canonical JSON that a commitment is over; `evidence` is canonical JSON already."""
    contact = "null" if contact_id is None else f'"{contact_id}"'
    return (
        f'{{"address_hash":{_hex(address_hash)},"change_reason":{_text(change_reason)}'
        f',"contact_id":{contact},"evidence":{evidence or "null"}'
        f',"ip_address":{_text(ip_text(ip_address))},"user_agent":{_text(user_agent)}}}'
    )


@dataclass(frozen=True, slots=True)
class Personal:
    """What of an entry is about the person, and is cleared by erasure."""

    contact_id: UUID | None
    address_hash: bytes | None
    ip_address: str | None
    user_agent: str | None
    evidence: str | None
    """Canonical JSON."""
    change_reason: str | None

    def text(self) -> str:
        """Returns the canonical JSON that the commitment is over."""
        return personal_text(
            None if self.contact_id is None else str(self.contact_id),
            self.address_hash,
            self.evidence,
            self.ip_address,
            self.user_agent,
            self.change_reason,
        )

    @property
    def is_cleared(self) -> bool:
        """Returns whether nothing is left but the stand-in for the person."""
        left = (self.address_hash, self.ip_address, self.user_agent, self.evidence, self.change_reason)
        return all(one is None for one in left)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a chain."""

    tenant_id: UUID
    audit_id: UUID
    chain_id: UUID
    sequence: int
    previous_hash: bytes
    field_changed: str
    old_value: str | None
    new_value: str | None
    channel: str | None
    message_class: str | None
    branch_id: UUID | None
    change_source: str
    created_by: str | None
    created_at: datetime
    source: str | None
    wording_version: str | None
    jurisdiction: str | None
    expires_at: datetime | None
    occurred_at: datetime | None
    commitment: bytes

    def text(self) -> str:
        """Returns the canonical JSON that the entry's hash is over."""
        kind = Kind(
            self.field_changed,
            self.old_value,
            self.new_value,
            self.channel,
            self.message_class,
            self.branch_id,
            self.change_source,
            self.source,
            self.wording_version,
            self.jurisdiction,
        )
        return entry_frame(self.tenant_id, self.created_by, kind) % (
            self.chain_id,
            self.commitment.hex(),
            self.audit_id,
            instant_text(self.created_at),
            instant_text(self.expires_at),
            instant_text(self.occurred_at),
            self.previous_hash.hex(),
            self.sequence,
        )

    def hash(self) -> bytes:
        """Returns the SHA-256 of the entry."""
        return hashlib.sha256(self.text().encode()).digest()


@dataclass(frozen=True, slots=True)
class Head:
    """What a chain ends with."""

    tenant_id: UUID
    chain_id: UUID
    contact_id: UUID | None
    address_hash: bytes | None
    last_sequence: int
    last_hash: bytes
    is_erased: bool
    is_foreign: bool
    """True once a head was met that this service had not sealed; the chain never counts as whole again."""

    def mac(self, key: bytes) -> bytes:
        """Returns the seal of the head: HMAC-SHA-256 under a key of the deployment."""
        text = head_frame(self.tenant_id, self.is_erased, self.is_foreign) % (
            _hex(self.address_hash),
            self.chain_id,
            _id(self.contact_id),
            self.last_hash.hex(),
            self.last_sequence,
        )
        return hmac.digest(key, text.encode(), "sha256")


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with what the table says of it."""

    entry: Entry
    personal: Personal
    salt: bytes | None
    entry_hash: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one chain."""

    fault: Fault
    chain_id: UUID
    contact_id: UUID | None
    sequence: int
    audit_id: UUID | None


def commitment(salt: bytes, personal: Personal) -> bytes:
    """Returns what stands for the personal fields in the hash; without the salt it says nothing about them."""
    return hashlib.sha256(salt + personal.text().encode()).digest()


def check(
    chain_id: UUID, head: Head | None, entries: Sequence[StoredEntry], *, sealed: bool
) -> list[Finding]:
    """Returns every fault of a chain; none when it is whole.

    Args:
        chain_id: The chain.
        head: Its head, None when there is none.
        entries: What the table holds of it, by sequence.
        sealed: Whether the head's seal is the one this deployment would make.
    """
    contact_id = head.contact_id if head and not head.is_erased else None
    return [
        Finding(fault, chain_id, contact_id, sequence, audit_id)
        for fault, sequence, audit_id in _faults(head, entries, sealed=sealed)
    ]


def _faults(
    head: Head | None, entries: Sequence[StoredEntry], *, sealed: bool
) -> Iterator[tuple[Fault, int, UUID | None]]:
    expected, previous = 1, NO_HASH
    for one in entries:
        entry = one.entry
        if not _is_intact(one, head):
            yield "altered", entry.sequence, entry.audit_id
        if entry.sequence < expected:
            yield "moved", entry.sequence, entry.audit_id
        elif entry.sequence > expected:
            yield from _gap(expected, entry.sequence - 1)
        elif entry.previous_hash != previous:
            yield "moved", entry.sequence, entry.audit_id
        expected, previous = max(expected, entry.sequence + 1), one.entry_hash
    if head is None:
        yield "head", expected - 1, None
        return
    if head.last_sequence >= expected:
        yield from _gap(expected, head.last_sequence)
    elif not sealed or head.is_foreign or head.last_sequence < expected - 1 or head.last_hash != previous:
        yield "head", head.last_sequence, None
        return
    if not sealed or head.is_foreign:
        yield "head", head.last_sequence, None


def _gap(first: int, last: int) -> Iterator[tuple[Fault, int, UUID | None]]:
    for sequence in range(first, min(last, first + MAX_MISSING - 1) + 1):
        yield "missing", sequence, None


def _is_intact(stored: StoredEntry, head: Head | None) -> bool:
    personal = stored.personal
    if stored.entry.hash() != stored.entry_hash:
        return False
    if head and (personal.contact_id, personal.address_hash) != (head.contact_id, head.address_hash):
        return False
    if stored.salt is None:
        return head is not None and head.is_erased and personal.is_cleared
    return commitment(stored.salt, personal) == stored.entry.commitment


@lru_cache(maxsize=4096)
def instant_text(instant: datetime | None) -> str:
    """Returns an instant as JSON has it: UTC with six digits of a second and a Z."""
    if instant is None:
        return "null"
    return f'"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")}Z"'


def micros_of(instant: datetime) -> int:
    """Returns an instant as microseconds since 1970."""
    return (instant - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=4096)
def micros_text(micros: int | None) -> str:
    """Returns what `instant_text` returns, of an instant in microseconds since 1970."""
    return "null" if micros is None else instant_text(_EPOCH + timedelta(microseconds=micros))


@lru_cache(maxsize=4096)
def ip_text(address: str | None) -> str | None:
    """Returns an address in the form of RFC 5952."""
    if address is None:
        return None
    found = ipaddress.ip_address(address)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return f"::ffff:{mapped}" if mapped else str(found)


def _text(value: str | None) -> str:
    return "null" if value is None else quoted(value)


def _fixed(value: str | None) -> str:
    """Returns a text as JSON for a frame, in which a percent sign stands for itself."""
    return _text(value).replace("%", "%%")


def _id(value: UUID | None) -> str:
    return "null" if value is None else f'"{value}"'


def _hex(value: bytes | None) -> str:
    return "null" if value is None else f'"{value.hex()}"'


def _flag(value: bool) -> str:
    return "true" if value else "false"
