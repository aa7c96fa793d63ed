"""Whose data a call is about, where contacts reach their own only (SEC-4)."""

from uuid import UUID

from services.common.errors import invalid, not_found
from services.common.rpc.context import current_caller


def own_contact(contact_id: str) -> UUID:
    """Returns the contact a request is about; of a contact's credential it is that contact, named or not.

    Args:
        contact_id: The request's field, checked to be a UUID or empty.

    Raises:
        ServiceError: NOT_FOUND for another contact, whether or not there is one (SEC-6), VALIDATION_FAILED when nobody is
            named.
    """
    caller = current_caller()
    if caller.kind == "contact" and caller.contact_id is not None:
        if contact_id and UUID(contact_id) != caller.contact_id:
            raise not_found("contact", contact_id)
        return caller.contact_id
    if not contact_id:
        raise invalid("contact_id", "is needed")
    return UUID(contact_id)
