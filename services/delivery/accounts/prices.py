"""What a message costs at an account, by the rate cards (DEL-6, DEL-88)."""

from decimal import Decimal
from typing import NamedTuple, Protocol
from uuid import UUID

from services.delivery.messages.domain import Channel, MessageClass


class Price(NamedTuple):
    """What one unit costs; below a minor unit, so six decimal places."""

    currency: str
    amount: Decimal
    per_segment: bool = False
    is_platform: bool = False
    """Whether the rate is the platform's, and not one a tenant is billed by."""

    def of(self, segments: int) -> Decimal:
        """Returns what a message of so many segments costs."""
        return self.amount * segments if self.per_segment else self.amount


class Prices(Protocol):
    """Finds the price in force."""

    async def of(
        self,
        tenant_id: UUID,
        provider: str,
        account_id: UUID,
        channel: Channel,
        address: str = "",
        message_class: MessageClass | None = None,
    ) -> Price | None:
        """Returns the price in force for an address, or for those no card names; None when no rate is known.

        Rates that hold for one class are looked at where the class is said.
        """
