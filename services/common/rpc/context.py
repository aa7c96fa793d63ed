"""Who calls, for which tenant, under which request: the context of the work in hand.

A server binds it per call; loops and tests bind it themselves. It lives in context variables, so tasks started from
a call inherit it and calls never see each other's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.common.errors import denied, unauthenticated

CallerKind = Literal["person", "service", "contact"]


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller; nothing in it was taken from a request body."""

    kind: CallerKind
    subject: str
    tenant_id: UUID | None
    roles: frozenset[str] = frozenset()
    branch_ids: frozenset[str] = frozenset()
    service: str | None = None
    """Name of the calling service; `neighbour` for a neighbour system of a tenant; None for people."""
    contact_id: UUID | None = None

    @classmethod
    def of_service(cls, name: str, tenant_id: UUID | None = None) -> Caller:
        """Returns a service as caller, as loops act and as tests call."""
        return cls("service", name, tenant_id, frozenset({"service"}), service=name)

    def own_branches(self) -> tuple[UUID, ...]:
        """Returns the branches the caller is limited to, in order; empty means all (GEN-11)."""
        return tuple(sorted(UUID(branch) for branch in self.branch_ids))


_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)
_request_id: ContextVar[str] = ContextVar("request_id", default="")
_correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")


def current_caller() -> Caller:
    """Returns the caller of the work in hand; unauthenticated when there is none."""
    caller = _caller.get()
    if caller is None:
        raise unauthenticated("missing")
    return caller


def maybe_caller() -> Caller | None:
    """Returns the caller of the work in hand, or None in a public method or outside any call."""
    return _caller.get()


def tenant() -> UUID:
    """Returns the tenant the work is done for; denied when the caller names none (GEN-8)."""
    caller = current_caller()
    if caller.tenant_id is None:
        raise denied("caller names no tenant")
    return caller.tenant_id


def require_tenant(tenant_id: str) -> UUID:
    """Returns the tenant when a request names the caller's own or none; any other is denied (GEN-8)."""
    own = tenant()
    if tenant_id and tenant_id.lower() != str(own):
        raise denied("caller may not act for this tenant")
    return own


def request_id() -> str:
    """Returns the id of the call in hand; empty outside one."""
    return _request_id.get()


def correlation_id() -> str:
    """Returns the id that all consequences of one cause share; empty when nothing caused the work."""
    return _correlation_id.get()


@contextmanager
def bind(caller: Caller, *, request_id: str = "", correlation_id: str = "") -> Iterator[Caller]:
    """Makes `caller` the current one inside the block; used by loops and tests."""
    caller_before = _caller.set(caller)
    request_before = _request_id.set(request_id)
    correlation_before = _correlation_id.set(correlation_id or request_id)
    try:
        yield caller
    finally:
        _correlation_id.reset(correlation_before)
        _request_id.reset(request_before)
        _caller.reset(caller_before)


def enter_call(request_id: str, correlation_id: str) -> None:
    """Begins the context of an RPC, whose caller is not known yet; the server's business only."""
    _caller.set(None)
    _request_id.set(request_id)
    _correlation_id.set(correlation_id)


def set_caller(caller: Caller | None) -> None:
    """Makes an admitted caller the current one for the rest of the task; the server's business only."""
    _caller.set(caller)
