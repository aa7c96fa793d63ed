"""The table of roles and permissions, as data (SEC-8 to SEC-42).

`deadletter.manage` is the part of `queue.control` that a super owner has for the own tenant (SEC-36).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RECEPTIONIST = "receptionist"
BRANCH_MANAGER = "branch_manager"
REGIONAL_MANAGER = "regional_manager"
SUPER_OWNER = "super_owner"
PLATFORM_ADMIN = "platform_admin"
SERVICE = "service"
CONTACT = "contact"

ROLES = (RECEPTIONIST, BRANCH_MANAGER, REGIONAL_MANAGER, SUPER_OWNER, PLATFORM_ADMIN, SERVICE, CONTACT)
STAFF_ROLES = frozenset({RECEPTIONIST, BRANCH_MANAGER, REGIONAL_MANAGER, SUPER_OWNER, PLATFORM_ADMIN})
BRANCH_ROLES = frozenset({RECEPTIONIST, BRANCH_MANAGER, REGIONAL_MANAGER})
"""Roles that see and change only the branches of their token (GEN-11)."""

# One column per role of ROLES; an x grants. Kept in the shape of the requirement's own table so that the two can be
# read side by side.
_GRANTS: Mapping[str, str] = MappingProxyType(
    {
        # permission           Re BM RM SO PA Sv Co
        "campaign.view": "        x  x  x  x  .  .  .",
        "campaign.create": "      .  x  x  x  .  .  .",
        "campaign.approve": "     .  .  x  x  .  .  .",
        "campaign.send": "        .  x  x  x  .  .  .",
        "campaign.transactional": ".  .  .  x  .  .  .",
        "template.manage": "      .  x  x  x  .  .  .",
        "segment.manage": "       .  x  x  x  .  .  .",
        "coupon.manage": "        .  x  x  x  .  .  .",
        "coupon.redeem": "        x  x  x  x  .  x  .",
        "referral.config": "      .  .  .  x  .  .  .",
        "referral.view": "        x  x  x  x  .  x  .",
        "referral.manage": "      .  x  x  x  .  x  .",
        "budget.config": "        .  .  .  x  .  .  .",
        "settings.manage": "      .  .  .  x  .  .  .",
        "settings.view": "        .  x  x  x  .  x  .",
        "consent.view": "         x  x  x  x  .  x  x",
        "consent.update": "       .  x  x  x  .  x  x",
        "consent.optout": "       x  x  x  x  .  x  x",
        "suppression.view": "     .  x  x  x  x  x  .",
        "suppression.manage": "   .  .  x  x  x  x  .",
        "dnd.manage": "           .  .  .  x  x  .  .",
        "privacy.export": "       .  .  .  x  .  .  .",
        "privacy.erase": "        .  .  .  x  .  .  .",
        "contact.view": "         x  x  x  x  .  x  .",
        "contact.manage": "       x  x  x  x  .  x  .",
        "trigger.manage": "       .  x  x  x  .  .  .",
        "automation.manage": "    .  x  x  x  .  .  .",
        "followup.own": "         x  x  x  x  .  .  .",
        "followup.manage": "      .  x  x  x  .  .  .",
        "feedback.view": "        x  x  x  x  .  x  .",
        "feedback.handle": "      .  x  x  x  .  .  .",
        "message.send": "         .  .  .  x  .  x  .",
        "message.view": "         x  x  x  x  .  x  .",
        "message.view_content": " .  x  x  x  .  .  .",
        "provider.manage": "      .  .  .  x  x  .  .",
        "webhook.manage": "       .  .  .  x  .  .  .",
        "queue.control": "        .  .  .  .  x  .  .",
        "deadletter.manage": "    .  .  .  x  x  .  .",
        "ratelimit.manage": "     .  .  .  .  x  .  .",
        "job.run": "              .  .  .  .  x  .  .",
        "tenant.manage": "        .  .  .  .  x  .  .",
        "analytics.view": "       x  x  x  x  .  x  .",
        "analytics.spend": "      .  x  x  x  x  .  .",
        "compliance.report": "    .  .  x  x  .  .  .",
        "inbox.own": "            .  .  .  .  .  x  x",
        "device.own": "           .  .  .  .  .  x  x",
    }
)

PERMISSIONS = frozenset(_GRANTS)

PERMISSION_ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        permission: frozenset(role for role, mark in zip(ROLES, row.split(), strict=True) if mark == "x")
        for permission, row in _GRANTS.items()
    }
)
"""Permission to the roles that have it."""

ROLE_PERMISSIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        role: frozenset(permission for permission, roles in PERMISSION_ROLES.items() if role in roles)
        for role in ROLES
    }
)
"""Role to its permissions; what is not here is refused."""


def permitted(roles: frozenset[str], permission: str) -> bool:
    """Returns whether one of the roles has the permission; unknown words never pass."""
    return not roles.isdisjoint(PERMISSION_ROLES.get(permission, frozenset()))
