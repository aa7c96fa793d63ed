"""Credentials: bearer tokens of people and contacts, and short signed tokens of services (SEC-1 to SEC-4)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import jwt as pyjwt

from services.common.errors import unauthenticated
from services.common.rpc.context import Caller
from services.common.security.permissions import CONTACT, PLATFORM_ADMIN, SERVICE, STAFF_ROLES

LEEWAY_SECONDS = 60
PERSON_TTL = timedelta(minutes=15)
SERVICE_TTL = timedelta(minutes=5)

NEIGHBOUR = "neighbour"
"""Service name of the tenant's own neighbour systems, which hold an issuer's token with the role `service`."""

# The header's type only chooses which rules a token must pass; each kind has its own key and audience, so a token
# of one kind never passes as the other.
_SERVICE_TYPE = "angarium-service+jwt"
_SERVICE_ISSUER = "angarium"
_SERVICE_AUDIENCE = "angarium.services"
_SERVICE_ALGORITHM = "HS256"
_CACHED_TOKENS = 4096
_LONGEST_TOKEN = 8192


class ServiceTokenSettings(Protocol):
    """The setting that service tokens need."""

    @property
    def service_token_key(self) -> str:
        """Shared secret of service tokens."""


class JwtSettings(ServiceTokenSettings, Protocol):
    """The settings that credentials need."""

    @property
    def jwt_issuer(self) -> str:
        """Issuer of people's tokens."""

    @property
    def jwt_audience(self) -> str:
        """Audience that people's tokens must name."""

    @property
    def jwt_algorithm(self) -> str:
        """The only accepted algorithm of people's tokens."""

    @property
    def jwt_verification_key(self) -> str:
        """Public key or shared secret that verifies people's tokens."""


class TokenVerifier:
    """Turns bearer tokens into callers; remembers verified tokens until they expire."""

    def __init__(self, settings: JwtSettings) -> None:
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._algorithm = settings.jwt_algorithm
        self._key = settings.jwt_verification_key
        self._service_key = settings.service_token_key
        self._known: dict[str, tuple[Caller, float]] = {}

    def known(self, bearer: str) -> Caller | None:
        """Returns the caller of a token verified before and still good, None when it must be verified."""
        remembered = self._known.get(bearer)
        return remembered[0] if remembered is not None and time.time() < remembered[1] else None

    def verify(self, bearer: str) -> Caller:
        """Returns the caller of a token; unauthenticated with `missing`, `invalid` or `expired` otherwise."""
        if not bearer:
            raise unauthenticated("missing")
        known = self.known(bearer)
        if known is not None:
            return known
        self._known.pop(bearer, None)
        caller, expires = self._verify(bearer)
        if len(self._known) >= _CACHED_TOKENS:
            self._known.clear()
        self._known[bearer] = caller, expires
        return caller

    def _verify(self, bearer: str) -> tuple[Caller, float]:
        if len(bearer) > _LONGEST_TOKEN:
            raise unauthenticated("invalid")
        try:
            if pyjwt.get_unverified_header(bearer).get("typ") == _SERVICE_TYPE:
                claims = self._decode(
                    bearer, self._service_key, _SERVICE_ALGORITHM, _SERVICE_ISSUER, _SERVICE_AUDIENCE
                )
                caller = _service_caller(claims)
            else:
                claims = self._decode(bearer, self._key, self._algorithm, self._issuer, self._audience)
                caller = _issued_caller(claims)
        except pyjwt.ExpiredSignatureError:
            raise unauthenticated("expired") from None
        except (pyjwt.PyJWTError, ValueError, TypeError):
            raise unauthenticated("invalid") from None
        return caller, float(claims["exp"]) + LEEWAY_SECONDS

    @staticmethod
    def _decode(bearer: str, key: str, algorithm: str, issuer: str, audience: str) -> dict[str, Any]:
        claims: dict[str, Any] = pyjwt.decode(
            bearer,
            key,
            algorithms=[algorithm],
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
        return claims


def _service_caller(claims: Mapping[str, Any]) -> Caller:
    name = _text(claims, "sub")
    if name == NEIGHBOUR:
        raise ValueError("name is reserved")
    return Caller.of_service(name)


def _issued_caller(claims: Mapping[str, Any]) -> Caller:
    """Reads the claims of the issuer; words that are not roles of ours are ignored (SEC-3)."""
    subject = _text(claims, "sub")
    roles = _words(claims, "roles")
    tenant = claims.get("tenant")
    tenant_id = UUID(_text(claims, "tenant")) if tenant is not None else None
    if CONTACT in roles:
        if roles != {CONTACT} or tenant_id is None:
            raise ValueError("a contact has one role and one tenant")
        return Caller("contact", subject, tenant_id, roles, contact_id=UUID(_text(claims, "contact_id")))
    if SERVICE in roles:
        if roles != {SERVICE} or tenant_id is None:
            raise ValueError("a neighbour has one role and one tenant")
        return Caller("service", subject, tenant_id, roles, service=NEIGHBOUR)
    known = roles & STAFF_ROLES
    if tenant_id is None and PLATFORM_ADMIN not in known:
        raise ValueError("a tenant is missing")
    branches = frozenset(str(UUID(word)) for word in _words(claims, "branches"))
    return Caller("person", subject, tenant_id, known, branches)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ValueError(f"claim {name} is not a short text")
    return value


def _words(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    value = claims.get(name, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError(f"claim {name} is not a list of words")
    return frozenset(value)


def issue_person(
    settings: JwtSettings,
    tenant_id: UUID | None,
    subject: str,
    roles: Iterable[str],
    branches: Iterable[str] = (),
    ttl: timedelta = PERSON_TTL,
) -> str:
    """Returns a person's token; for deployments that verify with a shared secret and so can issue their own."""
    claims = {"roles": sorted(roles), "branches": sorted(branches)}
    return _issue(settings, subject, tenant_id, claims, ttl)


def issue_contact(
    settings: JwtSettings, tenant_id: UUID, contact_id: UUID, ttl: timedelta = PERSON_TTL
) -> str:
    """Returns a contact's token, good for its own inbox, devices, preferences and consents (SEC-4)."""
    claims = {"roles": [CONTACT], "contact_id": str(contact_id)}
    return _issue(settings, f"contact:{contact_id}", tenant_id, claims, ttl)


def issue_neighbour(settings: JwtSettings, tenant_id: UUID, subject: str, ttl: timedelta = PERSON_TTL) -> str:
    """Returns the token of a tenant's neighbour system: role `service`, one tenant, service `neighbour`."""
    return _issue(settings, subject, tenant_id, {"roles": [SERVICE]}, ttl)


def issue_service(settings: ServiceTokenSettings, name: str, ttl: timedelta = SERVICE_TTL) -> str:
    """Returns a short token that names the calling service; the tenant travels in metadata."""
    if name == NEIGHBOUR:
        raise ValueError("name is reserved")
    now = datetime.now(UTC)
    claims = {
        "iss": _SERVICE_ISSUER,
        "aud": _SERVICE_AUDIENCE,
        "sub": name,
        "iat": now,
        "exp": now + ttl,
    }
    return pyjwt.encode(
        claims, settings.service_token_key, algorithm=_SERVICE_ALGORITHM, headers={"typ": _SERVICE_TYPE}
    )


def _issue(
    settings: JwtSettings, subject: str, tenant_id: UUID | None, extra: Mapping[str, object], ttl: timedelta
) -> str:
    if not settings.jwt_algorithm.startswith("HS"):
        raise ValueError("tokens are issued elsewhere: JWT_ALGORITHM names a public key algorithm")
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
        "sub": subject,
        "iat": now,
        "exp": now + ttl,
        **extra,
    }
    if tenant_id is not None:
        claims["tenant"] = str(tenant_id)
    return pyjwt.encode(claims, settings.jwt_verification_key, algorithm=settings.jwt_algorithm)
