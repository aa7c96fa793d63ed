"""Reading messages for callers: one, a page, a run."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.errors import not_found
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import Caller
from services.delivery.devices import store as devices
from services.delivery.engagement import history as engagement
from services.delivery.enums import wire
from services.delivery.messages import show, views
from services.delivery.messages.domain import Channel, State
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.views import Filter
from services.delivery.receipts import history as receipts


async def get_message(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.GetMessageRequest
) -> pb.GetMessageResponse:
    """Returns a message with its tries and history; NOT_FOUND also for another tenant's or branch's."""
    async with deps.database.tenant(tenant_id) as uow:
        view = await views.find(uow, deps.envelope, UUID(request.message_id), _branches(caller))
        if view is None:
            raise not_found("message", request.message_id)
        attempts = await views.attempts(uow, view.row)
        tried = await devices.tried(uow, view.row.message_id) if view.row.channel == Channel.PUSH else []
        history = [
            *await views.history(uow, view.row),
            *await receipts.entries(uow, view.row.message_id),
            *await engagement.entries(uow, view.row.message_id),
        ]
    return pb.GetMessageResponse(
        message=show.message(view),
        attempts=[show.attempt(one, tried) for one in attempts],
        log=[show.entry(one) for one in sorted(history, key=lambda one: one.occurred_at)],
    )


async def list_messages(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.ListMessagesRequest
) -> pb.ListMessagesResponse:
    """Returns a page of messages, newest first."""
    size = page_size(request.page_size)
    parameters = parameters_hash(request)
    key = PageToken.decode(request.page_token, parameters, length=1)
    try:
        after = UUID(key[0]) if key else None
    except ValueError:
        raise bad_token() from None
    wanted = Filter(
        contact_id=UUID(request.contact_id) if request.contact_id else None,
        campaign_id=UUID(request.campaign_id) if request.campaign_id else None,
        channel=Channel(request.channel) if request.channel else None,
        category=request.category or None,
        state=State(request.state) if request.state else None,
        start=request.start_time.ToDatetime(tzinfo=UTC) if request.HasField("start_time") else None,
        end=request.end_time.ToDatetime(tzinfo=UTC) if request.HasField("end_time") else None,
        branches=_branches(caller),
    )
    async with deps.database.tenant(tenant_id) as uow:
        found = await views.page(uow, deps.envelope, wanted, after, size + 1)
    answer = pb.ListMessagesResponse(messages=[show.message(view) for view in found[:size]])
    if len(found) > size:
        answer.next_page_token = PageToken.encode([found[size - 1].row.message_id], parameters)
    return answer


async def run_states(
    deps: Acceptance, tenant_id: UUID, request: pb.StreamRunStatesRequest, size: int
) -> AsyncIterator[pb.StreamRunStatesResponse]:
    """Yields the states of a run's messages in blocks."""
    async with deps.database.tenant(tenant_id) as uow:
        async for block in views.run_states(uow, UUID(request.run_id), size):
            yield pb.StreamRunStatesResponse(
                message_ids=[str(id) for id, _, _ in block],
                states=[wire(state) for _, state, _ in block],
                reasons=[reason for _, _, reason in block],
            )


def _branches(caller: Caller) -> Sequence[UUID] | None:
    """Returns the branches a caller is limited to; None means all of the tenant (GEN-11)."""
    return [UUID(branch) for branch in sorted(caller.branch_ids)] or None
