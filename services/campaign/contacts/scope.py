"""Whose contacts a caller sees and keeps: somebody limited to branches, those of these branches (GEN-11)."""

from dataclasses import replace
from uuid import UUID

from services.campaign.contacts.domain import Contact
from services.common.errors import denied, not_found
from services.common.rpc.context import Caller, current_caller

FIELD = "contact.branch_id"


def is_own(branch_id: UUID | None, caller: Caller) -> bool:
    """Returns whether contacts of a branch are there for a caller."""
    own = caller.own_branches()
    return not own or branch_id in own


def seen(contact: Contact | None, key: object) -> Contact:
    """Returns a contact; NOT_FOUND when there is none, the same as for one of another's branch (SEC-6)."""
    if contact is None or not is_own(contact.branch_id, current_caller()):
        raise not_found("contact", key)
    return contact


def placed(contact: Contact) -> Contact:
    """Returns a new contact in the caller's branch; PERMISSION_DENIED when it names another's, or none of several."""
    own = current_caller().own_branches()
    if len(own) == 1 and contact.branch_id is None:
        return replace(contact, branch_id=own[0])
    ensure(contact.branch_id)
    return contact


def ensure(branch_id: UUID | None) -> None:
    """Returns unless a contact would belong to a branch that is not the caller's."""
    if not is_own(branch_id, current_caller()):
        raise denied("caller may keep contacts of their own branches only")
