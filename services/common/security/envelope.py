"""Envelope encryption (GEN-36): values sealed with AES-256-GCM under data keys, data keys wrapped by a master key.

A sealed value is `version 1 | data key id 16 | nonce 12 | ciphertext and tag`. It is bound to its tenant and to the
`aad` it was sealed with, so a value copied to another row cannot be opened there. Because the header names the data
key, a key may belong to a tenant, or to one person whose values become unreadable when it is destroyed.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakSet

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.ids import uuid7
from services.common.security.keys import KeySet, derive

_VERSION = b"\x01"
_NONCE = 12
_ID_END = 17
_HEADER = _ID_END + _NONCE
_SMALLEST = _HEADER + 16
_CACHED_TENANTS = 4096
_CACHE_SECONDS = 60.0

Aad = bytes | Sequence[bytes]


class SealedValueError(Exception):
    """A sealed value that cannot be opened: altered, moved from its place, or of another tenant."""


class KeyGoneError(SealedValueError):
    """The data key of a sealed value does not exist any more: what it held is erased for good."""


class Work(Protocol):
    """The unit of work that data keys are read and written in."""

    tenant_id: UUID | None

    async def execute(self, query: str, params: Any = ()) -> int:
        """Runs a statement."""

    async def fetch_all(self, query: str, params: Any = ()) -> list[tuple[Any, ...]]:
        """Runs a query."""

    def after_commit(self, callback: Any) -> None:
        """Adds a callback that runs once the transaction is durable."""

    def now(self) -> datetime:
        """Returns the instant of the transaction's clock."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key that seals values, with the id that their headers name."""

    id: UUID
    cipher: AESGCM


class Cipher:
    """Seals and opens values of one tenant with the data keys it holds; no database, no waiting."""

    __slots__ = ("_current", "_keys", "_prefix", "_tenant")

    def __init__(self, tenant_id: UUID, keys: Iterable[DataKey], current: DataKey | None) -> None:
        self._tenant = tenant_id.bytes
        self._keys = {key.id.bytes: key.cipher for key in keys}
        self._current = current
        self._prefix = _VERSION + current.id.bytes if current is not None else b""

    @property
    def can_seal(self) -> bool:
        """Returns whether there is a key for new values."""
        return self._current is not None

    def holds(self, sealed: Iterable[bytes]) -> bool:
        """Returns whether the keys of all these values are at hand."""
        return all(value[1:_ID_END] in self._keys for value in sealed)

    def seal(self, plaintext: bytes, aad: bytes = b"") -> bytes:
        """Returns the sealed value."""
        return self.seal_many((plaintext,), aad)[0]

    def seal_many(self, plaintexts: Sequence[bytes], aad: Aad = b"") -> list[bytes]:
        """Returns the sealed values of a block, in order; `aad` is one for all or one for each."""
        if self._current is None:
            raise SealedValueError("tenant has no data key")
        encrypt = self._current.cipher.encrypt
        prefix, tenant = self._prefix, self._tenant
        random = os.urandom(_NONCE * len(plaintexts))
        sealed: list[bytes] = []
        for start, plaintext, place in zip(
            range(0, len(random), _NONCE), plaintexts, _places(aad, len(plaintexts)), strict=True
        ):
            nonce = random[start : start + _NONCE]
            sealed.append(prefix + nonce + encrypt(nonce, plaintext, tenant + place))
        return sealed

    def open(self, sealed: bytes, aad: bytes = b"") -> bytes:
        """Returns the plaintext; SealedValueError when value, place or tenant is not the sealed one's."""
        return self.open_many((sealed,), aad)[0]

    def open_many(self, sealed: Sequence[bytes], aad: Aad = b"") -> list[bytes]:
        """Returns the plaintexts of a block, in order."""
        opened: list[bytes] = []
        for value, place in zip(sealed, _places(aad, len(sealed)), strict=True):
            if len(value) < _SMALLEST or value[:1] != _VERSION:
                raise SealedValueError("not a sealed value")
            cipher = self._keys.get(value[1:_ID_END])
            if cipher is None:
                raise KeyGoneError("the data key of the value is gone")
            try:
                opened.append(cipher.decrypt(value[_ID_END:_HEADER], value[_HEADER:], self._tenant + place))
            except InvalidTag:
                raise SealedValueError("value was altered or is not from here") from None
        return opened


class Envelope:
    """Data keys per tenant, wrapped by the master keys of ENCRYPTION_KEYS and kept in the table `data_key`."""

    def __init__(self, keys: KeySet) -> None:
        self._masters = {name: AESGCM(derive(key, "envelope")) for name, key in keys}
        self._master_id = keys.current[0]
        self._cache: dict[UUID, tuple[Cipher, float]] = {}
        self._unsettled: WeakSet[Work] = WeakSet()
        """Units of work that made a key: what they read must not be remembered, for they may still roll back."""

    async def cipher(
        self,
        uow: Work,
        *,
        tenant_id: UUID | None = None,
        sealed: Iterable[bytes] = (),
        for_sealing: bool = True,
    ) -> Cipher:
        """Returns the tenant's cipher, from memory unless a key of `sealed` is missing there.

        The tenant is the unit of work's; one across tenants names it. A tenant without a data key gets one, which
        is kept in memory only once the transaction that stored it is durable.
        """
        tenant = _tenant_of(uow, tenant_id)
        cached = self._cache.get(tenant) if uow not in self._unsettled else None
        if cached is not None and time.monotonic() < cached[1]:
            cipher = cached[0]
            if (cipher.can_seal or not for_sealing) and cipher.holds(sealed):
                return cipher
        stored = await self._load(uow, tenant)
        if stored.can_seal or not for_sealing:
            if uow not in self._unsettled:
                self._remember(tenant, stored)
            return stored
        await self._add_key(uow, tenant)
        return await self._load(uow, tenant)

    async def seal(
        self, uow: Work, plaintext: bytes, aad: bytes = b"", *, tenant_id: UUID | None = None
    ) -> bytes:
        """Returns the sealed value."""
        return (await self.cipher(uow, tenant_id=tenant_id)).seal(plaintext, aad)

    async def seal_many(
        self, uow: Work, plaintexts: Sequence[bytes], aad: Aad = b"", *, tenant_id: UUID | None = None
    ) -> list[bytes]:
        """Returns the sealed values of a block, in order; `aad` is one for all or one for each."""
        return (await self.cipher(uow, tenant_id=tenant_id)).seal_many(plaintexts, aad)

    async def open(
        self, uow: Work, sealed: bytes, aad: bytes = b"", *, tenant_id: UUID | None = None
    ) -> bytes:
        """Returns the plaintext; KeyGoneError when its key was destroyed, SealedValueError when it was altered."""
        return (await self.open_many(uow, (sealed,), aad, tenant_id=tenant_id))[0]

    async def open_many(
        self, uow: Work, sealed: Sequence[bytes], aad: Aad = b"", *, tenant_id: UUID | None = None
    ) -> list[bytes]:
        """Returns the plaintexts of a block, in order."""
        cipher = await self.cipher(uow, tenant_id=tenant_id, sealed=sealed, for_sealing=False)
        return cipher.open_many(sealed, aad)

    async def rotate(self, uow: Work, *, tenant_id: UUID | None = None) -> UUID:
        """Gives the tenant a new data key for new values; what the old ones sealed stays readable."""
        tenant = _tenant_of(uow, tenant_id)
        key_id = await self._add_key(uow, tenant)
        await uow.execute(
            "UPDATE data_key SET retired_at = %s WHERE tenant_id = %s AND retired_at IS NULL AND data_key_id <> %s",
            (uow.now(), tenant, key_id),
        )
        uow.after_commit(lambda: self.forget(tenant))
        return key_id

    async def rewrap(self, uow: Work, *, tenant_id: UUID | None = None) -> int:
        """Wraps the tenant's data keys with the current master key; returns how many another one had wrapped."""
        tenant = _tenant_of(uow, tenant_id)
        rows = await uow.fetch_all(
            "SELECT data_key_id, master_key_id, wrapped_key FROM data_key"
            " WHERE tenant_id = %s AND master_key_id <> %s FOR UPDATE",
            (tenant, self._master_id),
        )
        for key_id, master_id, wrapped in rows:
            secret = self.unwrap(tenant, key_id, master_id, wrapped)
            await uow.execute(
                "UPDATE data_key SET master_key_id = %s, wrapped_key = %s WHERE tenant_id = %s AND data_key_id = %s",
                (self._master_id, self.wrap(tenant, key_id, secret)[1], tenant, key_id),
            )
        return len(rows)

    async def destroy(self, uow: Work, *, tenant_id: UUID | None = None) -> int:
        """Destroys every data key of the tenant: what they sealed is unreadable for good. Returns how many."""
        tenant = _tenant_of(uow, tenant_id)
        count = await uow.execute("DELETE FROM data_key WHERE tenant_id = %s", (tenant,))
        uow.after_commit(lambda: self.forget(tenant))
        return count

    def forget(self, tenant_id: UUID) -> None:
        """Drops a tenant's keys from memory."""
        self._cache.pop(tenant_id, None)

    def wrap(self, tenant_id: UUID, key_id: UUID, secret: bytes) -> tuple[str, bytes]:
        """Returns the current master key's id and a data key's secret wrapped by it; for keys kept elsewhere."""
        nonce = os.urandom(_NONCE)
        return self._master_id, nonce + self._masters[self._master_id].encrypt(
            nonce, secret, _wrap_place(tenant_id, key_id)
        )

    def unwrap(self, tenant_id: UUID, key_id: UUID, master_id: str, wrapped: bytes) -> bytes:
        """Returns the secret of a wrapped data key."""
        master = self._masters.get(master_id)
        if master is None:
            raise SealedValueError(f"master key {master_id} is not in ENCRYPTION_KEYS")
        try:
            return master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _wrap_place(tenant_id, key_id))
        except InvalidTag:
            raise SealedValueError("data key was altered or is not from here") from None

    async def _add_key(self, uow: Work, tenant: UUID) -> UUID:
        self._unsettled.add(uow)
        key_id = uuid7()
        master_id, wrapped = self.wrap(tenant, key_id, new_secret())
        await uow.execute(
            "INSERT INTO data_key (tenant_id, data_key_id, master_key_id, wrapped_key, created_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            (tenant, key_id, master_id, wrapped, uow.now()),
        )
        return key_id

    async def _load(self, uow: Work, tenant: UUID) -> Cipher:
        rows = await uow.fetch_all(
            "SELECT data_key_id, master_key_id, wrapped_key, retired_at IS NULL FROM data_key"
            " WHERE tenant_id = %s ORDER BY data_key_id",
            (tenant,),
        )
        keys: list[DataKey] = []
        current: DataKey | None = None
        for key_id, master_id, wrapped, usable in rows:
            key = DataKey(key_id, AESGCM(self.unwrap(tenant, key_id, master_id, wrapped)))
            keys.append(key)
            current = key if usable else current
        return Cipher(tenant, keys, current)

    def _remember(self, tenant: UUID, cipher: Cipher) -> None:
        if len(self._cache) >= _CACHED_TENANTS:
            self._cache.clear()
        self._cache[tenant] = cipher, time.monotonic() + _CACHE_SECONDS


def new_secret() -> bytes:
    """Returns a fresh AES-256 key."""
    return AESGCM.generate_key(256)


def fingerprint(secret: bytes | str) -> str:
    """Returns the 12 characters by which a stored secret is shown (GEN-36)."""
    data = secret.encode() if isinstance(secret, str) else secret
    return hashlib.sha256(b"angarium/fingerprint/1\0" + data).hexdigest()[:12]


def _places(aad: Aad, count: int) -> Iterable[bytes]:
    return repeat(aad, count) if isinstance(aad, bytes) else aad


def _wrap_place(tenant_id: UUID, key_id: UUID) -> bytes:
    return b"angarium/data-key/1\0" + tenant_id.bytes + key_id.bytes


def _tenant_of(uow: Work, tenant_id: UUID | None) -> UUID:
    found = tenant_id or uow.tenant_id
    if found is None:
        raise ValueError("a unit of work across tenants must name the tenant")
    if uow.tenant_id is not None and found != uow.tenant_id:
        raise ValueError("unit of work is of another tenant")
    return found
