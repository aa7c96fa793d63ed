"""Finding the person a request is about."""

from collections.abc import Iterable
from uuid import UUID

from angarium.consent.v1 import consent_pb2
from services.common.db.uow import UnitOfWork
from services.common.errors import denied, invalid, not_found
from services.common.rpc.context import current_caller
from services.consent.addresses import Hasher, canonical, hint
from services.consent.directory.handlers import require_contact
from services.consent.directory.store import by_address, directory_channel
from services.consent.people import Subject


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
        ServiceError: CONTACT_ERASED; INVALID_RECIPIENT; for a contact asking about others what `ensure_own` says.
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
    """Returns unless the caller is a contact that reaches for what is not its own (SEC-4).

    Raises:
        ServiceError: NOT_FOUND for another contact, the same as for one that never was (SEC-6); PERMISSION_DENIED for
            None, an address: a contact names itself by its id, whoever the address belongs to.
    """
    if is_own(contact_id):
        return
    if contact_id is None:
        raise denied("a contact may name itself only, by its id")
    raise not_found("contact", contact_id)


def is_own(contact_id: UUID | None) -> bool:
    """Returns whether the caller may reach data of a contact; who is no contact is not limited here."""
    caller = current_caller()
    return caller.kind != "contact" or caller.contact_id == contact_id
