"""What providers really charge: a price replaces the estimate of the attempt it is for (DEL-88)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.costs import store
from services.delivery.messages import announce
from services.delivery.messages.announce import Cost

# What earlier attempts cost stays; of several currencies a message keeps the one it has.
_SETTLE: Final = """
WITH given AS (
    SELECT r.id, r.price::numeric AS price, r.currency
    FROM unnest(%(ids)b::uuid[], %(prices)b::text[], %(currencies)b::text[]) AS r (id, price, currency)
), gone AS (
    DELETE FROM provider_poll p USING given g WHERE p.tenant_id = %(tenant_id)s AND p.message_id = g.id
    RETURNING p.message_id, p.attempt, p.campaign_id, p.provider, p.sent_at, p.cost_before, g.price, g.currency
)
UPDATE message m SET cost = gone.cost_before + gone.price, currency = gone.currency
FROM gone WHERE m.tenant_id = %(tenant_id)s AND m.message_id = gone.message_id
  AND m.message_id = ANY (%(ids)b::uuid[]) AND (gone.cost_before = 0 OR m.currency = gone.currency)
RETURNING uuid_send(m.message_id), gone.attempt, gone.campaign_id, gone.provider, gone.sent_at, gone.price, gone.currency
"""


class Priced(NamedTuple):
    """What a provider charges for a message."""

    message_id: bytes
    price: Decimal
    currency: str


async def settle(uow: UnitOfWork, zone: ZoneInfo, priced: Iterable[Priced]) -> int:
    """Replaces estimates, tells of the prices, and asks no more for them; returns how many messages that changed."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    given = {one.message_id: one for one in priced}
    if not given:
        return 0
    rows = await uow.fetch_all(
        _SETTLE,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids(list(given)),
            "prices": columns.texts([str(one.price) for one in given.values()]),
            "currencies": columns.texts([one.currency for one in given.values()]),
        },
    )
    zone = await store.zone(uow, zone) if rows else zone
    grouped: defaultdict[tuple[str, str, str], list[Cost]] = defaultdict(list)
    for message_id, attempt, campaign_id, provider, sent_at, price, currency in rows:
        key = (str(campaign_id or ""), provider, _period(sent_at, zone))
        grouped[key].append(Cost(message_id, attempt, currency, price))
    for (campaign, provider, period), costs in grouped.items():
        uow.emit(announce.costs(uow.tenant_id, campaign, provider, period, costs, is_actual=True))
    return len(rows)


def _period(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m}"
