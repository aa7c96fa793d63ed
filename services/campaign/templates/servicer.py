"""TemplateService."""

import grpc

from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceServicer
from services.campaign.templates.cases import TemplateCases
from services.campaign.templates.localizing import Localizing
from services.campaign.templates.showing import Showing

Context = grpc.aio.ServicerContext[object, object]


class TemplateServicer(TemplateServiceServicer):
    """Templates of a tenant, the languages of their drafts, and contents as recipients and renderers get them."""

    def __init__(self, templates: TemplateCases, localizing: Localizing, showing: Showing) -> None:
        self._templates = templates
        self._localizing = localizing
        self._showing = showing

    async def CreateTemplate(
        self, request: pb.CreateTemplateRequest, context: Context
    ) -> pb.CreateTemplateResponse:
        return await self._templates.create(request)

    async def GetTemplate(self, request: pb.GetTemplateRequest, context: Context) -> pb.GetTemplateResponse:
        return await self._templates.get(request)

    async def ListTemplateVersions(
        self, request: pb.ListTemplateVersionsRequest, context: Context
    ) -> pb.ListTemplateVersionsResponse:
        return await self._templates.versions(request)

    async def ListTemplates(
        self, request: pb.ListTemplatesRequest, context: Context
    ) -> pb.ListTemplatesResponse:
        return await self._templates.page(request)

    async def UpdateTemplate(
        self, request: pb.UpdateTemplateRequest, context: Context
    ) -> pb.UpdateTemplateResponse:
        return await self._templates.update(request)

    async def ActivateTemplateVersion(
        self, request: pb.ActivateTemplateVersionRequest, context: Context
    ) -> pb.ActivateTemplateVersionResponse:
        return await self._templates.activate(request)

    async def DeactivateTemplate(
        self, request: pb.DeactivateTemplateRequest, context: Context
    ) -> pb.DeactivateTemplateResponse:
        return await self._templates.deactivate(request)

    async def DeleteTemplate(
        self, request: pb.DeleteTemplateRequest, context: Context
    ) -> pb.DeleteTemplateResponse:
        return await self._templates.delete(request)

    async def CreateTemplateLocalization(
        self, request: pb.CreateTemplateLocalizationRequest, context: Context
    ) -> pb.CreateTemplateLocalizationResponse:
        return await self._localizing.create(request)

    async def UpdateTemplateLocalization(
        self, request: pb.UpdateTemplateLocalizationRequest, context: Context
    ) -> pb.UpdateTemplateLocalizationResponse:
        return await self._localizing.update(request)

    async def DeleteTemplateLocalization(
        self, request: pb.DeleteTemplateLocalizationRequest, context: Context
    ) -> pb.DeleteTemplateLocalizationResponse:
        return await self._localizing.delete(request)

    async def PreviewTemplate(
        self, request: pb.PreviewTemplateRequest, context: Context
    ) -> pb.PreviewTemplateResponse:
        return await self._showing.preview(request)

    async def CheckSpamScore(
        self, request: pb.CheckSpamScoreRequest, context: Context
    ) -> pb.CheckSpamScoreResponse:
        return await self._showing.spam_score(request)

    async def ResolveTemplate(
        self, request: pb.ResolveTemplateRequest, context: Context
    ) -> pb.ResolveTemplateResponse:
        return await self._showing.resolve(request)
