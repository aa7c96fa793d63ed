"""Whose devices and whose inbox: a contact's, or those of somebody who works for the tenant (DEL-14, DEL-15, SEC-4).

Rows of devices and inboxes know a person by one id. A contact has one; a staff member's follows from the name by which
the tenant knows them, and is of version 8, which no contact's is.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple
from uuid import UUID

from services.common.addresses import STAFF
from services.common.errors import denied, not_found
from services.common.rpc.context import current_caller
from services.common.rpc.ownership import own_contact

_VERSION: Final = 8


class Subject(NamedTuple):
    """Somebody who has devices and an inbox."""

    id: UUID
    staff_id: str = ""
    """Empty for contacts."""

    @property
    def contact_id(self) -> str:
        """Returns the id as the contract shows it; empty for staff."""
        return "" if self.staff_id else str(self.id)

    @property
    def address(self) -> str:
        """Returns what leads to the inbox and devices of somebody; see `of_address`."""
        return f"{STAFF}{self.staff_id}" if self.staff_id else str(self.id)


def of_staff(tenant_id: UUID, staff_id: str) -> Subject:
    """Returns a staff member of a tenant; the id is always the same."""
    digest = bytearray(hashlib.blake2b(staff_id.encode(), key=tenant_id.bytes, digest_size=16).digest())
    digest[6] = digest[6] & 0x0F | _VERSION << 4
    digest[8] = digest[8] & 0x3F | 0x80
    return Subject(UUID(bytes=bytes(digest)), staff_id)


def of_address(tenant_id: UUID, address: str) -> Subject:
    """Returns whom an address of an inbox leads to."""
    if address.startswith(STAFF):
        return of_staff(tenant_id, address.removeprefix(STAFF))
    return Subject(UUID(address))


def own(tenant_id: UUID, contact_id: str) -> Subject:
    """Returns whom a call is about: whoever the credential is of, or the contact that a neighbour names.

    Raises:
        ServiceError: PERMISSION_DENIED when staff names a contact; as `own_contact` otherwise.
    """
    caller = current_caller()
    if caller.kind == "person":
        if contact_id:
            raise denied("staff reach what is their own only")
        return of_staff(tenant_id, caller.subject)
    found = own_contact(contact_id)
    if found.version == _VERSION:
        raise not_found("contact", contact_id)
    return Subject(found)
