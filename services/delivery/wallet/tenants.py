"""What of a tenant stands on its passes: campaign's settings, asked when a pass is made or fetched."""

import asyncio
from typing import Protocol
from uuid import UUID

from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1 import settings_service_pb2_grpc as grpc_pb
from services.common.rpc.client import Channels, as_tenant
from services.delivery.wallet.domain import Tenant


class TenantSource(Protocol):
    """Knows tenants."""

    async def tenant(self, tenant_id: UUID) -> Tenant:
        """Returns a tenant; ServiceError NOT_FOUND when there is none."""


class CampaignTenants:
    """Asks the campaign service."""

    def __init__(self, channels: Channels) -> None:
        self._stub = channels.stub(grpc_pb.SettingsServiceStub, "campaign")

    async def tenant(self, tenant_id: UUID) -> Tenant:
        """Returns a tenant's name, language and branding."""
        with as_tenant(tenant_id):
            found, branding = await asyncio.gather(
                self._stub.GetTenant(pb.GetTenantRequest(tenant_id=str(tenant_id))),
                self._stub.GetMarketingSettings(pb.GetMarketingSettingsRequest()),
            )
        settings = branding.settings
        return Tenant(
            name=found.tenant.name,
            colour=settings.primary_color,
            terms=settings.pass_terms,
            language=found.tenant.default_language_code,
        )
