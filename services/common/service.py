"""What a service is made of: its RPCs, its loops and its database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import ServiceDescriptor

if TYPE_CHECKING:
    from services.common.db.database import Database


MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""How large a call or an answer may be, unless a service says otherwise."""


@dataclass(frozen=True, slots=True)
class Registration:
    """One gRPC service: its descriptor, the generated `add_…_to_server`, and the object that answers."""

    descriptor: ServiceDescriptor
    add: Callable[[Any, Any], None]
    servicer: object


@dataclass(frozen=True, slots=True)
class Loop:
    """Work that goes on by itself: `run(stop)` returns once stop is set and the work in hand is finished."""

    name: str
    run: Callable[[asyncio.Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Service:
    """A service as built by its bootstrap, ready to be served, worked, or both."""

    name: str
    database: Database
    registrations: list[Registration]
    loops: list[Loop] = field(default_factory=list)
    max_message_bytes: int = MAX_MESSAGE_BYTES
    """How large a request may be that it takes, and an answer that it gives."""
    notes: Sequence[str] = ()
    """What whoever asks about readiness should know of this deployment, such as what is switched off."""
