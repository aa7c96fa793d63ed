"""The id of the request in hand, sent back to the caller and passed on to the services."""

import re
from contextvars import ContextVar

from services.common.ids import uuid7

HEADER = "x-request-id"
_WELL_FORMED = re.compile(r"^[A-Za-z0-9._-]{8,100}$")
_current: ContextVar[str] = ContextVar("gateway_request_id", default="")


def begin(offered: str | None) -> str:
    """Takes the caller's id when it is well-formed, else makes one."""
    chosen = offered if offered and _WELL_FORMED.match(offered) else str(uuid7())
    _current.set(chosen)
    return chosen


def current() -> str:
    """Returns the id of the request in hand; empty outside one."""
    return _current.get()
