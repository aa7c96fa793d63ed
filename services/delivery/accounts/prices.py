"""What a message costs at an account, by the rate card (DEL-6, DEL-88)."""

from decimal import Decimal
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from services.delivery.messages.domain import Channel


class Price(NamedTuple):
    """What one unit costs; below a minor unit, so six decimal places."""

    currency: str
    amount: Decimal


class Prices(Protocol):
    """Finds the price in force."""

    async def of(self, tenant_id: UUID, provider: str, account_id: UUID, channel: Channel) -> Price | None:
        """Returns the price of one message; None when no rate is known."""


INITIAL: Final = {
    ("sendgrid", Channel.EMAIL): Price("USD", Decimal("0.000100")),
    ("ses", Channel.EMAIL): Price("USD", Decimal("0.000100")),
    ("twilio", Channel.SMS): Price("USD", Decimal("0.007900")),
    ("aws_sns", Channel.SMS): Price("USD", Decimal("0.006450")),
}


class InitialPrices:
    """The rates a deployment begins with."""

    async def of(self, tenant_id: UUID, provider: str, account_id: UUID, channel: Channel) -> Price | None:  # noqa: ARG002 - one card for all
        """Returns the price of one message; None when no rate is known."""
        return INITIAL.get((provider, channel))
