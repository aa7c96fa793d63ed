"""Who calls: the credential of a call becomes a caller, and the caller is admitted or refused."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from services.common.errors import ServiceError, denied, exhausted, unauthenticated
from services.common.rpc.access import Access
from services.common.rpc.context import Caller
from services.common.security.jwt import NEIGHBOUR, JwtSettings, TokenVerifier

TENANT_KEY = "x-tenant-id"
TENANT_PERMISSION = "tenant.manage"
_REMEMBERED = 4096


class AdmissionSettings(JwtSettings, Protocol):
    """The settings that admission needs."""

    @property
    def enable_rate_limiting(self) -> bool:
        """Whether failures and strangers are counted."""

    @property
    def rate_limit_window_ms(self) -> int:
        """Length of the counting window."""

    @property
    def rate_limit_max_requests(self) -> int:
        """Requests in a window."""


class Admission:
    """Checks credential, tenant and permission of each call, before anything is looked up."""

    def __init__(self, settings: AdmissionSettings) -> None:
        self._verifier = TokenVerifier(settings)
        self._acting: dict[tuple[str, str], Caller] = {}
        limit = settings.rate_limit_max_requests if settings.enable_rate_limiting else None
        window = settings.rate_limit_window_ms / 1000
        self._failures = WindowLimit(limit, window)
        self._strangers = WindowLimit(limit, window)

    def admit(self, access: Access, metadata: Mapping[str, str | bytes], peer: str) -> Caller | None:
        """Returns the caller, None for a public method; unauthenticated or denied otherwise (SEC-1)."""
        if access.public:
            self._strangers.take(peer)
            if "authorization" in metadata:
                self._authenticate(metadata, peer)  # needs none, and still refuses a bad one
            return None
        caller = self._authenticate(metadata, peer)
        if TENANT_KEY in metadata:
            caller = self._act_for(caller, str(metadata[TENANT_KEY]), access)
        if not access.admits(caller):
            raise denied()
        return caller

    def _authenticate(self, metadata: Mapping[str, str | bytes], peer: str) -> Caller:
        bearer = _bearer(metadata.get("authorization"))
        known = self._verifier.known(bearer)
        if known is not None:
            return known
        self._failures.check(peer)
        try:
            return self._verifier.verify(bearer)
        except ServiceError:
            self._failures.take(peer)
            raise

    def _act_for(self, caller: Caller, tenant: str, access: Access) -> Caller:
        """Returns the caller acting for the tenant of the metadata, where it may name one (SEC-2)."""
        if caller.tenant_id is not None and str(caller.tenant_id) == tenant.lower():
            return caller
        if caller.service is None or caller.service == NEIGHBOUR:
            administers = caller.kind == "person" and access.permission == TENANT_PERMISSION
            if not (administers and access.admits(caller)):
                raise denied("caller may not act for this tenant")
            return replace(caller, tenant_id=_tenant_id(tenant))
        key = (caller.service, tenant)
        acting = self._acting.get(key)
        if acting is None:
            acting = Caller.of_service(caller.service, _tenant_id(tenant))
            if len(self._acting) >= _REMEMBERED:
                self._acting.clear()
            self._acting[key] = acting
        return acting


def _tenant_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise denied(f"{TENANT_KEY} is not a tenant") from None


class WindowLimit:
    """Counts per host in fixed windows; a damper in this process, not a promise across processes."""

    def __init__(self, limit: int | None, window_seconds: float) -> None:
        self._limit = limit
        self._window = window_seconds
        self._counts: dict[str, int] = {}
        self._ends = 0.0

    def take(self, peer: str) -> None:
        """Counts one; exhausted when the window's share is used up."""
        if self._limit is not None:
            self.check(peer)
            host = peer.rpartition(":")[0]
            self._counts[host] = self._counts.get(host, 0) + 1

    def check(self, peer: str) -> None:
        """Raises exhausted when the window's share of the peer is used up."""
        if self._limit is None:
            return
        now = time.monotonic()
        if now >= self._ends:
            self._counts.clear()
            self._ends = now + self._window
        if self._counts.get(peer.rpartition(":")[0], 0) >= self._limit:
            wait = timedelta(seconds=self._ends - now)
            raise exhausted("RATE_LIMITED", "too many requests", retry_after=wait)


def _bearer(header: str | bytes | None) -> str:
    if header is None:
        raise unauthenticated("missing")
    if not isinstance(header, str) or header[:7].lower() != "bearer ":
        raise unauthenticated("invalid")
    return header[7:].strip()
