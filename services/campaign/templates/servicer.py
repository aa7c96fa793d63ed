"""TemplateService."""

from uuid import UUID

import grpc

from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceServicer
from services.campaign.templates import convert, handlers, listing
from services.campaign.templates.domain import SMS, TemplateType
from services.campaign.templates.rendering import implicit_variables
from services.common.db.database import Database
from services.common.errors import denied, failed
from services.common.idempotency import once
from services.common.masks import apply_mask
from services.common.rpc.context import current_caller, tenant
from services.common.security.permissions import permitted
from services.common.templating.sms import count_sms
from services.common.templating.spam import score_spam

Context = grpc.aio.ServicerContext[object, object]


class TemplateServicer(TemplateServiceServicer):
    """Templates of a tenant."""

    def __init__(self, database: Database, in_use: handlers.InUse, *, previews: bool = True) -> None:
        self._database = database
        self._in_use = in_use
        self._previews = previews

    async def CreateTemplate(
        self, request: pb.CreateTemplateRequest, context: Context
    ) -> pb.CreateTemplateResponse:
        """Creates a template with a draft."""
        actor = current_caller().subject
        template = convert.template_from_proto(request.template, actor)
        draft = convert.version_from_proto(request.version, template.template_id, 1, actor)
        version = await handlers.examined(template, draft)
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.CreateTemplateResponse:
                created = await handlers.create(uow, template, version)
                return pb.CreateTemplateResponse(
                    template=convert.template_to_proto(created), version=convert.version_to_proto(version)
                )

            response, repeated = await once(
                uow,
                method="TemplateService.CreateTemplate",
                key=request.idempotency_key,
                request=request,
                response_type=pb.CreateTemplateResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def GetTemplate(self, request: pb.GetTemplateRequest, context: Context) -> pb.GetTemplateResponse:
        """Returns a template with one version."""
        template_id = UUID(request.template_id)
        async with self._database.tenant(tenant()) as uow:
            template = await handlers.get(uow, template_id)
            version = await handlers.version_of(uow, template_id, request.version)
        return pb.GetTemplateResponse(
            template=convert.template_to_proto(template), version=convert.version_to_proto(version)
        )

    async def ListTemplates(
        self, request: pb.ListTemplatesRequest, context: Context
    ) -> pb.ListTemplatesResponse:
        """Lists templates."""
        found, token = await listing.templates(self._database, tenant(), request)
        return pb.ListTemplatesResponse(
            templates=[convert.template_to_proto(one) for one in found], next_page_token=token
        )

    async def UpdateTemplate(
        self, request: pb.UpdateTemplateRequest, context: Context
    ) -> pb.UpdateTemplateResponse:
        """Changes a template."""
        paths = apply_mask(request.update_mask, convert.MASKABLE)
        message = request.template
        template_id = UUID(message.template_id)
        version = None
        if "version" in paths:
            async with self._database.tenant(tenant()) as uow:
                known = await handlers.get(uow, template_id)
            draft = convert.version_from_proto(request.version, template_id, 0, current_caller().subject)
            version = await handlers.examined(known, draft)
        change = handlers.Change(
            template_id,
            message.etag,
            description=message.description if "description" in paths else None,
            category=message.category if "category" in paths else None,
            template_type=TemplateType(message.template_type) if "template_type" in paths else None,
            version=version,
        )
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.UpdateTemplateResponse:
                changed, drafted = await handlers.update(uow, change)
                response = pb.UpdateTemplateResponse(template=convert.template_to_proto(changed))
                if drafted is not None:
                    response.version.CopyFrom(convert.version_to_proto(drafted))
                return response

            response, repeated = await once(
                uow,
                method="TemplateService.UpdateTemplate",
                key=request.idempotency_key,
                request=request,
                response_type=pb.UpdateTemplateResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def ActivateTemplateVersion(
        self, request: pb.ActivateTemplateVersionRequest, context: Context
    ) -> pb.ActivateTemplateVersionResponse:
        """Makes a version the active one."""
        template_id = UUID(request.template_id)
        version = await handlers.checked_for_activation(
            self._database, tenant(), template_id, request.version
        )
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.ActivateTemplateVersionResponse:
                changed, active = await handlers.activate(uow, template_id, version)
                return pb.ActivateTemplateVersionResponse(
                    template=convert.template_to_proto(changed), version=convert.version_to_proto(active)
                )

            response, repeated = await once(
                uow,
                method="TemplateService.ActivateTemplateVersion",
                key=request.idempotency_key,
                request=request,
                response_type=pb.ActivateTemplateVersionResponse,
                effect=effect,
            )
        response.deduplicated = repeated
        return response

    async def DeleteTemplate(
        self, request: pb.DeleteTemplateRequest, context: Context
    ) -> pb.DeleteTemplateResponse:
        """Archives a template."""
        async with self._database.tenant(tenant()) as uow:

            async def effect() -> pb.DeleteTemplateResponse:
                await handlers.delete(uow, UUID(request.template_id), self._in_use)
                return pb.DeleteTemplateResponse()

            response, _ = await once(
                uow,
                method="TemplateService.DeleteTemplate",
                key=request.idempotency_key,
                request=request,
                response_type=pb.DeleteTemplateResponse,
                effect=effect,
            )
        return response

    async def PreviewTemplate(
        self, request: pb.PreviewTemplateRequest, context: Context
    ) -> pb.PreviewTemplateResponse:
        """Renders a version as sending does."""
        if not self._previews:
            raise failed("INVALID_CONFIGURATION", "previews are switched off in this deployment")
        if request.contact_id and not permitted(current_caller().roles, "contact.view"):
            raise denied("contact data needs the permission contact.view")
        found = await handlers.preview(
            self._database,
            tenant(),
            template_id=UUID(request.template_id),
            number=request.version,
            language=request.language_code,
            contact_id=UUID(request.contact_id) if request.contact_id else None,
            variables=convert.variables_from_struct(request.variables),
        )
        shown = found.rendered
        return pb.PreviewTemplateResponse(
            subject=shown.subject,
            body_text=shown.text,
            body_html=shown.html,
            language_code=shown.language,
            used_variables=found.used,
            missing_variables=shown.missing,
            character_count=len(shown.text),
            sms_segments=count_sms(shown.text).segments if found.channel == SMS else 0,
            has_unsubscribe_link=shown.has_unsubscribe_link,
            body_amp=shown.amp,
        )

    async def CheckSpamScore(
        self, request: pb.CheckSpamScoreRequest, context: Context
    ) -> pb.CheckSpamScoreResponse:
        """Scores content for spam."""
        report = score_spam(
            convert.channel_word(request.channel),
            request.subject,
            request.body_text or None,
            request.body_html or None,
        )
        return pb.CheckSpamScoreResponse(
            score=report.score,
            flags=report.flags,
            is_passed=report.passed,
            recommendations=report.recommendations,
        )

    async def ResolveTemplate(
        self, request: pb.ResolveTemplateRequest, context: Context
    ) -> pb.ResolveTemplateResponse:
        """Returns an immutable version whole."""
        version_id = UUID(request.template_version_id) if request.template_version_id else None
        template_id = UUID(request.template_id) if request.template_id else None
        async with self._database.tenant(tenant()) as uow:
            template, version, owner = await handlers.resolve(
                uow, version_id, template_id, request.name, request.channel
            )
        return pb.ResolveTemplateResponse(
            template=convert.template_to_proto(template),
            version=convert.version_to_proto(version, *implicit_variables()),
            sender=convert.sender_to_proto(*owner),
        )
