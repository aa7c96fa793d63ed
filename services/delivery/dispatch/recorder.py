"""Recording outcomes until it succeeds: what a provider took is not forgotten because the database is away."""

import asyncio

import psycopg
import structlog

from services.common.clock import Clock
from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.retry import backoff
from services.delivery.accounts.health import AccountHealth
from services.delivery.accounts.store import ProviderAccount
from services.delivery.devices import store as devices
from services.delivery.dispatch import handover
from services.delivery.dispatch.outcomes import Handover
from services.delivery.dispatch.parcels import Answered
from services.delivery.dispatch.store import Claim
from services.delivery.fallbacks.handlers import Fallbacks

log = structlog.get_logger("dispatch")


class Recorder:
    """Writes outcomes down, again and again if need be.

    While the lease holds nobody else touches the messages. Later they are unknown to others, and what is known here
    still settles them.
    """

    def __init__(self, database: Database, clock: Clock, health: AccountHealth, fallbacks: Fallbacks) -> None:
        self._fallbacks = fallbacks
        self._database = database
        self._clock = clock
        self._health = health

    async def record(
        self, claim: Claim, begun: Handover, account: ProviderAccount, answered: Answered
    ) -> None:
        """Records the outcomes of one hand-over."""
        failures = 0
        while True:
            try:
                await self._once(claim, begun, answered)
            except (psycopg.OperationalError, psycopg.InterfaceError, ServiceError, OSError) as error:
                failures += 1
                log.warning(
                    "outcomes wait for the database",
                    error=type(error).__name__,
                    messages=len(answered.outcomes),
                )
                await asyncio.sleep(backoff(failures).total_seconds())
            else:
                break
        await self._health.observe(account, answered.seen, answered.lesson)
        for other, seen in answered.others:
            await self._health.observe(other, seen)

    async def _once(self, claim: Claim, begun: Handover, answered: Answered) -> None:
        async with claim.lock, self._database.tenant(claim.tenant_id) as uow:
            in_time = await handover.finish(
                uow,
                claim,
                begun,
                answered.outcomes,
                answered.tariff,
                now=self._clock.now(),
                fallbacks=self._fallbacks,
                reports=answered.reports,
            )
            devices.record(uow, answered.devices.tried, answered.devices.gone, self._clock.now())
        if not in_time:
            log.warning("outcomes were recorded after their lease", messages=len(answered.outcomes))
