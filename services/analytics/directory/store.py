"""SQL of the directory."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.db.uow import UnitOfWork

DEFAULT_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as reports name it."""

    campaign_id: UUID
    name: str
    variant_keys: tuple[str, ...]


async def time_zone(uow: UnitOfWork) -> str:
    """Returns the tenant's zone; UTC until the tenant is known."""
    zone: str | None = await uow.fetch_value(
        "SELECT time_zone FROM tenant_profile WHERE tenant_id = %s", (uow.tenant_id,)
    )
    return zone or DEFAULT_ZONE


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


async def save_campaign(
    uow: UnitOfWork, campaign_id: UUID, name: str, channel: int, variant_keys: Sequence[str]
) -> None:
    """Keeps a campaign's name and the order of its variants."""
    await uow.execute(
        """
        INSERT INTO campaign_profile (tenant_id, campaign_id, name, channel, variant_keys) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (tenant_id, campaign_id) DO UPDATE SET
            name = EXCLUDED.name, channel = EXCLUDED.channel, variant_keys = EXCLUDED.variant_keys
        """,
        (uow.tenant_id, campaign_id, name, channel, list(variant_keys)),
    )


async def campaign(uow: UnitOfWork, campaign_id: UUID) -> Campaign | None:
    """Returns a campaign, or None when no event told of it."""
    row = await uow.fetch_one(
        "SELECT name, variant_keys FROM campaign_profile WHERE tenant_id = %s AND campaign_id = %s",
        (uow.tenant_id, campaign_id),
    )
    return None if row is None else Campaign(campaign_id, row[0], tuple(row[1]))
