"""Between tenants, settings and the contract."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from google.type import money_pb2

from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.tenants.domain import CREDENTIAL, MarketingSettings, Tenant, TenantState
from services.common.addresses import canonical_email, parse_phone
from services.common.errors import Violation, invalid, invalid_many
from services.common.masks import FIELD, apply_mask
from services.common.money import Money, currency_code
from services.common.regions import country_code
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
TENANT_FIELDS = ("name", "currency_code", "region_code", "default_time_zone", "default_language_code")
_READ: Mapping[str, Callable[[str], object]] = {
    "currency_code": currency_code,
    "region_code": country_code,
    "default_time_zone": zone,
}
_ADDRESSES = ("email_from_address", "reply_to_address")
_PHONES = ("whatsapp_business_number", "sms_callback_number")


def tenant_from_proto(message: pb.Tenant, default_zone: str) -> Tenant:
    """Returns the tenant to create; invalid names what cannot be read."""
    return _readable(
        Tenant(
            tenant_id=UUID(message.tenant_id),
            name=message.name,
            currency_code=message.currency_code,
            region_code=message.region_code,
            default_time_zone=message.default_time_zone or default_zone,
            default_language_code=message.default_language_code or "en",
        )
    )


def changed_tenant(current: Tenant, message: pb.Tenant, paths: list[str], default_zone: str) -> Tenant:
    """Returns a tenant with the fields that `paths` name taken from the message; invalid names what cannot be."""
    changes: dict[str, Any] = {name: getattr(message, name) for name in paths}
    defaults = {"default_time_zone": default_zone, "default_language_code": "en"}
    for name, default in defaults.items():
        if name in changes:
            changes[name] = changes[name] or default
    return _readable(replace(current, **changes))


def _readable(tenant: Tenant) -> Tenant:
    violations = [] if tenant.name.strip() else [Violation("tenant.name", "is needed")]
    for name, read in _READ.items():
        try:
            read(getattr(tenant, name))
        except ValueError as error:
            violations.append(Violation(f"tenant.{name}", str(error)))
    if violations:
        raise invalid_many(violations)
    return tenant


def tenant_to_proto(tenant: Tenant) -> pb.Tenant:
    """Returns a tenant as the contract shows it."""
    message = pb.Tenant(
        tenant_id=str(tenant.tenant_id),
        name=tenant.name,
        currency_code=tenant.currency_code,
        region_code=tenant.region_code,
        default_time_zone=tenant.default_time_zone,
        default_language_code=tenant.default_language_code,
        state=_STATES[tenant.state],
        etag=str(tenant.version),
    )
    if tenant.created_at is not None:
        message.create_time.FromDatetime(tenant.created_at)
    return message


def settings_to_proto(settings: MarketingSettings, currency: str) -> pb.MarketingSettings:
    """Returns settings as the contract shows them."""
    values: dict[str, Any] = {name: getattr(settings, name) for name in PLAIN}
    values |= {name: list(getattr(settings, name)) for name in LISTS}
    message = pb.MarketingSettings(**values, etag=str(settings.version))
    if settings.monthly_budget_limit is not None:
        message.monthly_budget_limit.CopyFrom(Money(currency, settings.monthly_budget_limit).to_proto())
    return message


def settings_paths(request: pb.UpdateMarketingSettingsRequest) -> list[str]:
    """Returns the settings to change; INVALID_CONFIGURATION for what belongs to provider accounts (CAM-115)."""
    foreign = [path for path in request.update_mask.paths if path not in FIELDS and CREDENTIAL.search(path)]
    if foreign:
        raise invalid_many(
            (Violation(FIELD, f"names {path}, which belongs to a provider account") for path in foreign),
            "INVALID_CONFIGURATION",
        )
    return apply_mask(request.update_mask, FIELDS)


def merged(
    current: MarketingSettings, message: pb.MarketingSettings, paths: list[str], owner: Tenant
) -> MarketingSettings:
    """Returns settings with the fields that `paths` name taken from the message; invalid names what cannot be read."""
    changes: dict[str, Any] = {}
    for name in paths:
        if name == "monthly_budget_limit":
            given = message.monthly_budget_limit if message.HasField(name) else None
            changes[name] = budget(given, owner.currency_code, f"settings.{name}")
        elif name in LISTS:
            changes[name] = tuple(getattr(message, name))
        else:
            changes[name] = getattr(message, name)
    if violations := list(_unreadable(changes, owner.region_code)):
        raise invalid_many(violations)
    return replace(current, **changes)


def _unreadable(changes: dict[str, Any], region: str) -> Iterator[Violation]:
    """Yields addresses and numbers that are none, and spells numbers as E.164."""
    readers: dict[str, Callable[[str], str]] = dict.fromkeys(_ADDRESSES, canonical_email)
    readers |= dict.fromkeys(_PHONES, lambda text: parse_phone(text, region))
    for name, read in readers.items():
        text = changes.get(name)
        if not text:
            continue
        try:
            value = read(text)
        except ValueError as error:
            yield Violation(f"settings.{name}", str(error))
        else:
            changes[name] = value if name in _PHONES else text


def budget(message: money_pb2.Money | None, currency: str, field: str) -> Decimal | None:
    """Returns a budget in a tenant's currency; None means none. Budgets are whole minor units (GEN-17)."""
    if message is None:
        return None
    try:
        limit = Money.from_proto(message)
        limit.minor_units()
    except ValueError as error:
        raise invalid(field, str(error)) from None
    if limit.currency != currency:
        raise invalid(field, f"must be in {currency}")
    if limit.amount < 0:
        raise invalid(field, "may not be negative")
    if limit.amount >= _HIGHEST:
        raise invalid(field, f"must be below {_HIGHEST}")
    return limit.amount


_HIGHEST = Decimal(10) ** 12
_STATES = {
    TenantState.ACTIVE: pb.Tenant.STATE_ACTIVE,
    TenantState.SUSPENDED: pb.Tenant.STATE_SUSPENDED,
    TenantState.CLOSED: pb.Tenant.STATE_CLOSED,
}
