"""SQL of forecasts."""

from typing import NamedTuple
from uuid import UUID

from services.campaign.ledger.addresses import address_sql
from services.campaign.segments.audience import Audience
from services.common.db.uow import UnitOfWork


class Reader(NamedTuple):
    """Somebody in an audience."""

    contact_id: UUID
    address: str | None
    time_zone: str | None


async def page(
    uow: UnitOfWork, found: Audience, *, channel: int, after: UUID | None, limit: int
) -> list[Reader]:
    """Returns contacts of an audience with their addresses and zones, in the order of their ids."""
    rows = await uow.fetch_all(
        f"SELECT c.contact_id, {address_sql(channel)}, c.time_zone FROM contact c "
        f"WHERE {found.where} AND c.contact_id > %(x_after)s ORDER BY c.contact_id LIMIT %(x_limit)s",
        {**found.params, "x_after": after or UUID(int=0), "x_limit": limit},
        prepare=False,
    )
    return [Reader(*row) for row in rows]
