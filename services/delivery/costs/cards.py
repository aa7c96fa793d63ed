"""Rates in force, remembered for a minute: an estimate may be a minute late, a hand-over may not wait for it."""

from collections import OrderedDict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.common.clock import Clock
from services.common.db.database import Database
from services.delivery.accounts.prices import Price
from services.delivery.costs import store
from services.delivery.costs.store import Rate
from services.delivery.messages.domain import Channel

KEPT: Final = timedelta(seconds=60)
MAX_KEPT: Final = 10_000

_Key = tuple[UUID, str, UUID, int]


class RateCards:
    """Finds what sending costs (DEL-6, DEL-88)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: OrderedDict[_Key, tuple[datetime, Rate | None]] = OrderedDict()

    async def rate(self, tenant_id: UUID, provider: str, account_id: UUID, channel: Channel) -> Rate | None:
        """Returns the rate in force; None when none is known."""
        key = (tenant_id, provider, account_id, int(channel))
        now = self._clock.now()
        known = self._known.get(key)
        if known is not None and now - known[0] < KEPT:
            return known[1]
        async with self._database.system() as uow:
            found = await store.in_force(uow, *key[:3], key[3], now)
        self._known[key] = now, found
        while len(self._known) > MAX_KEPT:
            self._known.popitem(last=False)
        return found

    async def of(self, tenant_id: UUID, provider: str, account_id: UUID, channel: Channel) -> Price | None:
        """Returns the price in force; None when no rate is known."""
        rate = await self.rate(tenant_id, provider, account_id, channel)
        return None if rate is None else Price(rate.currency, rate.cost, rate.per_segment)

    async def cost_of(
        self, tenant_id: UUID, provider: str, account_id: UUID, channel: Channel, *, count: int, segments: int
    ) -> Price | None:
        """Returns what a block of messages costs together; exact, None when no rate is known."""
        rate = await self.rate(tenant_id, provider, account_id, channel)
        if rate is None:
            return None
        return Price(rate.currency, rate.cost * Decimal(count * (segments if rate.per_segment else 1)))
