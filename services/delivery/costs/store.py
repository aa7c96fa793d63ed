"""The SQL of rate cards."""

from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.accounts.domain import PLATFORM

PER_SEGMENT: Final = 2


class Rate(NamedTuple):
    """What one unit costs at a provider."""

    currency: str
    cost: Decimal
    per_segment: bool


# A rate of the tenant goes before one of the platform, one of the account before one of the provider, a newer one
# before an older one.
_IN_FORCE = """
SELECT currency, cost, unit FROM rate_card
WHERE tenant_id IN (%(tenant_id)s, %(platform)s) AND provider = %(provider)s AND channel = %(channel)s
  AND (account_id IS NULL OR account_id = %(account_id)s) AND valid_from <= %(now)s
ORDER BY tenant_id = %(platform)s, account_id IS NULL, country IS NOT NULL, valid_from DESC LIMIT 1
"""


async def in_force(
    uow: UnitOfWork, tenant_id: UUID, provider: str, account_id: UUID, channel: int, now: datetime
) -> Rate | None:
    """Returns the rate that applies at an instant; needs a unit of work across tenants."""
    row = await uow.fetch_one(
        _IN_FORCE,
        {
            "tenant_id": tenant_id,
            "platform": PLATFORM,
            "provider": provider,
            "account_id": account_id,
            "channel": channel,
            "now": now,
        },
    )
    return None if row is None else Rate(row[0], row[1], row[2] == PER_SEGMENT)
