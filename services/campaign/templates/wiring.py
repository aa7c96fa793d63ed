"""What templates, translations and approvals give to the bootstrap."""

from angarium.campaign.v1 import (
    template_service_pb2,
    template_service_pb2_grpc,
    translation_service_pb2,
    translation_service_pb2_grpc,
)
from angarium.delivery.v1.media_service_pb2_grpc import MediaServiceStub
from services.campaign.settings import CampaignSettings
from services.campaign.templates.cases import TemplateCases
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.handlers import InUse
from services.campaign.templates.localizing import Localizing
from services.campaign.templates.servicer import TemplateServicer
from services.campaign.templates.showing import Showing
from services.campaign.templates.workshop import Workshop
from services.campaign.translations.cases import TranslationCases
from services.campaign.translations.servicer import TranslationServicer
from services.common.db.database import Database
from services.common.rpc.client import Channels
from services.common.service import Registration


def registrations(
    database: Database, channels: Channels, in_use: InUse, settings: CampaignSettings
) -> list[Registration]:
    """Returns the RPC services of templates; what the platform says is read before anybody asks for it."""
    catalogue()
    workshop = Workshop(database, channels.stub(MediaServiceStub, "delivery"), settings.production)
    return [
        Registration(
            template_service_pb2.DESCRIPTOR.services_by_name["TemplateService"],
            template_service_pb2_grpc.add_TemplateServiceServicer_to_server,
            TemplateServicer(
                TemplateCases(workshop, in_use),
                Localizing(workshop),
                Showing(workshop, previews=settings.enable_template_preview),
            ),
        ),
        Registration(
            translation_service_pb2.DESCRIPTOR.services_by_name["TranslationService"],
            translation_service_pb2_grpc.add_TranslationServiceServicer_to_server,
            TranslationServicer(TranslationCases(database)),
        ),
    ]
