"""What of an event is sealed at rest, and the hashes by which its people are found again (GEN-36, GEN-37)."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from services.common.addresses import canonical_email, parse_phone
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.common.security.hashing import address_hash, address_hash_candidates
from services.common.security.keys import KeySet

_PLACE: Final = b"inbound_event"
_HASH_BYTES: Final = 16
"""Half of a hash names one person of a month's events well enough, and is half as long in the index."""


class Vault:
    """Seals and opens data of events; hashes what names somebody."""

    def __init__(self, envelope: Envelope, hash_keys: KeySet) -> None:
        self.envelope = envelope
        self._keys = hash_keys

    async def seal(
        self,
        uow: UnitOfWork,
        event_ids: Sequence[UUID],
        packed: Sequence[bytes],
        tenant_id: UUID | None = None,
    ) -> list[bytes]:
        """Returns data of events, each sealed for its event."""
        places = [_PLACE + one.bytes for one in event_ids]
        return await self.envelope.seal_many(uow, packed, places, tenant_id=tenant_id)

    async def open(
        self,
        uow: UnitOfWork,
        event_ids: Sequence[UUID],
        sealed: Sequence[bytes],
        tenant_id: UUID | None = None,
    ) -> list[bytes]:
        """Returns the data of events of one tenant."""
        places = [_PLACE + one.bytes for one in event_ids]
        return await self.envelope.open_many(uow, sealed, places, tenant_id=tenant_id)

    def hashes(self, uow: UnitOfWork, people: Iterable[Sequence[tuple[str, str]]]) -> list[str]:
        """Returns for each event the hashes of its people, as the text of an array."""
        assert uow.tenant_id is not None  # noqa: S101 - events belong to a tenant's unit of work
        tenant_id = uow.tenant_id
        return [
            array(
                address_hash(self._keys, tenant_id, f"inbound:{kind}", _canonical(kind, value))
                for kind, value in found
            )
            for found in people
        ]


def person_hashes(
    keys: KeySet, tenant_id: UUID, *, external_id: str | None, email: str | None, phone: str | None
) -> list[bytes]:
    """Returns every hash under which a contact may stand in events."""
    known = {"id": external_id, "email": email, "phone": phone}
    return [
        digest[:_HASH_BYTES]
        for kind, value in known.items()
        if value
        for digest in address_hash_candidates(keys, tenant_id, f"inbound:{kind}", value).values()
    ]


def array(hashes: Iterable[bytes]) -> str:
    """Returns hashes as the text of a PostgreSQL array."""
    quoted = (f'"\\\\x{one[:_HASH_BYTES].hex()}"' for one in hashes)
    return f"{{{','.join(quoted)}}}"


def _canonical(kind: str, value: str) -> str:
    try:
        if kind == "email":
            return canonical_email(value)
        return parse_phone(value) if kind == "phone" else value
    except ValueError:
        return value
