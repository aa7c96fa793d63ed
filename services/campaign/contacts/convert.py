"""From contacts to the contract, and which of their fields an update may name."""

from typing import Any, Final

from angarium.campaign.v1 import contact_pb2 as pb
from angarium.campaign.v1 import contact_service_pb2 as service_pb
from angarium.common.v1 import enums_pb2
from services.campaign.contacts.domain import Contact, ContactState, Reach
from services.common.privacy import mask_email, mask_phone

_TEXTS: Final = (
    "external_id",
    "first_name",
    "last_name",
    "name",
    "source",
    "customer_type",
    "language_code",
)
INSTANTS: Final = {
    "first_visit_time": "first_visit_at",
    "last_visit_time": "last_visit_at",
    "last_purchase_time": "last_purchase_at",
    "last_activity_time": "last_activity_at",
    "membership_expire_time": "membership_expires_at",
}
COUNTS: Final = ("visit_count", "purchase_count", "total_spend_minor", "loyalty_points", "points_expiring")
STATES: Final = {
    ContactState.ACTIVE: pb.Contact.STATE_ACTIVE,
    ContactState.BLOCKED: pb.Contact.STATE_BLOCKED,
    ContactState.ERASED: pb.Contact.STATE_ERASED,
    ContactState.MERGED: pb.Contact.STATE_MERGED,
}
_CHANNELS: Final = {
    "email": enums_pb2.CHANNEL_EMAIL,
    "sms": enums_pb2.CHANNEL_SMS,
    "whatsapp": enums_pb2.CHANNEL_WHATSAPP,
    "push": enums_pb2.CHANNEL_PUSH,
}
# Fields an update mask may name, and the fields of the domain each stands for.
MASKABLE: Final[dict[str, tuple[str, ...]]] = {
    **{name: (name,) for name in _TEXTS if name != "external_id"},
    **{name: (domain,) for name, domain in INSTANTS.items()},
    **{name: (name,) for name in COUNTS},
    "branch_id": ("branch_id",),
    "email": ("email", "email_canonical"),
    "phone": ("phone",),
    "time_zone": ("time_zone",),
    "region_code": ("region_code",),
    "tags": ("tags",),
    "attributes": ("attributes",),
    "birth_date": ("birth_date",),
    "anniversary_date": ("anniversary_date",),
    "membership_status": ("membership_status",),
    "points_expire_date": ("points_expire_on",),
    "assigned_staff_id": ("assigned_staff_id",),
    "packages": ("packages",),
}
PATHS: Final = {
    **{domain: path for path, names in MASKABLE.items() for domain in names},
    **{
        f"{kind}_{part}": f"{kind}_date"
        for kind in ("birth", "anniversary")
        for part in ("month", "day", "year")
    },
}
"""The path by which the contract knows a column."""


def contact_to_proto(contact: Contact, reach: Reach | None = None, *, masked: bool = False) -> pb.Contact:
    """Returns a contact as the contract shows it; `masked` hides addresses from who may not see them."""
    reach = reach or Reach()
    email, phone = contact.email or "", contact.phone or ""
    plain: dict[str, Any] = {name: getattr(contact, name) or "" for name in _TEXTS}
    plain |= {name: getattr(contact, name) for name in COUNTS}
    message = pb.Contact(
        contact_id=str(contact.contact_id),
        branch_id=str(contact.branch_id or ""),
        email=mask_email(email) if masked and email else email,
        phone=mask_phone(phone) if masked and phone else phone,
        time_zone=contact.time_zone or "",
        region_code=contact.region_code or "",
        tags=contact.tags,
        birth_date=str(contact.birth_date or ""),
        anniversary_date=str(contact.anniversary_date or ""),
        membership_status=contact.membership_status or "",
        assigned_staff_id=contact.assigned_staff_id or "",
        points_expire_date=contact.points_expire_on.isoformat() if contact.points_expire_on else "",
        attended_event_refs=contact.attended_event_refs,
        push_reachable=reach.push_reachable,
        has_whatsapp=reach.has_whatsapp,
        consented_channels=[_CHANNELS[channel] for channel in reach.consented_channels],
        state=STATES[contact.state],
        etag=str(contact.version),
        engagement_score=contact.engagement_score,
        **plain,
    )
    for package in contact.packages:
        shown = message.packages.add(
            package_ref=package.package_ref, name=package.name, remaining_count=package.remaining
        )
        if package.expires_at:
            shown.expire_time.FromDatetime(package.expires_at)
    if contact.attributes:
        message.attributes.update(contact.attributes)
    for name, domain in (*INSTANTS.items(), ("create_time", "created_at"), ("update_time", "updated_at")):
        if instant := getattr(contact, domain):
            getattr(message, name).FromDatetime(instant)
    return message


def reachable_to_proto(contact: Contact) -> service_pb.ReachableContact:
    """Returns where a contact can be reached."""
    return service_pb.ReachableContact(
        contact_id=str(contact.contact_id),
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        language_code=contact.language_code,
        time_zone=contact.time_zone,
        state=STATES[contact.state],
        branch_id=str(contact.branch_id or ""),
    )
