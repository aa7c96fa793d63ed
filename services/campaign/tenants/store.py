"""SQL of tenants and settings."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.campaign.tenants.domain import MarketingSettings, Tenant, TenantState
from services.common.db.uow import UnitOfWork

_TENANT = (
    "tenant_id, name, currency_code, region_code, default_time_zone, default_language_code, state, version,"
    " created_at"
)
_SETTINGS = tuple(field.name for field in fields(MarketingSettings))
_CASTS = dict.fromkeys(("enabled_channels", "blocked_channels", "double_opt_in_channels"), "::int2[]")
_CASTS |= {"dnd_channels": "::int2[]", "dnd_registries": "::text[]"}


# Tenants


async def insert_tenant(uow: UnitOfWork, tenant: Tenant) -> bool:
    """Adds a tenant; False when its id is taken."""
    now = uow.now()
    return bool(
        await uow.execute(
            f"INSERT INTO tenant ({_TENANT}, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant_id) DO NOTHING",
            (
                tenant.tenant_id,
                tenant.name,
                tenant.currency_code,
                tenant.region_code,
                tenant.default_time_zone,
                tenant.default_language_code,
                int(tenant.state),
                tenant.version,
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
    return None if row is None else _tenant(row)


async def save_tenant(uow: UnitOfWork, changed: Tenant) -> None:
    """Writes a tenant whose row is locked."""
    await uow.execute(
        "UPDATE tenant SET name = %s, currency_code = %s, region_code = %s, default_time_zone = %s, "
        "default_language_code = %s, state = %s, version = %s, updated_at = %s WHERE tenant_id = %s",
        (
            changed.name,
            changed.currency_code,
            changed.region_code,
            changed.default_time_zone,
            changed.default_language_code,
            int(changed.state),
            changed.version,
            uow.now(),
            changed.tenant_id,
        ),
    )


async def tenants(
    uow: UnitOfWork, *, state: int, name_prefix: str, after: UUID | None, limit: int
) -> list[Tenant]:
    """Returns tenants by id, after one; a state of 0 means all. Needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        f"SELECT {_TENANT} FROM tenant WHERE tenant_id > %(after)s AND %(state)s IN (0, state) "
        "AND starts_with(lower(name), lower(%(prefix)s)) ORDER BY tenant_id LIMIT %(limit)s",
        {"after": after or UUID(int=0), "state": state, "prefix": name_prefix, "limit": limit},
    )
    return [_tenant(row) for row in rows]


_MONEY = """
SELECT EXISTS (SELECT FROM marketing_settings WHERE tenant_id = %(tenant_id)s AND monthly_budget_limit IS NOT NULL)
    OR EXISTS (SELECT FROM branch WHERE tenant_id = %(tenant_id)s AND monthly_budget_limit IS NOT NULL)
    OR EXISTS (SELECT FROM budget_entry WHERE tenant_id = %(tenant_id)s)
    OR EXISTS (SELECT FROM contact WHERE tenant_id = %(tenant_id)s AND total_spend_minor > 0)
    OR EXISTS (SELECT FROM campaign_run WHERE tenant_id = %(tenant_id)s)
"""


async def has_money(uow: UnitOfWork) -> bool:
    """Returns whether anything is recorded in the tenant's currency: budgets, costs, purchases."""
    return bool(await uow.fetch_value(_MONEY, {"tenant_id": uow.tenant_id}))


# Settings


async def insert_settings(uow: UnitOfWork, settings: MarketingSettings) -> None:
    """Adds the settings of a tenant that has none."""
    now = uow.now()
    await uow.execute(
        f"INSERT INTO marketing_settings (tenant_id, {', '.join(_SETTINGS)}, created_at, updated_at) "
        f"VALUES (%s, {', '.join('%s' + _CASTS.get(name, '') for name in _SETTINGS)}, %s, %s) "
        "ON CONFLICT (tenant_id) DO NOTHING",
        (uow.tenant_id, *_values(settings), now, now),
    )


async def settings(uow: UnitOfWork, *, lock: bool = False) -> MarketingSettings | None:
    """Returns the tenant's settings, or None when it has none."""
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


# What delivery has still to be told of queued marketing


class MarketingOrder(IntEnum):
    """What is to become of marketing that delivery has queued."""

    NONE = 0
    HOLD = 1
    RELEASE = 2


class DueOrder(NamedTuple):
    """An order that delivery does not know yet, and is being told."""

    tenant_id: UUID
    order: MarketingOrder
    attempts: int
    until: datetime
    """When somebody else tells it, unless it was told."""


async def put_order(uow: UnitOfWork, order: MarketingOrder) -> None:
    """Writes down what delivery is to be told; it takes the place of what it was not told yet."""
    # What is being told keeps its hour: of two orders under way at once, nobody would know which came last.
    await uow.execute(
        "UPDATE marketing_settings SET delivery_order = %(order)s, order_due_at = greatest(order_due_at, %(now)s)"
        " WHERE tenant_id = %(tenant_id)s",
        {"order": int(order), "now": uow.now(), "tenant_id": uow.tenant_id},
    )


_CLAIM_ORDERS: Final = """
UPDATE marketing_settings AS s SET order_due_at = %(until)s, order_attempts = s.order_attempts + 1
FROM (
    SELECT tenant_id FROM marketing_settings WHERE delivery_order > 0 AND order_due_at <= %(now)s
    ORDER BY order_due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS due
WHERE s.tenant_id = due.tenant_id
RETURNING s.tenant_id, s.delivery_order, s.order_attempts, s.order_due_at
"""


async def claim_orders(uow: UnitOfWork, lease: timedelta, limit: int = 50) -> list[DueOrder]:
    """Takes what delivery has to be told now, for as long as the lease lasts; needs a unit of work across tenants."""
    now = uow.now()
    rows = await uow.fetch_all(_CLAIM_ORDERS, {"now": now, "until": now + lease, "limit": limit})
    return [DueOrder(tenant_id, MarketingOrder(order), *rest) for tenant_id, order, *rest in rows]


async def delay_order(uow: UnitOfWork, due: DueOrder, due_at: datetime) -> None:
    """Has delivery told later what is then to be told, unless somebody else tells it by now."""
    await uow.execute(
        "UPDATE marketing_settings SET order_due_at = %s WHERE tenant_id = %s AND order_due_at = %s",
        (due_at, uow.tenant_id, due.until),
    )


async def order_done(uow: UnitOfWork, due: DueOrder) -> None:
    """Notes that delivery knows; another order that came meanwhile is told now."""
    await uow.execute(
        "UPDATE marketing_settings SET order_attempts = 0,"
        " delivery_order = CASE WHEN delivery_order <> %(order)s THEN delivery_order ELSE 0 END,"
        " order_due_at = CASE WHEN delivery_order <> %(order)s THEN %(now)s::timestamptz END"
        " WHERE tenant_id = %(tenant_id)s AND order_due_at = %(until)s",
        {"order": int(due.order), "now": uow.now(), "tenant_id": uow.tenant_id, "until": due.until},
    )


def _tenant(row: Sequence[Any]) -> Tenant:
    tenant_id, name, currency, region, time_zone, language, state, version, created_at = row
    return Tenant(
        tenant_id, name, currency, region, time_zone, language, TenantState(state), version, created_at
    )


def _values(settings: MarketingSettings) -> list[Any]:
    values = (getattr(settings, name) for name in _SETTINGS)
    return [list(value) if isinstance(value, tuple) else value for value in values]
