"""Use cases of tenants and settings."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.budgets import handlers as budgets
from services.campaign.campaigns import replanning as campaigns
from services.campaign.followups import replanning as followups
from services.campaign.tenants import announce, convert, store
from services.campaign.tenants.domain import (
    BUDGET_FIELDS,
    CurrencyFixedError,
    Hours,
    MarketingSettings,
    Tenant,
    TenantState,
    TenantStateError,
    contradictions,
    problems,
)
from services.campaign.tenants.store import MarketingOrder
from services.campaign.triggers import anchors
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, aborted, denied, invalid_many, not_found
from services.common.zones import zone

Seed = Callable[[UnitOfWork, Tenant], Awaitable[None]]

_WORDS = {
    TenantState.ACTIVE: "resumed",
    TenantState.SUSPENDED: "suspended",
    TenantState.CLOSED: "closed",
}


async def create_tenant(
    uow: UnitOfWork, tenant: Tenant, seeds: list[Seed], sms_hours: Hours
) -> tuple[Tenant, bool]:
    """Creates a tenant with its settings and what `seeds` add; a known id returns the tenant that has it."""
    if not await store.insert_tenant(uow, tenant):
        known = await store.tenant(uow, tenant.tenant_id)
        if known is None:
            raise not_found("tenant", tenant.tenant_id)
        return known, True
    tenant = replace(tenant, created_at=uow.now())
    settings = MarketingSettings(sms_window_start=sms_hours.start, sms_window_end=sms_hours.end)
    await store.insert_settings(uow, settings)
    for seed in seeds:
        await seed(uow, tenant)
    announce.tenant_changed(uow, "created", tenant)
    announce.settings_updated(uow, tenant, settings, [])
    await announce.record(
        uow, "tenant.create", tenant, None, {"name": tenant.name, "currency_code": tenant.currency_code}
    )
    return tenant, False


async def tenant(uow: UnitOfWork, tenant_id: UUID, *, lock: bool = False) -> Tenant:
    """Returns a tenant; NOT_FOUND when there is none."""
    found = await store.tenant(uow, tenant_id, lock=lock)
    if found is None:
        raise not_found("tenant", tenant_id)
    return found


async def tenants(
    uow: UnitOfWork, *, state: int, name_prefix: str, after: UUID | None, limit: int
) -> list[Tenant]:
    """Returns tenants by id, after one; a state of 0 means all. Needs a unit of work across tenants."""
    return await store.tenants(uow, state=state, name_prefix=name_prefix, after=after, limit=limit)


async def open_tenant(uow: UnitOfWork) -> Tenant:
    """Returns the tenant of the unit of work; TenantStateError when it is closed, for then nothing is accepted."""
    assert uow.tenant_id is not None  # noqa: S101 - the caller's unit of work is a tenant's
    return _open(await tenant(uow, uow.tenant_id))


async def refuse_closed(uow: UnitOfWork) -> None:
    """Raises TenantStateError when the tenant of the unit of work is closed."""
    assert uow.tenant_id is not None  # noqa: S101 - as above
    if found := await store.tenant(uow, uow.tenant_id):
        _open(found)


async def update_tenant(uow: UnitOfWork, message: pb.Tenant, paths: list[str], default_zone: str) -> Tenant:
    """Changes the fields that `paths` name; another currency only while no money is recorded."""
    current = _open(await tenant(uow, UUID(message.tenant_id), lock=True))
    if message.etag != str(current.version):
        raise aborted("the tenant was changed meanwhile: read it again")
    changed = convert.changed_tenant(current, message, paths, default_zone)
    if changed == current:
        return current
    if changed.currency_code != current.currency_code and await store.has_money(uow):
        raise CurrencyFixedError(f"money is recorded in {current.currency_code}: the currency stays")
    changed = replace(changed, version=current.version + 1)
    await store.save_tenant(uow, changed)
    if changed.default_time_zone != current.default_time_zone:
        await _follow_zone(uow, zone(current.default_time_zone), zone(changed.default_time_zone))
    _, settings = await current_settings(uow)
    before, after = _differences(asdict(current), asdict(changed), paths)
    announce.tenant_changed(uow, "updated", changed)
    announce.settings_updated(uow, changed, settings, list(after))
    await announce.record(uow, "tenant.update", changed, before, after)
    return changed


async def _follow_zone(uow: UnitOfWork, before: ZoneInfo, after: ZoneInfo) -> None:
    """Lets what is planned by the tenant's clocks go on by them where they are now."""
    await campaigns.follow_zone(uow, before, after)
    await followups.follow_zone(uow, after)
    await anchors.make_anew(uow)


async def change_state(uow: UnitOfWork, tenant_id: UUID, state: TenantState, reason: str) -> Tenant:
    """Suspends, resumes or closes a tenant; a repeat changes nothing, and a closed tenant stays closed."""
    found = await tenant(uow, tenant_id, lock=True)
    if found.state is state:
        return found
    changed = replace(_open(found), state=state, version=found.version + 1)
    await store.save_tenant(uow, changed)
    word = _WORDS[state]
    announce.tenant_changed(uow, word, changed)
    await announce.record(
        uow,
        f"tenant.{word}",
        changed,
        {"state": found.state.name},
        {"state": state.name, "reason": reason},
    )
    return changed


async def current_settings(uow: UnitOfWork, *, lock: bool = False) -> tuple[Tenant, MarketingSettings]:
    """Returns the tenant of the unit of work with its settings, made with the defaults on first use."""
    assert uow.tenant_id is not None  # noqa: S101 - settings belong to a tenant's unit of work
    found = await tenant(uow, uow.tenant_id)
    settings = await store.settings(uow, lock=lock)
    if settings is None:
        settings = MarketingSettings()
        await store.insert_settings(uow, settings)
    return found, settings


async def update_settings(
    uow: UnitOfWork, message: pb.MarketingSettings, paths: list[str], sms_hours: Hours, *, may_budget: bool
) -> tuple[Tenant, MarketingSettings]:
    """Changes the fields that `paths` name; everything is checked before anything is written."""
    if BUDGET_FIELDS & set(paths) and not may_budget:
        raise denied("budget fields need the permission budget.config")
    found, current = await current_settings(uow, lock=True)
    _open(found)
    if message.etag != str(current.version):
        raise aborted("settings were changed meanwhile: read them again")
    changed = convert.merged(current, message, paths, found)
    _check(changed, sms_hours)
    if changed == current:
        return found, current
    changed = replace(changed, version=current.version + 1)
    await store.save_settings(uow, changed)
    if changed.marketing_enabled != current.marketing_enabled:
        order = MarketingOrder.RELEASE if changed.marketing_enabled else MarketingOrder.HOLD
        await store.put_order(uow, order)
    before, after = _differences(asdict(current), asdict(changed), paths)
    if BUDGET_FIELDS & set(after):
        await budgets.follow_settings(uow, found, changed)
    announce.settings_updated(uow, found, changed, list(after))
    await announce.record(uow, "settings.update", found, before, after, resource_type="marketing_settings")
    return found, changed


def _open(found: Tenant) -> Tenant:
    if found.state is TenantState.CLOSED:
        raise TenantStateError("the tenant is closed")
    return found


def _check(settings: MarketingSettings, sms_hours: Hours) -> None:
    """Refuses what no settings can be; all that is wrong is told at once."""
    wrong, contradicting = list(problems(settings)), list(contradictions(settings, sms_hours))
    if violations := [Violation(f"settings.{name}", sentence) for name, sentence in wrong + contradicting]:
        raise invalid_many(violations, "VALIDATION_FAILED" if wrong else "INVALID_CONFIGURATION")


def _differences(
    before: Mapping[str, object], after: Mapping[str, object], paths: list[str]
) -> tuple[dict[str, object], dict[str, object]]:
    """Returns what changed, as it was and as it is."""
    names = [name for name in paths if before[name] != after[name]]
    return {name: _plain(before[name]) for name in names}, {name: _plain(after[name]) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, (str, int, bool)) or value is None else str(value)
