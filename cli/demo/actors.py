"""The people of the story, each with a token of their own, and calls that outlast the restart of a service."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from angarium.analytics.v1 import report_service_pb2_grpc
from angarium.campaign.v1 import (
    campaign_service_pb2_grpc,
    contact_service_pb2_grpc,
    segment_service_pb2_grpc,
    settings_service_pb2_grpc,
    template_service_pb2_grpc,
)
from angarium.consent.v1 import (
    compliance_service_pb2_grpc,
    consent_service_pb2_grpc,
    suppression_service_pb2_grpc,
)
from angarium.delivery.v1 import message_service_pb2_grpc, provider_service_pb2_grpc
from cli.client import ClientSettings, PersonChannels
from services.common.errors import ServiceError
from services.common.security.permissions import PLATFORM_ADMIN, REGIONAL_MANAGER, SUPER_OWNER

Answer = TypeVar("Answer")

_AWAY = frozenset({"DEPENDENCY_UNAVAILABLE", "DEADLINE_EXCEEDED", "PROVIDER_ERROR", "VERSION_CONFLICT"})
_PATIENCE = 60.0


class Actor:
    """Somebody who calls the services, with one role."""

    def __init__(self, settings: ClientSettings, name: str, role: str, tenant_id: UUID | None) -> None:
        self.name = name
        self.role = role
        self.channels = PersonChannels(settings, tenant_id=tenant_id, role=role, subject=name)
        stub = self.channels.stub
        self.settings: Any = stub(settings_service_pb2_grpc.SettingsServiceStub, "campaign")
        self.contacts: Any = stub(contact_service_pb2_grpc.ContactServiceStub, "campaign")
        self.segments: Any = stub(segment_service_pb2_grpc.SegmentServiceStub, "campaign")
        self.templates: Any = stub(template_service_pb2_grpc.TemplateServiceStub, "campaign")
        self.campaigns: Any = stub(campaign_service_pb2_grpc.CampaignServiceStub, "campaign")
        self.consents: Any = stub(consent_service_pb2_grpc.ConsentServiceStub, "consent")
        self.suppression: Any = stub(suppression_service_pb2_grpc.SuppressionServiceStub, "consent")
        self.compliance: Any = stub(compliance_service_pb2_grpc.ComplianceServiceStub, "consent")
        self.providers: Any = stub(provider_service_pb2_grpc.ProviderServiceStub, "delivery")
        self.messages: Any = stub(message_service_pb2_grpc.MessageServiceStub, "delivery")
        self.reports: Any = stub(report_service_pb2_grpc.ReportServiceStub, "analytics")


class Cast:
    """Everybody who acts in the demo."""

    def __init__(self, settings: ClientSettings, tenant_id: UUID) -> None:
        self.tenant_id = tenant_id
        self.operator = Actor(settings, "operator", PLATFORM_ADMIN, tenant_id)
        self.ada = Actor(settings, "ada", SUPER_OWNER, tenant_id)
        self.ben = Actor(settings, "ben", REGIONAL_MANAGER, tenant_id)

    async def leave(self) -> None:
        """Closes everybody's channels."""
        for actor in (self.operator, self.ada, self.ben):
            await actor.channels.close()


async def patiently(call: Callable[[Any], Awaitable[Answer]], request: Any) -> Answer:
    """Makes a call that is safe to repeat, again for up to a minute while its service is away."""
    ends, pause = time.monotonic() + _PATIENCE, 0.1
    while True:
        try:
            return await call(request)
        except ServiceError as error:
            if error.reason not in _AWAY or time.monotonic() > ends:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, 1.0)
