"""Who refers and who is referred: contacts behind a code and a phone number."""

from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from services.campaign.contacts import handlers as contacts
from services.campaign.contacts import store as contact_store
from services.campaign.contacts.domain import Contact, ContactState
from services.campaign.contacts.scope import is_own
from services.campaign.referrals import terms
from services.campaign.tenants.domain import Tenant
from services.common.db.uow import UnitOfWork
from services.common.rpc.context import current_caller
from services.common.security.keys import KeySet
from services.common.zones import at, local_day

SOURCE = "referral"
_SHARING = """
SELECT contact_id FROM contact WHERE tenant_id = %s AND phone = %s AND state < 3 ORDER BY contact_id LIMIT 100
"""


async def referrer_of(uow: UnitOfWork, code: str) -> Contact | None:
    """Returns whom a canonical code leads to; None for an unknown one, or when they are erased or blocked."""
    owner_id = await terms.owner_of(uow, code)
    owner = await contact_store.by_key(uow, contact_id=owner_id) if owner_id else None
    return owner if owner and owner.state is ContactState.ACTIVE else None


async def referred(uow: UnitOfWork, phone: str, contact_id: UUID | None) -> list[Contact]:
    """Returns whom a referral could mean: the contact that is named, first, and those with the phone number.

    Raises:
        ServiceError: NOT_FOUND for a contact that the caller does not see.
        ContactErasedError: Only its id is left.
    """
    named = [await contacts.get(uow, contact_id, None)] if contact_id else []
    rows = await uow.fetch_all(_SHARING, (uow.tenant_id, phone))
    sharing = await contact_store.reachable(uow, [one for (one,) in rows])
    sharing.sort(key=lambda one: one.contact_id or UUID(int=0))
    return [*named, *(one for one in sharing if one.contact_id not in {other.contact_id for other in named})]


def are_the_same(referrer: Contact, phone: str, others: list[Contact]) -> bool:
    """Returns whether somebody would refer themselves: the same phone, e-mail address or contact."""
    if referrer.phone == phone:
        return True
    return any(
        one.contact_id == referrer.contact_id
        or (one.email_canonical is not None and one.email_canonical == referrer.email_canonical)
        or (one.phone is not None and one.phone == referrer.phone)
        for one in others
    )


def is_new(one: Contact) -> bool:
    """Returns whether somebody never visited or bought, and may be written to at all."""
    return one.state is ContactState.ACTIVE and one.visit_count == 0 and one.purchase_count == 0


async def made(uow: UnitOfWork, phone: str, name: str, referrer: Contact, keys: KeySet) -> Contact:
    """Makes a contact of somebody who was referred, in the referrer's branch as far as that is the caller's."""
    caller = current_caller()
    own = caller.own_branches()
    branch_id = referrer.branch_id if is_own(referrer.branch_id, caller) else own[0]
    wanted = Contact(phone=phone, name=name.strip() or None, branch_id=branch_id, source=SOURCE)
    contact, _ = await contacts.upsert(uow, wanted, None, "", keys)
    return contact


def month_began(now: datetime, owner: Tenant) -> datetime:
    """Returns when the calendar month of an instant began in the tenant's zone."""
    zone = ZoneInfo(owner.default_time_zone)
    return at(local_day(now, zone).replace(day=1), time.min, zone)
