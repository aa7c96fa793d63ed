"""SQL of the directory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.common.db.uow import UnitOfWork

DEFAULT_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as reports need it."""

    name: str = ""
    time_zone: str = DEFAULT_ZONE
    currency_code: str = ""
    monthly_limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as reports name it."""

    campaign_id: UUID
    name: str
    variant_keys: tuple[str, ...]
    channel: int = 0
    state: int = 0
    started_at: datetime | None = None
    completed_at: datetime | None = None


async def tenant(uow: UnitOfWork) -> Tenant:
    """Returns the tenant; one without a name until it is known."""
    row = await uow.fetch_one(
        "SELECT name, time_zone, currency_code, monthly_limit FROM tenant_profile WHERE tenant_id = %s",
        (uow.tenant_id,),
    )
    return Tenant(row[0], row[1] or DEFAULT_ZONE, row[2], row[3]) if row else Tenant()


async def time_zone(uow: UnitOfWork) -> str:
    """Returns the tenant's zone; UTC until the tenant is known."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    return await zone_of(uow, uow.tenant_id)


async def zone_of(uow: UnitOfWork, tenant_id: UUID) -> str:
    """Returns a tenant's zone, also in a unit of work across tenants; UTC until the tenant is known."""
    zone: str | None = await uow.fetch_value(
        "SELECT time_zone FROM tenant_profile WHERE tenant_id = %s", (tenant_id,)
    )
    return zone or DEFAULT_ZONE


async def tenants(uow: UnitOfWork) -> list[tuple[UUID, Tenant]]:
    """Returns all tenants; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, name, time_zone, currency_code, monthly_limit FROM tenant_profile ORDER BY tenant_id"
    )
    return [(row[0], Tenant(row[1], row[2] or DEFAULT_ZONE, row[3], row[4])) for row in rows]


async def save_tenant(uow: UnitOfWork, name: str, zone: str, currency_code: str) -> bool:
    """Keeps the tenant and returns whether its zone changed."""
    before = await uow.fetch_value(
        "SELECT time_zone FROM tenant_profile WHERE tenant_id = %s FOR UPDATE", (uow.tenant_id,)
    )
    await uow.execute(
        """
        INSERT INTO tenant_profile (tenant_id, name, time_zone, currency_code) VALUES (%s, %s, %s, %s)
        ON CONFLICT (tenant_id) DO UPDATE SET
            name = EXCLUDED.name, time_zone = EXCLUDED.time_zone, currency_code = EXCLUDED.currency_code
        """,
        (uow.tenant_id, name, zone, currency_code),
    )
    return before is not None and before != zone


async def save_limit(uow: UnitOfWork, limit: Decimal | None) -> None:
    """Keeps what the tenant may spend in a month; a tenant that is not known yet is begun."""
    await uow.execute(
        """
        INSERT INTO tenant_profile (tenant_id, name, time_zone, currency_code, monthly_limit) VALUES (%s, '', %s, '', %s)
        ON CONFLICT (tenant_id) DO UPDATE SET monthly_limit = EXCLUDED.monthly_limit
        """,
        (uow.tenant_id, DEFAULT_ZONE, limit),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says of a campaign; what it does not say is None."""

    campaign_id: UUID
    at: datetime
    name: str | None = None
    channel: int | None = None
    variant_keys: Sequence[str] | None = None
    state: int | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


async def save_campaign(uow: UnitOfWork, told: Told) -> None:
    """Keeps what is told of a campaign; an older event fills in what is not known and replaces nothing."""
    await uow.execute(
        """
        INSERT INTO campaign_profile AS c (tenant_id, campaign_id, name, channel, variant_keys, state, started_at,
            completed_at, told_at)
        VALUES (%(tenant_id)s, %(campaign_id)s, COALESCE(%(name)s, ''), COALESCE(%(channel)s, 0),
            COALESCE(%(variants)s::text[], '{}'), COALESCE(%(state)s, 0), %(started)s, %(completed)s, %(at)s)
        ON CONFLICT (tenant_id, campaign_id) DO UPDATE SET
            name = CASE WHEN c.name = '' OR newer THEN COALESCE(%(name)s, c.name) ELSE c.name END,
            channel = CASE WHEN c.channel = 0 OR newer THEN COALESCE(%(channel)s, c.channel) ELSE c.channel END,
            variant_keys = CASE WHEN c.variant_keys = '{}' OR newer THEN COALESCE(%(variants)s::text[], c.variant_keys)
                ELSE c.variant_keys END,
            state = CASE WHEN newer THEN COALESCE(%(state)s, c.state) ELSE c.state END,
            started_at = LEAST(c.started_at, EXCLUDED.started_at),
            completed_at = GREATEST(c.completed_at, EXCLUDED.completed_at),
            told_at = GREATEST(c.told_at, EXCLUDED.told_at)
        """.replace("newer", "(c.told_at IS NULL OR c.told_at <= EXCLUDED.told_at)"),
        {
            "tenant_id": uow.tenant_id,
            "campaign_id": told.campaign_id,
            "name": told.name,
            "channel": told.channel,
            "variants": None if told.variant_keys is None else list(told.variant_keys),
            "state": told.state,
            "started": told.started_at,
            "completed": told.completed_at,
            "at": told.at,
        },
    )


_CAMPAIGN = "campaign_id, name, variant_keys, channel, state, started_at, completed_at"


async def campaign(uow: UnitOfWork, campaign_id: UUID) -> Campaign | None:
    """Returns a campaign, or None when no event told of it."""
    found = await campaigns(uow, [campaign_id])
    return found.get(campaign_id)


async def campaigns(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Campaign]:
    """Returns those of some campaigns that events told of."""
    rows = await uow.fetch_all(
        f"SELECT {_CAMPAIGN} FROM campaign_profile WHERE tenant_id = %s AND campaign_id = ANY (%s::uuid[])",
        (uow.tenant_id, list(ids)),
    )
    return {row[0]: Campaign(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows}


async def count_in_states(uow: UnitOfWork, states: Sequence[int]) -> int:
    """Returns how many campaigns are in one of some states."""
    found: int = await uow.fetch_value(
        "SELECT count(*) FROM campaign_profile WHERE tenant_id = %s AND state = ANY (%s)",
        (uow.tenant_id, list(states)),
    )
    return found
