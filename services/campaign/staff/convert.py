"""Between staff and the contract."""

from collections.abc import Callable
from uuid import UUID

from angarium.campaign.v1 import contact_pb2 as pb
from services.campaign.staff.domain import StaffMember
from services.common.addresses import canonical_email, parse_phone
from services.common.errors import Violation, invalid_many
from services.common.security.permissions import PLATFORM_ADMIN, STAFF_ROLES
from services.common.zones import zone

_ROLES = STAFF_ROLES - {PLATFORM_ADMIN}
"""Roles that somebody has in a tenant."""


def member_from_proto(message: pb.StaffMember, region: str) -> StaffMember:
    """Returns the staff member of a message; invalid names everything that cannot be read.

    Numbers without a country are read as those of `region`.
    """
    violations: list[Violation] = []

    def read(name: str, parse: Callable[[str], str]) -> str:
        text: str = getattr(message, name)
        try:
            return parse(text) if text else ""
        except ValueError as error:
            violations.append(Violation(f"staff_member.{name}", str(error)))
            return ""

    read("email", canonical_email)
    read("time_zone", lambda text: zone(text).key)
    phone = read("phone", lambda text: parse_phone(text, region))
    if unknown := sorted(set(message.roles) - _ROLES):
        violations.append(Violation("staff_member.roles", f"holds {unknown[0]!r}, which is no role of staff"))
    if message.is_email_verified and not message.email:
        violations.append(Violation("staff_member.is_email_verified", "needs an address"))
    if violations:
        raise invalid_many(violations)
    return StaffMember(
        staff_id=message.staff_id,
        name=message.name,
        roles=tuple(dict.fromkeys(message.roles)),
        email=message.email,
        is_email_verified=message.is_email_verified,
        language_code=message.language_code,
        time_zone=message.time_zone,
        branch_ids=tuple(UUID(one) for one in message.branch_ids),
        phone=phone,
        is_disabled=message.is_disabled,
    )


def member_to_proto(member: StaffMember) -> pb.StaffMember:
    """Returns a staff member as the contract shows them."""
    return pb.StaffMember(
        staff_id=member.staff_id,
        name=member.name,
        roles=member.roles,
        email=member.email,
        is_email_verified=member.is_email_verified,
        language_code=member.language_code,
        time_zone=member.time_zone,
        branch_ids=[str(one) for one in member.branch_ids],
        phone=member.phone,
        is_disabled=member.is_disabled,
    )
