"""What a service is made of: its RPCs, its loops and its database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import ServiceDescriptor

if TYPE_CHECKING:
    from services.common.db.database import Database


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
    notes: Sequence[str] = ()
    """What whoever asks about readiness should know of this deployment, such as what is switched off."""
