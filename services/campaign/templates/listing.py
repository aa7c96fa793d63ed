"""Pages of templates."""

from uuid import UUID

from angarium.campaign.v1 import template_service_pb2 as pb
from services.campaign.templates import store
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import Template
from services.common.db.database import Database
from services.common.paging import PageToken, bad_token, page_size, parameters_hash


async def templates(
    database: Database, tenant_id: UUID, request: pb.ListTemplatesRequest
) -> tuple[list[Template], str]:
    """Returns a page, newest first, the platform's after the tenant's own, and the token of the next one."""
    size = page_size(request.page_size)
    parameters = parameters_hash(request)
    before = id_after(request.page_token, parameters)
    wanted = store.Filter(request.channel, request.template_type, request.category, request.active_only)
    async with database.tenant(tenant_id) as uow:
        found = await store.page(uow, wanted, before, size + 1)
    found += [
        one for one in catalogue().templates if wanted.takes(one) and (not before or one.template_id < before)
    ]
    token = PageToken.encode([found[size - 1].template_id], parameters) if len(found) > size else ""
    return found[:size], token


def id_after(token: str, parameters: bytes) -> UUID | None:
    """Returns the id a page goes on after; None for the first page."""
    last = PageToken.decode(token, parameters, length=1)
    try:
        return UUID(last[0]) if last else None
    except ValueError:
        raise bad_token() from None
