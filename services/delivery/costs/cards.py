"""Rates in force, remembered for a minute: an estimate may be a minute late, a hand-over may not wait for it."""

from collections import OrderedDict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.common.clock import Clock
from services.common.db.database import Database
from services.delivery.accounts.countries import country_of
from services.delivery.accounts.prices import Price
from services.delivery.costs import store
from services.delivery.costs.domain import Card, nearest
from services.delivery.messages.domain import Channel, MessageClass

KEPT: Final = timedelta(seconds=60)
MAX_KEPT: Final = 10_000

_Key = tuple[UUID, str, UUID, int]


class RateCards:
    """Finds what sending costs (DEL-6, DEL-88)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: OrderedDict[_Key, tuple[datetime, list[Card]]] = OrderedDict()

    async def cards(self, tenant_id: UUID, provider: str, account_id: UUID, channel: Channel) -> list[Card]:
        """Returns the cards in force for an account."""
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

    async def of(
        self,
        tenant_id: UUID,
        provider: str,
        account_id: UUID,
        channel: Channel,
        address: str = "",
        message_class: MessageClass | None = None,
    ) -> Price | None:
        """Returns the price in force for an address, or for those no card names; None when no rate is known."""
        cards = await self.cards(tenant_id, provider, account_id, channel)
        card = nearest(cards, address, country_of, message_class)
        return None if card is None else card.price

    async def in_country(
        self,
        tenant_id: UUID,
        provider: str,
        account_id: UUID,
        channel: Channel,
        country: str,
        message_class: MessageClass | None = None,
    ) -> Price | None:
        """Returns the price in force in a country, whatever the numbers; None when no rate is known."""
        cards = await self.cards(tenant_id, provider, account_id, channel)
        fitting = [one for one in cards if not one.prefix]
        card = nearest(fitting, country or "-", lambda _: country, message_class)
        return None if card is None else card.price

    async def cost_of(
        self, tenant_id: UUID, provider: str, account_id: UUID, channel: Channel, *, count: int, segments: int
    ) -> Price | None:
        """Returns what a block of messages costs together; exact, None when no rate is known."""
        price = await self.of(tenant_id, provider, account_id, channel)
        return None if price is None else Price(price.currency, Decimal(count) * price.of(segments))
