"""The account of a run's messages, and who of them may be written to again (W1)."""

from typing import Final
from uuid import UUID

from angarium.delivery.v1 import explain_service_pb2 as pb
from services.common.db.database import Database
from services.common.paging import PageToken, bad_token, parameters_hash
from services.delivery.explain import convert, store

DEFAULT_SIZE: Final = 50


async def account(
    database: Database, tenant_id: UUID, request: pb.GetRunAccountRequest
) -> pb.GetRunAccountResponse:
    """Returns where the messages of a run stand; the lines sum to the total."""
    async with database.tenant(tenant_id) as uow:
        lines = await store.run_lines(uow, UUID(request.run_id))
    return pb.GetRunAccountResponse(
        lines=[convert.line(one) for one in lines],
        total_count=sum(one.messages for one in lines),
        resendable_count=sum(one.resendable for one in lines),
    )


async def messages(
    database: Database, tenant_id: UUID, request: pb.ListRunMessagesRequest
) -> pb.ListRunMessagesResponse:
    """Returns a page of a run's messages, in the order of their ids."""
    size = request.page_size or DEFAULT_SIZE
    parameters = parameters_hash(request)
    key = PageToken.decode(request.page_token, parameters, length=1)
    try:
        after = UUID(key[0]) if key else None
    except ValueError:
        raise bad_token() from None
    async with database.tenant(tenant_id) as uow:
        found = await store.run_page(
            uow,
            UUID(request.run_id),
            standing=request.standing,
            reason=request.reason,
            resendable_only=request.resendable_only,
            after=after,
            limit=size + 1,
        )
    answer = pb.ListRunMessagesResponse(messages=[convert.run_message(one) for one in found[:size]])
    if len(found) > size:
        answer.next_page_token = PageToken.encode([found[size - 1].message_id], parameters)
    return answer
