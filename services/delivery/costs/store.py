"""The SQL of rate cards, and of the zones tenants are billed in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.common.db.uow import UnitOfWork
from services.delivery.accounts.domain import PLATFORM
from services.delivery.costs.domain import Card, Unit

_COLUMNS = """
tenant_id, rate_card_id, provider, account_id, channel, coalesce(country, ''), coalesce(prefix, ''), unit, cost, currency,
valid_from, message_class
"""

# Of the cards of one place only the newest is in force.
_IN_FORCE = f"""
SELECT DISTINCT ON (tenant_id, account_id, country, prefix, message_class) {_COLUMNS} FROM rate_card
WHERE tenant_id IN (%(tenant_id)s, %(platform)s) AND provider = %(provider)s AND channel = %(channel)s
  AND (account_id IS NULL OR account_id = %(account_id)s) AND valid_from <= %(now)s
ORDER BY tenant_id, account_id, country, prefix, message_class, valid_from DESC
"""

_PAGE = f"""
SELECT {_COLUMNS} FROM rate_card
WHERE tenant_id IN (%(tenant_id)s, %(platform)s) AND (%(provider)s = '' OR provider = %(provider)s)
  AND (%(channel)s = 0 OR channel = %(channel)s) AND (valid_from, rate_card_id) < (%(valid_from)s, %(card_id)s)
ORDER BY valid_from DESC, rate_card_id DESC LIMIT %(limit)s
"""

_PUT = f"""
INSERT INTO rate_card (
    tenant_id, rate_card_id, provider, account_id, channel, country, prefix, unit, cost, currency, valid_from,
    message_class)
VALUES (%(tenant_id)s, %(card_id)s, %(provider)s, %(account_id)s, %(channel)s, nullif(%(country)s, ''),
    nullif(%(prefix)s, ''), %(unit)s, %(cost)s, %(currency)s, %(valid_from)s, %(message_class)s)
ON CONFLICT (tenant_id, provider, channel, coalesce(account_id, '00000000-0000-0000-0000-000000000000'::uuid),
    coalesce(country, ''), coalesce(prefix, ''), coalesce(message_class, 0), valid_from)
DO UPDATE SET unit = excluded.unit, cost = excluded.cost, currency = excluded.currency
RETURNING {_COLUMNS}
"""

_ZONE = "SELECT time_zone FROM billing_zone WHERE tenant_id = %s"

_PUT_ZONE = """
INSERT INTO billing_zone (tenant_id, time_zone) VALUES (%s, %s)
ON CONFLICT (tenant_id) DO UPDATE SET time_zone = excluded.time_zone
WHERE billing_zone.time_zone <> excluded.time_zone
"""


async def in_force(
    uow: UnitOfWork, tenant_id: UUID, provider: str, account_id: UUID, channel: int, now: datetime
) -> list[Card]:
    """Returns the cards that may apply at an instant; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
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
    return [_card(row) for row in rows]


async def page(
    uow: UnitOfWork, tenant_id: UUID, provider: str, channel: int, before: tuple[datetime, UUID], limit: int
) -> list[Card]:
    """Returns a tenant's cards and the platform's, newest first; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        _PAGE,
        {
            "tenant_id": tenant_id,
            "platform": PLATFORM,
            "provider": provider,
            "channel": channel,
            "valid_from": before[0],
            "card_id": before[1],
            "limit": limit,
        },
    )
    return [_card(row) for row in rows]


async def put(uow: UnitOfWork, card: Card) -> Card:
    """Stores a card, or what it costs under the id of the one that stands in its place."""
    row = await uow.fetch_one(
        _PUT,
        {
            "tenant_id": card.tenant_id,
            "card_id": card.card_id,
            "provider": card.provider,
            "account_id": card.account_id,
            "channel": card.channel,
            "country": card.country,
            "prefix": card.prefix,
            "unit": int(card.unit),
            "cost": card.cost,
            "currency": card.currency,
            "valid_from": card.valid_from,
            "message_class": card.message_class,
        },
    )
    assert row is not None  # noqa: S101 - it returns what it wrote
    return _card(row)


async def zone(uow: UnitOfWork, default: ZoneInfo) -> ZoneInfo:
    """Returns the zone whose months the unit of work's tenant is billed by."""
    name = await uow.fetch_value(_ZONE, (uow.tenant_id,))
    try:
        return ZoneInfo(name) if name else default
    except (ZoneInfoNotFoundError, ValueError):
        return default


async def put_zone(uow: UnitOfWork, name: str) -> None:
    """Keeps the zone of the unit of work's tenant."""
    await uow.execute(_PUT_ZONE, (uow.tenant_id, name))


def _card(row: Sequence[Any]) -> Card:
    return Card(*(*row[:7], Unit(row[7]), *row[8:]))
