"""What a person is offered: exactly what the contract lets their roles call."""

from functools import cache
from typing import Final

from google.protobuf.descriptor import ServiceDescriptor

from angarium.analytics.v1 import metrics_service_pb2, report_service_pb2
from angarium.campaign.v1 import (
    campaign_service_pb2,
    contact_service_pb2,
    event_intake_service_pb2,
    settings_service_pb2,
    template_service_pb2,
)
from angarium.delivery.v1 import (
    dead_letter_service_pb2,
    explain_service_pb2,
    lane_service_pb2,
    message_service_pb2,
    provider_service_pb2,
)
from gateway.console.people import Person
from services.common.rpc.access import Access, access_of

_FILES: Final = (
    metrics_service_pb2,
    report_service_pb2,
    campaign_service_pb2,
    contact_service_pb2,
    event_intake_service_pb2,
    settings_service_pb2,
    template_service_pb2,
    dead_letter_service_pb2,
    explain_service_pb2,
    lane_service_pb2,
    message_service_pb2,
    provider_service_pb2,
)
_SERVICES: Final[dict[str, ServiceDescriptor]] = {
    name: service for file in _FILES for name, service in file.DESCRIPTOR.services_by_name.items()
}


@cache
def access(call: str) -> Access:
    """Returns the access rule of `CampaignService.PauseCampaign`; KeyError for a call that is none."""
    service, _, method = call.partition(".")
    return access_of(_SERVICES[service].methods_by_name[method])


def may(person: Person, call: str) -> bool:
    """Returns whether a person's roles have the permission that a call asks for."""
    return not access(call).roles.isdisjoint(person.roles)
