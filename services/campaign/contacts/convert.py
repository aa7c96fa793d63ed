"""Between contacts and the contract; everything that can be wrong with a contact is found here."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import contact_pb2 as pb
from angarium.campaign.v1 import contact_service_pb2 as service_pb
from angarium.common.v1 import enums_pb2
from services.campaign.contacts.domain import (
    MEMBERSHIPS,
    Contact,
    ContactState,
    PartialDate,
    Reference,
    StaffMember,
    derived_name,
)
from services.common.addresses import canonical_email, parse_phone
from services.common.errors import Violation
from services.common.privacy import mask_email, mask_phone
from services.common.regions import region_code
from services.common.security.hashing import address_hash_candidates, address_hashes
from services.common.security.keys import KeySet
from services.common.zones import zone

T = TypeVar("T")

MAX_ATTRIBUTES = 100
MAX_KEY = 50
MAX_COUNT = 2**31 - 1
_TEXTS = (
    ("external_id", 100),
    ("first_name", 100),
    ("last_name", 100),
    ("name", 200),
    ("source", 50),
    ("customer_type", 50),
    ("language_code", 35),
)
_INSTANTS = {
    "first_visit_time": "first_visit_at",
    "last_visit_time": "last_visit_at",
    "last_purchase_time": "last_purchase_at",
    "last_activity_time": "last_activity_at",
    "membership_expire_time": "membership_expires_at",
}
_COUNTS = ("visit_count", "purchase_count", "total_spend_minor", "loyalty_points")
_EVERYBODY = UUID(int=0)
"""Stands for the tenant in hashes that all tenants share."""
_STATES = {
    ContactState.ACTIVE: pb.Contact.STATE_ACTIVE,
    ContactState.BLOCKED: pb.Contact.STATE_BLOCKED,
    ContactState.ERASED: pb.Contact.STATE_ERASED,
}
# Fields an update mask may name, and the fields of the domain each stands for.
MASKABLE: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name, _ in _TEXTS if name != "external_id"},
    **{name: (domain,) for name, domain in _INSTANTS.items()},
    **{name: (name,) for name in _COUNTS},
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
}


def contact_from_proto(message: pb.Contact, region: str) -> tuple[Contact, list[Violation]]:
    """Returns the contact of a message, and every field that could not be read with the mend."""
    reader = _Reader(message)
    email = message.email.strip() or None
    numbers: dict[str, Any] = {name: reader.count(name) for name in _COUNTS}
    numbers |= {domain: reader.instant(name) for name, domain in _INSTANTS.items()}
    contact = Contact(
        contact_id=reader.read("contact_id", UUID),
        external_id=reader.text("external_id", 100),
        branch_id=reader.read("branch_id", UUID),
        first_name=reader.text("first_name", 100),
        last_name=reader.text("last_name", 100),
        name=derived_name(
            reader.text("first_name", 100, report=False),
            reader.text("last_name", 100, report=False),
            reader.text("name", 200),
        ),
        email=email,
        email_canonical=reader.read("email", canonical_email) if email else None,
        phone=reader.read("phone", lambda text: parse_phone(text, region)),
        language_code=reader.text("language_code", 35),
        time_zone=reader.read("time_zone", lambda text: zone(text).key),
        region_code=reader.read("region_code", region_code),
        source=reader.text("source", 50),
        customer_type=reader.text("customer_type", 50),
        tags=reader.tags(),
        attributes=reader.attributes(),
        birth_date=reader.read("birth_date", PartialDate.parse),
        anniversary_date=reader.read("anniversary_date", PartialDate.parse),
        membership_status=reader.read("membership_status", _membership),
        **numbers,
    )
    return contact, reader.violations


def contact_to_proto(contact: Contact, *, masked: bool = False) -> pb.Contact:
    """Returns a contact as the contract shows it; `masked` hides addresses from who may not see them."""
    email, phone = contact.email or "", contact.phone or ""
    plain: dict[str, Any] = {name: getattr(contact, name) or "" for name, _ in _TEXTS}
    plain |= {name: getattr(contact, name) for name in _COUNTS}
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
        state=_STATES[contact.state],
        etag=str(contact.version),
        engagement_score=contact.engagement_score,
        **plain,
    )
    if contact.attributes:
        message.attributes.update(contact.attributes)
    for name, domain in (*_INSTANTS.items(), ("create_time", "created_at"), ("update_time", "updated_at")):
        if instant := getattr(contact, domain):
            getattr(message, name).FromDatetime(instant)
    return message


def references_to_proto(
    references: Iterable[Reference], keys: KeySet, tenant_id: UUID
) -> list[pb.ContactReference]:
    """Returns what other services may know: hashes of the addresses, never the addresses."""
    rows = list(references)
    key_id, _ = keys.current
    emails = _hashes(keys, tenant_id, "email", [row.email_canonical for row in rows])
    phones = {
        channel: _hashes(keys, tenant_id, channel, [row.phone for row in rows])
        for channel in ("sms", "whatsapp")
    }
    found = []
    for index, row in enumerate(rows):
        message = pb.ContactReference(
            contact_id=str(row.contact_id),
            state=_STATES[row.state],
            branch_id=str(row.branch_id or ""),
            language_code=row.language_code or "",
            time_zone=row.time_zone or "",
            region_code=row.region_code or "",
        )
        if row.email_canonical:
            message.address_hashes.add(
                channel=enums_pb2.CHANNEL_EMAIL,
                hash=emails[index],
                key_id=key_id,
                hint=mask_email(row.email_canonical),
            )
        if row.phone:
            hint = mask_phone(row.phone)
            for channel, hashes in zip(
                (enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_WHATSAPP), phones.values(), strict=True
            ):
                message.address_hashes.add(channel=channel, hash=hashes[index], key_id=key_id, hint=hint)
        found.append(message)
    return found


def registry_hashes(reference: Reference, keys: KeySet) -> list[bytes]:
    """Returns the hashes by which registries that all tenants share know a contact's number, one for each key."""
    if not reference.phone:
        return []
    return list(address_hash_candidates(keys, _EVERYBODY, "sms", reference.phone).values())


def staff_from_proto(message: pb.StaffMember) -> tuple[StaffMember, list[Violation]]:
    """Returns the staff member of a message, and what could not be read."""
    violations: list[Violation] = []
    for name, check in (("email", canonical_email), ("time_zone", zone)):
        text = getattr(message, name)
        if text:
            try:
                check(text)
            except ValueError as error:
                violations.append(Violation(f"staff_member.{name}", str(error)))
    member = StaffMember(
        staff_id=message.staff_id,
        name=message.name,
        roles=tuple(message.roles),
        email=message.email,
        is_email_verified=message.is_email_verified,
        language_code=message.language_code,
        time_zone=message.time_zone,
    )
    return member, violations


def reachable_to_proto(contact: Contact) -> service_pb.ReachableContact:
    """Returns where a contact can be reached."""
    return service_pb.ReachableContact(
        contact_id=str(contact.contact_id),
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        language_code=contact.language_code,
        time_zone=contact.time_zone,
        state=_STATES[contact.state],
        branch_id=str(contact.branch_id or ""),
    )


def staff_to_proto(member: StaffMember) -> pb.StaffMember:
    """Returns a staff member as the contract shows them."""
    return pb.StaffMember(
        staff_id=member.staff_id,
        name=member.name,
        roles=member.roles,
        email=member.email,
        is_email_verified=member.is_email_verified,
        language_code=member.language_code,
        time_zone=member.time_zone,
    )


class _Reader:
    """Reads the fields of one message and collects what is wrong with them."""

    def __init__(self, message: pb.Contact) -> None:
        self._message = message
        self.violations: list[Violation] = []

    def text(self, name: str, limit: int, *, report: bool = True) -> str | None:
        """Returns a text without its outer blanks; None when empty."""
        value: str = getattr(self._message, name).strip()
        if not value:
            return None
        problem = None
        if len(value) > limit:
            problem = f"must be at most {limit} characters"
        elif not value.isprintable():
            problem = "must not hold control characters"
        if problem:
            if report:
                self._wrong(name, problem)
            return None
        return value

    def read(self, name: str, parse: Callable[[str], T]) -> T | None:
        """Returns what `parse` makes of a text; its ValueError becomes the field's violation."""
        value: str = getattr(self._message, name).strip()
        if not value:
            return None
        try:
            return parse(value)
        except ValueError as error:
            self._wrong(name, str(error))
            return None

    def tags(self) -> tuple[str, ...]:
        """Returns the tags, each once and in order."""
        found = tuple(dict.fromkeys(tag.strip() for tag in self._message.tags if tag.strip()))
        if len(found) > MAX_ATTRIBUTES:
            self._wrong("tags", f"must be at most {MAX_ATTRIBUTES}")
        elif any(len(tag) > MAX_KEY or not tag.isprintable() for tag in found):
            self._wrong("tags", f"must each be at most {MAX_KEY} printable characters")
        else:
            return found
        return ()

    def attributes(self) -> dict[str, Any]:
        """Returns the attributes as plain values."""
        if not self._message.HasField("attributes"):
            return {}
        found = _plain(self._message.attributes)
        if len(found) > MAX_ATTRIBUTES:
            self._wrong("attributes", f"must have at most {MAX_ATTRIBUTES} keys")
        for key, value in found.items():
            if not key or len(key) > MAX_KEY or not key.isprintable():
                self._wrong("attributes", f"keys must be 1 to {MAX_KEY} printable characters")
            elif not isinstance(value, (str, int, float, bool)):
                self._wrong(f"attributes.{key}", "must be a text, number, boolean or date")
        return found

    def count(self, name: str) -> int:
        """Returns a number that is not negative."""
        value: int = getattr(self._message, name)
        if value < 0 or (value > MAX_COUNT and name != "total_spend_minor"):
            self._wrong(name, "must be 0 or more, and fit 32 bits")
            return 0
        return value

    def instant(self, name: str) -> datetime | None:
        """Returns an instant; None when absent."""
        if not self._message.HasField(name):
            return None
        stamp: Timestamp = getattr(self._message, name)
        try:
            return stamp.ToDatetime(tzinfo=UTC)
        except (ValueError, OverflowError):
            self._wrong(name, "is no instant between the years 1 and 9999")
            return None

    def _wrong(self, name: str, description: str) -> None:
        self.violations.append(Violation(f"contact.{name}", description))


def _membership(text: str) -> str:
    if text not in MEMBERSHIPS:
        raise ValueError(f"must be one of {', '.join(MEMBERSHIPS)}")
    return text


def _hashes(keys: KeySet, tenant_id: UUID, channel: str, addresses: list[str | None]) -> list[bytes]:
    return address_hashes(keys, tenant_id, channel, (address or "" for address in addresses))


def _plain(struct: Struct) -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(struct)
    # A Struct knows floating point only; what was written as a whole number stays one.
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in found.items()
    }
