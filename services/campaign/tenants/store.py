"""SQL of tenants and settings."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from services.campaign.tenants.domain import MarketingSettings, Tenant, TenantState
from services.common.db.uow import UnitOfWork

_TENANT = "tenant_id, name, currency_code, region_code, default_time_zone, default_language_code, state"
_SETTINGS = tuple(field.name for field in fields(MarketingSettings))
_CASTS = dict.fromkeys(("enabled_channels", "blocked_channels", "double_opt_in_channels"), "::int2[]")
_CASTS |= {"dnd_channels": "::int2[]", "dnd_registries": "::text[]"}


async def insert_tenant(uow: UnitOfWork, tenant: Tenant) -> bool:
    """Adds a tenant; False when its id is taken."""
    now = uow.now()
    return bool(
        await uow.execute(
            f"INSERT INTO tenant ({_TENANT}, created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant_id) DO NOTHING",
            (
                tenant.tenant_id,
                tenant.name,
                tenant.currency_code,
                tenant.region_code,
                tenant.default_time_zone,
                tenant.default_language_code,
                int(tenant.state),
                now,
                now,
            ),
        )
    )


async def tenant(uow: UnitOfWork, tenant_id: UUID, *, lock: bool = False) -> Tenant | None:
    """Returns a tenant, or None."""
    row = await uow.fetch_one(
        f"SELECT {_TENANT} FROM tenant WHERE tenant_id = %s{' FOR UPDATE' if lock else ''}", (tenant_id,)
    )
    if row is None:
        return None
    found, name, currency, region, time_zone, language, state = row
    return Tenant(found, name, currency, region, time_zone, language, TenantState(state))


async def set_tenant_state(uow: UnitOfWork, tenant_id: UUID, state: TenantState) -> None:
    """Changes a tenant's state."""
    await uow.execute(
        "UPDATE tenant SET state = %s, updated_at = %s WHERE tenant_id = %s",
        (int(state), uow.now(), tenant_id),
    )


async def insert_settings(uow: UnitOfWork, settings: MarketingSettings) -> None:
    """Adds the settings of a new tenant."""
    now = uow.now()
    await uow.execute(
        f"INSERT INTO marketing_settings (tenant_id, {', '.join(_SETTINGS)}, created_at, updated_at) "
        f"VALUES (%s, {', '.join('%s' + _CASTS.get(name, '') for name in _SETTINGS)}, %s, %s) "
        "ON CONFLICT (tenant_id) DO NOTHING",
        (uow.tenant_id, *_values(settings), now, now),
    )


async def settings(uow: UnitOfWork, *, lock: bool = False) -> MarketingSettings | None:
    """Returns the tenant's settings, or None when there is no such tenant."""
    row = await uow.fetch_one(
        f"SELECT {', '.join(_SETTINGS)} FROM marketing_settings WHERE tenant_id = %s"
        f"{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id,),
    )
    if row is None:
        return None
    values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
    return MarketingSettings(*values)


async def save_settings(uow: UnitOfWork, changed: MarketingSettings) -> None:
    """Writes settings whose row is locked."""
    assignments = ", ".join(f"{name} = %s{_CASTS.get(name, '')}" for name in _SETTINGS)
    await uow.execute(
        f"UPDATE marketing_settings SET {assignments}, updated_at = %s WHERE tenant_id = %s",
        (*_values(changed), uow.now(), uow.tenant_id),
    )


def _values(settings: MarketingSettings) -> list[Any]:
    values = (getattr(settings, name) for name in _SETTINGS)
    return [list(value) if isinstance(value, tuple) else value for value in values]
