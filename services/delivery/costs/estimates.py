"""What messages cost that turned out to have been taken, although nobody recorded their hand-over (DEL-88)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.accounts.prices import Price, Prices
from services.delivery.costs import store
from services.delivery.messages import announce
from services.delivery.messages.announce import Cost
from services.delivery.messages.domain import Category, Channel, MessageClass, Origin, class_of, is_budgeted

_CHARGE = """
UPDATE message m SET cost = %(cost)s::numeric * CASE WHEN %(per_segment)s THEN m.segments ELSE 1 END,
    currency = %(currency)s
FROM content c
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = ANY (%(ids)b::uuid[]) AND m.cost IS NULL
  AND c.tenant_id = m.tenant_id AND c.content_id = m.content_id
RETURNING uuid_send(m.message_id), m.cost, c.branch_id, c.category, c.origin
"""


_CATEGORIES = """
SELECT uuid_send(message_id), category FROM message
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[])
"""


class Taken(NamedTuple):
    """A message that a provider took."""

    message_id: bytes
    campaign_id: UUID | None
    attempt_count: int
    provider: str
    account_id: UUID
    channel: Channel


class _Charged(NamedTuple):
    """What a message costs, and which budgets it counts against."""

    amount: Decimal
    branch_id: UUID | None
    is_budgeted: bool


async def charge(
    uow: UnitOfWork, prices: Prices, zone: ZoneInfo, taken: Iterable[Taken], now: datetime
) -> None:
    """Adds the estimated cost of messages that nobody counted yet, with its events."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    grouped: defaultdict[tuple[str, UUID, Channel, MessageClass], list[Taken]] = defaultdict(list)
    taken = list(taken)
    classes = await _classes(uow, taken)
    for one in taken:
        grouped[one.provider, one.account_id, one.channel, classes[one.message_id]].append(one)
    period = f"{now.astimezone(await store.zone(uow, zone)):%Y-%m}"
    for (provider, account_id, channel, message_class), members in grouped.items():
        price = await prices.of(uow.tenant_id, provider, account_id, channel, message_class=message_class)
        if price is None:
            continue
        rows = await uow.fetch_all(
            _CHARGE,
            {
                "tenant_id": uow.tenant_id,
                "ids": columns.uuids([one.message_id for one in members]),
                "cost": price.amount,
                "per_segment": price.per_segment,
                "currency": price.currency,
            },
        )
        charged = {
            message_id: _Charged(amount, branch_id, is_budgeted(Category(category), Origin(origin)))
            for message_id, amount, branch_id, category, origin in rows
        }
        _tell(uow, provider, price, period, members, charged)


async def _classes(uow: UnitOfWork, taken: Sequence[Taken]) -> Mapping[bytes, MessageClass]:
    rows = await uow.fetch_all(
        _CATEGORIES,
        {"tenant_id": uow.tenant_id, "ids": columns.uuids([one.message_id for one in taken])},
    )
    return {id: class_of(Category(category)) for id, category in rows}


def _tell(
    uow: UnitOfWork,
    provider: str,
    price: Price,
    period: str,
    members: Iterable[Taken],
    charged: Mapping[bytes, _Charged],
) -> None:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    by_campaign: defaultdict[UUID | None, list[Cost]] = defaultdict(list)
    for one in members:
        if one.message_id in charged:
            by_campaign[one.campaign_id].append(
                Cost(one.message_id, max(one.attempt_count, 1), price.currency, *charged[one.message_id])
            )
    for campaign_id, costs in by_campaign.items():
        uow.emit(announce.costs(uow.tenant_id, str(campaign_id or ""), provider, period, costs))
