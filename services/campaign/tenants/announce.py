"""What is told of tenants and their settings, to others and to the audit."""

from collections.abc import Mapping, Sequence

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.tenants import convert
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event


def tenant_changed(uow: UnitOfWork, word: str, tenant: Tenant) -> None:
    """Emits `tenant.<word>`: created, updated, suspended, resumed or closed."""
    payload = events_pb2.TenantChanged(tenant=convert.tenant_to_proto(tenant))
    uow.emit(Event(f"tenant.{word}", "tenant", str(tenant.tenant_id), payload, tenant_id=tenant.tenant_id))


def settings_updated(
    uow: UnitOfWork, tenant: Tenant, settings: MarketingSettings, changed: Sequence[str]
) -> None:
    """Emits `marketing_settings.updated`: what others project of settings, with their tenant."""
    payload = events_pb2.MarketingSettingsUpdated(
        settings=convert.settings_to_proto(settings, tenant.currency_code),
        changed_fields=changed,
        tenant=convert.tenant_to_proto(tenant),
    )
    uow.emit(
        Event(
            "marketing_settings.updated",
            "tenant",
            str(tenant.tenant_id),
            payload,
            tenant_id=tenant.tenant_id,
        )
    )


async def record(
    uow: UnitOfWork,
    action: str,
    tenant: Tenant,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    *,
    resource_type: str = "tenant",
) -> None:
    """Writes the audit entry of a change."""
    await audit.record(
        uow,
        action=action,
        resource_type=resource_type,
        resource_id=tenant.tenant_id,
        before=before,
        after=after,
    )
