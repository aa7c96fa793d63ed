"""Between tenants, settings and the contract."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.tenants.domain import MarketingSettings, Tenant, TenantState
from services.common.errors import Violation, invalid_many
from services.common.money import Money
from services.common.zones import zone

LISTS = (
    "enabled_channels",
    "blocked_channels",
    "double_opt_in_channels",
    "dnd_channels",
    "dnd_registries",
)
PLAIN = tuple(
    name
    for name in pb.MarketingSettings.DESCRIPTOR.fields_by_name
    if name not in (*LISTS, "monthly_budget_limit", "etag")
)
FIELDS = (*PLAIN, *LISTS, "monthly_budget_limit")


def tenant_from_proto(message: pb.Tenant, default_zone: str) -> Tenant:
    """Returns the tenant to create; invalid names what cannot be read."""
    violations: list[Violation] = []
    try:
        zone(message.default_time_zone or default_zone)
    except ValueError as error:
        violations.append(Violation("tenant.default_time_zone", str(error)))
    if violations:
        raise invalid_many(violations)
    return Tenant(
        tenant_id=UUID(message.tenant_id),
        name=message.name,
        currency_code=message.currency_code,
        region_code=message.region_code,
        default_time_zone=message.default_time_zone or default_zone,
        default_language_code=message.default_language_code or "en",
    )


def tenant_to_proto(tenant: Tenant) -> pb.Tenant:
    """Returns a tenant as the contract shows it."""
    return pb.Tenant(
        tenant_id=str(tenant.tenant_id),
        name=tenant.name,
        currency_code=tenant.currency_code,
        region_code=tenant.region_code,
        default_time_zone=tenant.default_time_zone,
        default_language_code=tenant.default_language_code,
        state=_STATES[tenant.state],
    )


def settings_to_proto(settings: MarketingSettings, currency: str) -> pb.MarketingSettings:
    """Returns settings as the contract shows them."""
    values: dict[str, Any] = {name: getattr(settings, name) for name in PLAIN}
    values |= {name: list(getattr(settings, name)) for name in LISTS}
    message = pb.MarketingSettings(**values, etag=str(settings.version))
    if settings.monthly_budget_limit is not None:
        message.monthly_budget_limit.CopyFrom(Money(currency, settings.monthly_budget_limit).to_proto())
    return message


def merged(
    current: MarketingSettings, message: pb.MarketingSettings, paths: list[str], currency: str
) -> MarketingSettings:
    """Returns settings with the fields that `paths` name taken from the message."""
    changes: dict[str, Any] = {}
    for name in paths:
        if name == "monthly_budget_limit":
            changes[name] = _budget(message, currency)
        elif name in LISTS:
            changes[name] = tuple(getattr(message, name))
        else:
            changes[name] = getattr(message, name)
    return replace(current, **changes)


def _budget(message: pb.MarketingSettings, currency: str) -> Decimal | None:
    if not message.HasField("monthly_budget_limit"):
        return None
    try:
        limit = Money.from_proto(message.monthly_budget_limit)
    except ValueError as error:
        raise invalid_many([Violation("settings.monthly_budget_limit", str(error))]) from None
    if limit.currency != currency:
        raise invalid_many([Violation("settings.monthly_budget_limit", f"must be in {currency}")])
    return limit.amount


_STATES = {
    TenantState.ACTIVE: pb.Tenant.STATE_ACTIVE,
    TenantState.SUSPENDED: pb.Tenant.STATE_SUSPENDED,
    TenantState.CLOSED: pb.Tenant.STATE_CLOSED,
}
