"""Finding the person a request is about, and making changes of one person wait for each other."""

import zlib
from collections.abc import Iterable
from uuid import UUID

from angarium.consent.v1 import consent_pb2
from services.common.db.uow import UnitOfWork
from services.common.errors import denied, invalid
from services.common.rpc.context import current_caller
from services.consent.addresses import Hasher, canonical, hint
from services.consent.directory.handlers import require_contact
from services.consent.directory.store import by_address, directory_channel
from services.consent.people import Subject

_STRIPES = 64
_LOCKS = 0x434E53
"""Number space of these locks among the advisory locks of a database."""


async def find_subject(
    uow: UnitOfWork, hasher: Hasher, subject: consent_pb2.Subject, channel: str, region: str
) -> Subject:
    """Returns who a request is about; an address of a known contact stands for the contact (CON-14).

    Args:
        uow: The unit of work of the tenant.
        hasher: Hashes of addresses.
        subject: The subject of the request.
        channel: The channel the address is used with; empty for every channel the address fits.
        region: Country national phone numbers are read with.

    Raises:
        MissingContactsError: The contact is not in the directory.
        ServiceError: CONTACT_ERASED; INVALID_RECIPIENT; PERMISSION_DENIED for a contact asking about others.
    """
    if subject.contact_id:
        contact_id = UUID(subject.contact_id)
        ensure_own(contact_id)
        await require_contact(uow, contact_id)
        return Subject(contact_id)
    ensure_own(None)
    address = canonical_or_invalid("subject.address", channel or "all", subject.address, region)
    channels = [channel] if channel else channels_of(address)
    tenant_id = uow.tenant_id
    if tenant_id is None:
        raise denied("caller names no tenant")
    hashes = {one: hasher.every(tenant_id, one, address) for one in channels}
    found = await _contact_of(uow, hasher, tenant_id, address, channels)
    return Subject(
        found,
        {one: every[0] for one, every in hashes.items()},
        tuple(older for every in hashes.values() for older in every[1:]),
        hint(address),
        address,
    )


async def _contact_of(
    uow: UnitOfWork, hasher: Hasher, tenant_id: UUID, address: str, channels: Iterable[str]
) -> UUID | None:
    for channel in channels:
        if known_by := directory_channel(channel):
            found = await by_address(uow, known_by, hasher.every(tenant_id, known_by, address))
            if found:
                return min(found.values())
    return None


def channels_of(address: str) -> list[str]:
    """Returns the channels a canonical address can be used with."""
    if "@" in address:
        return ["email"]
    return ["sms", "whatsapp"] if address.startswith("+") else ["push"]


def canonical_or_invalid(field_path: str, channel: str, address: str, region: str) -> str:
    """Returns the canonical form of an address; INVALID_RECIPIENT names the field of one that cannot be used."""
    try:
        return canonical(channel, address, region)
    except ValueError:
        raise invalid(field_path, "is not a valid address", "INVALID_RECIPIENT") from None


def ensure_own(contact_id: UUID | None) -> None:
    """Returns unless the caller is a contact that reaches for somebody else's data (SEC-4)."""
    caller = current_caller()
    if caller.kind == "contact" and caller.contact_id != contact_id:
        raise denied("a contact may reach its own data only")


async def lock_subjects(uow: UnitOfWork, keys: Iterable[bytes]) -> None:
    """Makes changes of the same people wait for each other until this transaction ends.

    People share a fixed number of locks, so a block of any size takes few, always in the same order.
    """
    await uow.execute(*lock_statement(uow.tenant_id, keys))


def lock_statement(tenant_id: UUID | None, keys: Iterable[bytes]) -> tuple[str, dict[str, list[int]]]:
    """Returns the statement of `lock_subjects` with its parameters, to travel with others."""
    tenant = tenant_id.int & 0xFFFF_FFFF if tenant_id else 0
    stripes = sorted({zlib.crc32(key) % _STRIPES for key in keys})
    locks = [_LOCKS << 38 | tenant << 6 | stripe for stripe in stripes]
    return "SELECT pg_advisory_xact_lock(lock) FROM unnest(%(locks)b::int8[]) AS lock", {"locks": locks}
