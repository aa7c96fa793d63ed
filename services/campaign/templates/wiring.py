"""What templates give to the bootstrap."""

from angarium.campaign.v1 import template_service_pb2, template_service_pb2_grpc
from services.campaign.templates.handlers import InUse
from services.campaign.templates.servicer import TemplateServicer
from services.common.db.database import Database
from services.common.service import Registration


def registrations(database: Database, in_use: InUse, *, previews: bool = True) -> list[Registration]:
    """Returns the RPC services of templates."""
    return [
        Registration(
            template_service_pb2.DESCRIPTOR.services_by_name["TemplateService"],
            template_service_pb2_grpc.add_TemplateServiceServicer_to_server,
            TemplateServicer(database, in_use, previews=previews),
        )
    ]
