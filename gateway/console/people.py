"""Who a bearer token stands for, as it says itself; whether it holds is for the services to say, at every call."""

from dataclasses import dataclass
from datetime import UTC, datetime

import jwt as pyjwt

from services.common.security.permissions import STAFF_ROLES


class NobodyOfStaff(Exception):
    """A token that is unreadable, or that belongs to a contact or to a system."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff, and for how long the token is good."""

    subject: str
    tenant_id: str
    """Empty for an administrator of the platform without a tenant."""
    roles: frozenset[str]
    branches: frozenset[str]
    expires: datetime


def person_of(bearer: str) -> Person:
    """Returns who a token of ours names; NobodyOfStaff when it names none of the staff."""
    try:
        claims = pyjwt.decode(bearer, options={"verify_signature": False})
        roles = frozenset(map(str, claims.get("roles", ()))) & STAFF_ROLES
        expires = datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (pyjwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError):
        raise NobodyOfStaff from None
    if not roles:
        raise NobodyOfStaff
    return Person(
        subject=str(claims.get("sub", "")),
        tenant_id=str(claims.get("tenant") or ""),
        roles=roles,
        branches=frozenset(map(str, claims.get("branches", ()))),
        expires=expires,
    )
