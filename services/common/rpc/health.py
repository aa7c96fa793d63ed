"""Health by `grpc.health.v1`: serving only while the database answers and is migrated (GAT-18)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Protocol

import structlog
from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer

from services.common.errors import ServiceError
from services.common.retry import backoff

log = structlog.get_logger("health")

PERIOD_SECONDS = 2.0
CHECK_SECONDS = 3.0
DETAIL_KEY = "readiness"
"""Trailing metadata of the health service's answers: what is the matter, in words."""

SERVING = "serving"
STARTING = "starting"
SLOW = "database does not answer in time"

_FIRST_PAUSE = timedelta(milliseconds=200)
_LONGEST_PAUSE = timedelta(seconds=1)
_LONGEST_SILENCE = 60.0
_TOLERATED_SLOW = 1
"""How many checks in a row may run out of time before calls are refused: a busy moment is no outage."""


class Ready(Protocol):
    """What must be ready before calls are answered."""

    async def trouble(self) -> str:
        """Returns what is the matter, or nothing; raises when that cannot be found out."""


class Health:
    """Checks readiness from time to time, never per call, and tells it to whoever asks.

    Not serving until the first check. `notes` are told with every state, such as what is switched off.
    """

    def __init__(
        self,
        ready: Ready,
        services: Iterable[str],
        period_seconds: float = PERIOD_SECONDS,
        notes: Sequence[str] = (),
    ) -> None:
        self.servicer = _Servicer(self)
        self.serving = asyncio.Event()
        self.state = STARTING
        self._notes = notes
        self._ready = ready
        self._names = ["", *services]
        self._period = period_seconds
        self._slow = 0
        self._since = time.monotonic()
        self._told_at = 0.0
        self._silence = 1.0
        self.servicer.begin(self._names)

    @property
    def detail(self) -> str:
        """Returns the state and the notes in words."""
        return "; ".join((self.state, *self._notes))

    def refusal(self) -> ServiceError:
        """Returns what calls are answered while this is not serving."""
        return ServiceError(
            "DEPENDENCY_UNAVAILABLE",
            f"not serving: {self.state}",
            metadata={"dependency": "database", "detail": self.state},
            retry_after=_LONGEST_PAUSE,
        )

    async def loop(self) -> None:
        """Checks until cancelled, sooner while not serving; the first check is made at once."""
        failures = 0
        while True:
            if await self.check():
                failures = 0
                await asyncio.sleep(self._period)
            else:
                failures += 1
                pause = backoff(failures, base=_FIRST_PAUSE, cap=_LONGEST_PAUSE).total_seconds()
                self._tell_waiting(pause)
                await asyncio.sleep(pause)

    async def check(self) -> bool:
        """Makes one check and publishes its result."""
        state = await self._look()
        if state != self.state:
            self._tell_change(state)
            self.state = state
        is_serving = state == SERVING
        if is_serving:
            self.serving.set()
        else:
            self.serving.clear()
        await self.servicer.publish(self._names, is_serving)
        return is_serving

    async def drain(self) -> None:
        """Says not serving from now on, so that nobody sends new calls; those that come are answered."""
        await self.servicer.enter_graceful_shutdown()

    async def _look(self) -> str:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                trouble = await self._ready.trouble()
        except TimeoutError:
            self._slow += 1
            return SERVING if self.state == SERVING and self._slow <= _TOLERATED_SLOW else SLOW
        except Exception as error:  # noqa: BLE001 - whatever a driver raises means the same here
            log.debug("health check failed", error=type(error).__name__)
            return "database does not answer"
        self._slow = 0
        return trouble or SERVING

    def _tell_change(self, state: str) -> None:
        now = time.monotonic()
        if state == SERVING:
            log.info("health changed", state=state, after_seconds=round(now - self._since, 1))
        else:
            log.warning("health changed", state=state)
        if SERVING in (state, self.state):
            self._since, self._silence = now, 1.0
        self._told_at = now

    def _tell_waiting(self, pause: float) -> None:
        """Says that it still waits, ever more rarely."""
        now = time.monotonic()
        if now - self._told_at >= self._silence:
            self._told_at, self._silence = now, min(self._silence * 2, _LONGEST_SILENCE)
            log.warning(
                "not serving",
                state=self.state,
                for_seconds=round(now - self._since, 1),
                next_check_seconds=round(pause, 1),
            )


class _Servicer(HealthServicer):
    """The health service, which also says in words what is the matter."""

    def __init__(self, health: Health) -> None:
        super().__init__()
        self._health = health

    def begin(self, names: Iterable[str]) -> None:
        """Says not serving before anybody can ask."""
        self._server_status = dict.fromkeys(names, health_pb2.HealthCheckResponse.NOT_SERVING)

    async def publish(self, names: Iterable[str], serving: bool) -> None:
        """Sets the status of all names."""
        response = health_pb2.HealthCheckResponse
        for name in names:
            await self.set(name, response.SERVING if serving else response.NOT_SERVING)

    async def Check(self, request: Any, context: Any) -> Any:
        context.set_trailing_metadata(((DETAIL_KEY, self._health.detail),))
        return await super().Check(request, context)

    async def List(self, request: Any, context: Any) -> Any:  # noqa: ARG002 - a listing asks nothing
        """Returns the status of every service of this process."""
        context.set_trailing_metadata(((DETAIL_KEY, self._health.detail),))
        statuses = {
            name: health_pb2.HealthCheckResponse(status=status)
            for name, status in self._server_status.items()
        }
        listed: Any = health_pb2.HealthListResponse  # type: ignore[attr-defined]  # newer than its types
        return listed(statuses=statuses)
