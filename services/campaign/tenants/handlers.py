"""Use cases of tenants and settings."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.tenants import convert, store
from services.campaign.tenants.domain import (
    BUDGET_FIELDS,
    MarketingSettings,
    Tenant,
    TenantState,
    TenantStateError,
    problems,
)
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, aborted, denied, invalid_many, not_found
from services.common.events.event import Event

Seed = Callable[[UnitOfWork, Tenant], Awaitable[None]]


async def create_tenant(uow: UnitOfWork, tenant: Tenant, seeds: list[Seed]) -> tuple[Tenant, bool]:
    """Creates a tenant with its settings and what `seeds` add; a known id returns the tenant that has it."""
    if not await store.insert_tenant(uow, tenant):
        known = await store.tenant(uow, tenant.tenant_id)
        if known is None:
            raise not_found("tenant", tenant.tenant_id)
        return known, True
    settings = MarketingSettings()
    await store.insert_settings(uow, settings)
    for seed in seeds:
        await seed(uow, tenant)
    uow.emit(_tenant_event("tenant.created", tenant))
    uow.emit(_settings_event(tenant, settings, []))
    await audit.record(
        uow,
        action="tenant.create",
        resource_type="tenant",
        resource_id=tenant.tenant_id,
        before=None,
        after={"name": tenant.name, "currency_code": tenant.currency_code},
    )
    return tenant, False


async def tenant(uow: UnitOfWork, tenant_id: UUID) -> Tenant:
    """Returns a tenant; NOT_FOUND when there is none."""
    found = await store.tenant(uow, tenant_id)
    if found is None:
        raise not_found("tenant", tenant_id)
    return found


async def change_state(uow: UnitOfWork, tenant_id: UUID, state: TenantState, reason: str) -> Tenant:
    """Suspends or resumes a tenant; a repeat changes nothing."""
    found = await store.tenant(uow, tenant_id, lock=True)
    if found is None:
        raise not_found("tenant", tenant_id)
    if found.state is TenantState.CLOSED:
        raise TenantStateError("a closed tenant stays closed")
    if found.state is state:
        return found
    await store.set_tenant_state(uow, tenant_id, state)
    changed = replace(found, state=state)
    word = "suspended" if state is TenantState.SUSPENDED else "resumed"
    uow.emit(_tenant_event(f"tenant.{word}", changed))
    await audit.record(
        uow,
        action=f"tenant.{word}",
        resource_type="tenant",
        resource_id=tenant_id,
        before={"state": found.state.name},
        after={"state": state.name, "reason": reason},
    )
    return changed


async def current_settings(uow: UnitOfWork) -> tuple[Tenant, MarketingSettings]:
    """Returns the tenant of the unit of work with its settings; NOT_FOUND when there is none."""
    assert uow.tenant_id is not None  # noqa: S101 - settings belong to a tenant's unit of work
    found = await tenant(uow, uow.tenant_id)
    settings = await store.settings(uow)
    if settings is None:
        raise not_found("marketing settings", uow.tenant_id)
    return found, settings


async def update_settings(
    uow: UnitOfWork, message: pb.MarketingSettings, paths: list[str], *, may_budget: bool
) -> tuple[Tenant, MarketingSettings]:
    """Changes the fields that `paths` name; everything is checked before anything is written."""
    if BUDGET_FIELDS & set(paths) and not may_budget:
        raise denied("budget fields need the permission budget.config")
    assert uow.tenant_id is not None  # noqa: S101 - settings belong to a tenant's unit of work
    found = await tenant(uow, uow.tenant_id)
    current = await store.settings(uow, lock=True)
    if current is None:
        raise not_found("marketing settings", uow.tenant_id)
    if message.etag != str(current.version):
        raise aborted("settings were changed meanwhile: read them again")
    changed = convert.merged(current, message, paths, found.currency_code)
    if violations := [Violation(f"settings.{name}", sentence) for name, sentence in problems(changed)]:
        raise invalid_many(violations)
    if changed == current:
        return found, current
    changed = replace(changed, version=current.version + 1)
    await store.save_settings(uow, changed)
    before, after = asdict(current), asdict(changed)
    names = [name for name in paths if before[name] != after[name]]
    uow.emit(_settings_event(found, changed, names))
    await audit.record(
        uow,
        action="settings.update",
        resource_type="marketing_settings",
        resource_id=found.tenant_id,
        before={name: _plain(before[name]) for name in names},
        after={name: _plain(after[name]) for name in names},
    )
    return found, changed


def _tenant_event(kind: str, tenant: Tenant) -> Event:
    return Event(
        kind,
        "tenant",
        str(tenant.tenant_id),
        events_pb2.TenantChanged(tenant=convert.tenant_to_proto(tenant)),
        tenant_id=tenant.tenant_id,
    )


def _settings_event(tenant: Tenant, settings: MarketingSettings, changed: list[str]) -> Event:
    return Event(
        "marketing_settings.updated",
        "tenant",
        str(tenant.tenant_id),
        events_pb2.MarketingSettingsUpdated(
            settings=convert.settings_to_proto(settings, tenant.currency_code),
            changed_fields=changed,
            tenant=convert.tenant_to_proto(tenant),
        ),
        tenant_id=tenant.tenant_id,
    )


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, (str, int, bool)) or value is None else str(value)
