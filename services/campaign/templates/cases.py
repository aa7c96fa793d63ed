"""Use cases of templates as TemplateService asks for them: made, read, changed and activated as a whole."""

from uuid import UUID

from angarium.campaign.v1 import template_service_pb2 as pb
from services.campaign.templates import activation, convert, handlers, listing
from services.campaign.templates.domain import TemplateType
from services.campaign.templates.workshop import Workshop
from services.common.db.uow import UnitOfWork
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.rpc.context import current_caller, tenant


class TemplateCases:
    """Templates of a tenant: what changes them as a whole."""

    def __init__(self, workshop: Workshop, in_use: handlers.InUse) -> None:
        self._workshop = workshop
        self._database = workshop.database
        self._in_use = in_use

    async def create(self, request: pb.CreateTemplateRequest) -> pb.CreateTemplateResponse:
        """Creates a template with a draft."""
        actor = current_caller().subject
        template = convert.template_from_proto(request.template, actor)
        handlers.check(template)
        draft = convert.version_from_proto(request.version, template.template_id, 1, actor)
        version = await self._workshop.drafted(tenant(), template, draft)

        async def effect(uow: UnitOfWork) -> pb.CreateTemplateResponse:
            created = await handlers.create(uow, template, version)
            return pb.CreateTemplateResponse(
                template=convert.template_to_proto(created), version=convert.version_to_proto(version)
            )

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "TemplateService.CreateTemplate", request, pb.CreateTemplateResponse, effect
            )

    async def get(self, request: pb.GetTemplateRequest) -> pb.GetTemplateResponse:
        """Returns a template with one version."""
        template_id = UUID(request.template_id)
        async with self._database.tenant(tenant()) as uow:
            template = await handlers.get(uow, template_id)
            version = await handlers.version_of(uow, template_id, request.version)
            approvals = await handlers.approvals_of(uow, [version])
        return pb.GetTemplateResponse(
            template=convert.template_to_proto(template),
            version=convert.version_to_proto(version, approvals=approvals),
        )

    async def versions(self, request: pb.ListTemplateVersionsRequest) -> pb.ListTemplateVersionsResponse:
        """Lists versions."""
        return await listing.versions_of(self._database, tenant(), request)

    async def page(self, request: pb.ListTemplatesRequest) -> pb.ListTemplatesResponse:
        """Lists templates."""
        found, token = await listing.templates(self._database, tenant(), request)
        return pb.ListTemplatesResponse(
            templates=[convert.template_to_proto(one) for one in found], next_page_token=token
        )

    async def update(self, request: pb.UpdateTemplateRequest) -> pb.UpdateTemplateResponse:
        """Changes a template."""
        paths = apply_mask(request.update_mask, convert.MASKABLE)
        message = request.template
        template_id = UUID(message.template_id)
        version = None
        if "version" in paths:
            async with self._database.tenant(tenant()) as uow:
                known = await handlers.get(uow, template_id)
            draft = convert.version_from_proto(request.version, template_id, 0, current_caller().subject)
            version = await self._workshop.drafted(tenant(), known, draft)
        change = handlers.Change(
            template_id,
            message.etag,
            description=message.description if "description" in paths else None,
            category=message.category if "category" in paths else None,
            template_type=TemplateType(message.template_type) if "template_type" in paths else None,
            version=version,
        )

        async def effect(uow: UnitOfWork) -> pb.UpdateTemplateResponse:
            changed, drafted = await handlers.update(uow, change)
            response = pb.UpdateTemplateResponse(template=convert.template_to_proto(changed))
            if drafted is not None:
                response.version.CopyFrom(convert.version_to_proto(drafted))
            return response

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "TemplateService.UpdateTemplate", request, pb.UpdateTemplateResponse, effect
            )

    async def activate(
        self, request: pb.ActivateTemplateVersionRequest
    ) -> pb.ActivateTemplateVersionResponse:
        """Makes a version the active one."""
        template_id = UUID(request.template_id)
        async with self._database.tenant(tenant()) as uow:
            template = await handlers.get(uow, template_id)
            version = await handlers.version_of(uow, template_id, request.version)
        checked = await self._workshop.activatable(tenant(), template, version)

        async def effect(uow: UnitOfWork) -> pb.ActivateTemplateVersionResponse:
            changed, active = await activation.activate(uow, template, checked)
            return pb.ActivateTemplateVersionResponse(
                template=convert.template_to_proto(changed), version=convert.version_to_proto(active)
            )

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow,
                "TemplateService.ActivateTemplateVersion",
                request,
                pb.ActivateTemplateVersionResponse,
                effect,
            )

    async def deactivate(self, request: pb.DeactivateTemplateRequest) -> pb.DeactivateTemplateResponse:
        """Leaves a template without an active version."""

        async def effect(uow: UnitOfWork) -> pb.DeactivateTemplateResponse:
            changed = await activation.deactivate(uow, UUID(request.template_id), self._in_use)
            return pb.DeactivateTemplateResponse(template=convert.template_to_proto(changed))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "TemplateService.DeactivateTemplate", request, pb.DeactivateTemplateResponse, effect
            )

    async def delete(self, request: pb.DeleteTemplateRequest) -> pb.DeleteTemplateResponse:
        """Archives a template."""

        async def effect(uow: UnitOfWork) -> pb.DeleteTemplateResponse:
            await handlers.delete(uow, UUID(request.template_id), self._in_use)
            return pb.DeleteTemplateResponse()

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, "TemplateService.DeleteTemplate", request, pb.DeleteTemplateResponse, effect
            )
