"""Health by `grpc.health.v1`: serving only while the database answers and its migrations are current."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

import structlog
from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer

log = structlog.get_logger("health")

PERIOD_SECONDS = 2.0
CHECK_SECONDS = 3.0


class Ready(Protocol):
    """What must be ready before calls are answered."""

    async def ping(self) -> object:
        """Raises, or returns false, when the database does not answer."""

    async def migrations_current(self) -> bool:
        """Returns whether the schema is what this release expects."""


class Health:
    """Checks readiness from time to time, never per call, and tells it to whoever asks the health service."""

    def __init__(self, ready: Ready, services: Iterable[str], period_seconds: float = PERIOD_SECONDS) -> None:
        self.servicer = HealthServicer()
        self._ready = ready
        self._names = ["", *services]
        self._period = period_seconds
        self._state = ""

    async def loop(self) -> None:
        """Checks until cancelled; the first check is made at once."""
        while True:
            await self.check()
            await asyncio.sleep(self._period)

    async def check(self) -> bool:
        """Makes one check and publishes its result."""
        state = await self._look()
        if state != self._state:
            self._state = state
            log.info("health changed", state=state)
        status = (
            health_pb2.HealthCheckResponse.SERVING
            if state == "serving"
            else health_pb2.HealthCheckResponse.NOT_SERVING
        )
        for name in self._names:
            await self.servicer.set(name, status)
        return state == "serving"

    async def drain(self) -> None:
        """Says not serving from now on, so that nobody sends new calls."""
        await self.servicer.enter_graceful_shutdown()

    async def _look(self) -> str:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                if await self._ready.ping() is False:
                    return "database does not answer"
                current = await self._ready.migrations_current()
        except Exception as error:  # noqa: BLE001 - whatever a driver raises means the same here
            log.debug("health check failed", error=type(error).__name__)
            return "database does not answer"
        return "serving" if current else "migrations are not current: run `migrate`"
