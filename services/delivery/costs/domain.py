"""Rate cards: which one a message costs by (DEL-6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from uuid import UUID

from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.prices import Price


class Unit(IntEnum):
    """What is charged for; the numbers are the contract's."""

    MESSAGE = 1
    SEGMENT = 2


@dataclass(frozen=True, slots=True)
class Card:
    """What one unit costs from an instant on."""

    tenant_id: UUID
    card_id: UUID
    provider: str
    account_id: UUID | None
    channel: int
    country: str
    prefix: str
    unit: Unit
    cost: Decimal
    currency: str
    valid_from: datetime
    message_class: int | None = None
    """The only class of messages it holds for; None means all."""

    @property
    def price(self) -> Price:
        """Returns its price."""
        return Price(
            self.currency, self.cost, self.unit is Unit.SEGMENT, is_platform=self.tenant_id == PLATFORM
        )

    @property
    def nearness(self) -> tuple[bool, bool, int, bool, bool, datetime]:
        """Returns how near it is: the tenant's, the account's, the longest prefix, the country, the class, the newest."""
        return (
            self.tenant_id != PLATFORM,
            self.account_id is not None,
            len(self.prefix),
            bool(self.country),
            self.message_class is not None,
            self.valid_from,
        )


def nearest(
    cards: Sequence[Card], address: str, country_of: Callable[[str], str], message_class: int | None = None
) -> Card | None:
    """Returns the card a message to an address costs by; None when there is none.

    Countries are looked for only where a card names one.
    """
    fitting = [
        one
        for one in cards
        if one.message_class in (None, message_class)
        and (not one.prefix or (address and address.startswith(one.prefix)))
    ]
    if any(one.country for one in fitting):
        country = country_of(address) if address else ""
        fitting = [one for one in fitting if one.country in ("", country)]
    return max(fitting, key=lambda one: one.nearness, default=None)
