"""Archives in the database: cut into pieces, each sealed with the key of its request alone."""

import os
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.db.database import Database
from services.common.security.envelope import Envelope, SealedValueError, new_secret
from services.consent.privacy import store
from services.consent.privacy.tables import PIECE_BYTES

_NONCE: Final = 12

_ADD: Final = """
INSERT INTO privacy_piece (tenant_id, privacy_request_id, part, number, sealed) VALUES (%s, %s, %s, %s, %s)
"""

_READ: Final = """
SELECT sealed FROM privacy_piece WHERE tenant_id = %s AND privacy_request_id = %s AND part = %s AND number = %s
"""


class ArchiveGoneError(Exception):
    """Raised for an archive that was destroyed, or was never finished."""

    reason = "NOT_FOUND"


class Vault:
    """The pieces of all requests; memory holds one at a time."""

    def __init__(self, database: Database, envelope: Envelope) -> None:
        self._database = database
        self._envelope = envelope

    def new_key(self, tenant_id: UUID, request_id: UUID) -> tuple[str, bytes]:
        """Returns a fresh key for a request's archive, wrapped: the master key's id, and the wrapped key."""
        return self._envelope.wrap(tenant_id, request_id, new_secret())

    async def begin(self, tenant_id: UUID, request_id: UUID, part: str) -> "Writer":
        """Returns what writes a part anew; what an earlier try left of it goes."""
        cipher = await self._cipher(tenant_id, request_id)
        async with self._database.tenant(tenant_id) as uow:
            await uow.execute(
                "DELETE FROM privacy_piece WHERE tenant_id = %s AND privacy_request_id = %s AND part = %s",
                (tenant_id, request_id, part),
            )
        return Writer(self._database, cipher, tenant_id, request_id, part)

    async def read(self, tenant_id: UUID, request_id: UUID, part: str) -> AsyncIterator[bytes]:
        """Yields the pieces of a part in order.

        Raises:
            ArchiveGoneError: The key was destroyed.
        """
        cipher = await self._cipher(tenant_id, request_id)
        number = 0
        while True:
            async with self._database.tenant(tenant_id) as uow:
                sealed = await uow.fetch_value(_READ, (tenant_id, request_id, part, number))
            if sealed is None:
                return
            try:
                yield cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(request_id, part, number))
            except InvalidTag:
                raise SealedValueError("a piece of an archive was altered") from None
            number += 1

    async def _cipher(self, tenant_id: UUID, request_id: UUID) -> AESGCM:
        async with self._database.tenant(tenant_id) as uow:
            found = await store.archive_key(uow, request_id)
        if found is None:
            raise ArchiveGoneError("the archive does not exist any more")
        return AESGCM(self._envelope.unwrap(tenant_id, request_id, *found))


class Writer:
    """Writes one part: bytes of any length in, full pieces out, each in a transaction of its own."""

    def __init__(
        self, database: Database, cipher: AESGCM, tenant_id: UUID, request_id: UUID, part: str
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._tenant_id = tenant_id
        self._request_id = request_id
        self._part = part
        self._held = bytearray()
        self._number = 0
        self.size = 0
        """Bytes written so far."""

    async def write(self, data: bytes) -> None:
        """Takes bytes and stores the pieces that are full."""
        self._held += data
        self.size += len(data)
        while len(self._held) >= PIECE_BYTES:
            piece = bytes(self._held[:PIECE_BYTES])
            del self._held[:PIECE_BYTES]
            await self._store(piece)

    async def close(self) -> None:
        """Stores what is left."""
        if self._held:
            await self._store(bytes(self._held))
            self._held.clear()

    async def _store(self, piece: bytes) -> None:
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(
            nonce, piece, _place(self._request_id, self._part, self._number)
        )
        async with self._database.tenant(self._tenant_id) as uow:
            await uow.execute(_ADD, (self._tenant_id, self._request_id, self._part, self._number, sealed))
        self._number += 1


def _place(request_id: UUID, part: str, number: int) -> bytes:
    """Returns what a piece is bound to, so that none can be moved, swapped or taken to another request."""
    return request_id.bytes + part.encode() + b"\0" + number.to_bytes(4, "big")
