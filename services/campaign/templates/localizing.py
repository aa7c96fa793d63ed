"""Use cases of the languages of a draft (CAM-47): each change is examined as a whole version is."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from angarium.campaign.v1 import template_service_pb2 as pb
from services.campaign.templates import activation, convert
from services.campaign.templates.domain import Version
from services.campaign.templates.workshop import Workshop
from services.common.db.uow import UnitOfWork
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.rpc.context import tenant

Response = TypeVar(
    "Response",
    pb.CreateTemplateLocalizationResponse,
    pb.UpdateTemplateLocalizationResponse,
    pb.DeleteTemplateLocalizationResponse,
)


class Localizing:
    """Languages of drafts."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._database = workshop.database

    async def create(
        self, request: pb.CreateTemplateLocalizationRequest
    ) -> pb.CreateTemplateLocalizationResponse:
        """Adds a language."""

        def change(version: Version) -> Version:
            return activation.with_content(version, convert.content_from_proto(request.content))

        return await self._changed(request, pb.CreateTemplateLocalizationResponse, change)

    async def update(
        self, request: pb.UpdateTemplateLocalizationRequest
    ) -> pb.UpdateTemplateLocalizationResponse:
        """Changes a language."""
        paths = apply_mask(request.update_mask, convert.CONTENT_MASKABLE)

        def change(version: Version) -> Version:
            known = activation.content_of(version, request.content.language_code)
            return activation.with_changed(version, convert.merged(known, request.content, paths))

        return await self._changed(request, pb.UpdateTemplateLocalizationResponse, change)

    async def delete(
        self, request: pb.DeleteTemplateLocalizationRequest
    ) -> pb.DeleteTemplateLocalizationResponse:
        """Removes a language."""

        def change(version: Version) -> Version:
            return activation.without(version, request.language_code)

        return await self._changed(request, pb.DeleteTemplateLocalizationResponse, change)

    async def _changed(
        self, request: Any, response: type[Response], change: Callable[[Version], Version]
    ) -> Response:
        """Changes a draft; it is examined before the transaction that writes it begins."""
        tenant_id = tenant()
        outcome: Version | Exception
        try:
            async with self._database.tenant(tenant_id) as uow:
                template, version = await activation.draft(uow, UUID(request.template_id), request.version)
            outcome = await self._workshop.drafted(tenant_id, template, change(version))
        except Exception as error:  # noqa: BLE001 - raised below, unless the call is a repeat of one that worked
            outcome = error

        async def effect(uow: UnitOfWork) -> Response:
            if isinstance(outcome, Exception):
                raise outcome
            after, written = await activation.redraft(uow, request.etag, outcome)
            return response(
                template=convert.template_to_proto(after), version=convert.version_to_proto(written)
            )

        method = f"TemplateService.{response.DESCRIPTOR.name.removesuffix('Response')}"
        async with self._database.tenant(tenant_id) as uow:
            return await keyed(uow, method, request, response, effect)
