"""Pages of templates."""

from uuid import UUID

from angarium.campaign.v1 import template_service_pb2 as pb
from services.campaign.templates import convert, handlers, store
from services.campaign.templates import records as versions
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import Template
from services.common.db.database import Database
from services.common.paging import PageToken, bad_token, page_size, parameters_hash

NEWEST = 2**31 - 1
"""Above every number of a version."""


async def templates(
    database: Database, tenant_id: UUID, request: pb.ListTemplatesRequest
) -> tuple[list[Template], str]:
    """Returns a page, newest first, the platform's after the tenant's own, and the token of the next one."""
    size = page_size(request.page_size)
    parameters = parameters_hash(request)
    before = id_after(request.page_token, parameters)
    wanted = store.Filter(
        request.channel,
        request.template_type,
        request.category,
        request.active_only,
        request.language_code,
        request.whatsapp_approval_state,
    )
    async with database.tenant(tenant_id) as uow:
        found = await store.page(uow, wanted, before, size + 1)
    found += [
        one
        for one in catalogue().templates
        if wanted.takes(one, catalogue().languages(one)) and (not before or one.template_id < before)
    ]
    token = PageToken.encode([found[size - 1].template_id], parameters) if len(found) > size else ""
    return found[:size], token


async def versions_of(
    database: Database, tenant_id: UUID, request: pb.ListTemplateVersionsRequest
) -> pb.ListTemplateVersionsResponse:
    """Returns a page of a template's versions, newest first."""
    size, parameters = page_size(request.page_size), parameters_hash(request)
    last = PageToken.decode(request.page_token, parameters, length=1)
    if last and not last[0].isdigit():
        raise bad_token()
    below = int(last[0]) if last else NEWEST
    template_id = UUID(request.template_id)
    async with database.tenant(tenant_id) as uow:
        template = await handlers.get(uow, template_id)
        if template.is_system:
            found = [one for one in catalogue().versions_of(template_id) if one.number < below][: size + 1]
        else:
            found = await versions.page(uow, template_id, below, size + 1)
        approvals = await handlers.approvals_of(uow, found)
    response = pb.ListTemplateVersionsResponse(
        versions=[convert.outline_to_proto(one, approvals) for one in found[:size]]
    )
    if len(found) > size:
        response.next_page_token = PageToken.encode([found[size - 1].number], parameters)
    return response


def id_after(token: str, parameters: bytes) -> UUID | None:
    """Returns the id a page goes on after; None for the first page."""
    last = PageToken.decode(token, parameters, length=1)
    try:
        return UUID(last[0]) if last else None
    except ValueError:
        raise bad_token() from None
