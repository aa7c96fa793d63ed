"""Reading messages for callers: one, a page, a run."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common import audit
from services.common.contact_data import merged
from services.common.db.uow import UnitOfWork
from services.common.errors import denied, not_found
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import Caller
from services.common.security.envelope import Envelope
from services.common.security.permissions import permitted
from services.delivery.devices import store as devices
from services.delivery.engagement import history as engagement
from services.delivery.enums import wire
from services.delivery.messages import batches, history, show, views
from services.delivery.messages.domain import Channel, State
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.views import Filter, Row
from services.delivery.receipts import history as receipts
from services.delivery.sent import store as sent
from services.delivery.sent.frames import Shown, Tracks
from services.delivery.sent.store import Wanted

VIEW_CONTENT: Final = "message.view_content"


async def get_message(
    deps: Acceptance, tracks: Tracks, caller: Caller, tenant_id: UUID, request: pb.GetMessageRequest
) -> pb.GetMessageResponse:
    """Returns a message with its tries and history, and what it said to whoever may see that.

    NOT_FOUND also for another tenant's or branch's.
    """
    if request.view_content and not permitted(caller.roles, VIEW_CONTENT):
        raise denied(f"what a message said needs the permission {VIEW_CONTENT}")
    async with deps.database.tenant(tenant_id) as uow:
        view = await views.find(uow, deps.envelope, UUID(request.message_id), branches_of(caller))
        if view is None:
            raise not_found("message", request.message_id)
        attempts = await history.attempts(uow, view.row)
        tried = await devices.tried(uow, view.row.message_id) if view.row.channel == Channel.PUSH else []
        lines = [
            *await history.entries(uow, view, attempts),
            *await receipts.entries(uow, view.row.message_id),
            *await engagement.entries(uow, view.row.message_id),
        ]
        metadata = await views.metadata(uow, deps.envelope, view.row.content_id)
        content = await _content(uow, deps.envelope, tracks, view.row) if request.view_content else None
    return pb.GetMessageResponse(
        message=show.message(view, metadata),
        attempts=[show.attempt(one, tried) for one in attempts],
        log=[show.entry(one) for one in history.in_order(lines)],
        content=show.content(content) if content else None,
    )


async def _content(uow: UnitOfWork, envelope: Envelope, tracks: Tracks, row: Row) -> Shown | None:
    """Returns what a message said; that somebody looked is noted in the audit trail."""
    wanted = Wanted(row.content_id, row.position, row.contact_id)
    found = await sent.find(uow, envelope, tracks, [wanted])
    await audit.record(
        uow,
        action=VIEW_CONTENT,
        resource_type="message",
        resource_id=row.message_id,
        before=None,
        after={"is_found": bool(found)},
    )
    return found.get((row.content_id, row.position))


async def list_messages(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.ListMessagesRequest
) -> pb.ListMessagesResponse:
    """Returns a page of messages, newest first."""
    size = page_size(request.page_size)
    parameters = parameters_hash(request)
    after = _after(request.page_token, parameters)
    wanted = Filter(
        campaign_id=UUID(request.campaign_id) if request.campaign_id else None,
        channel=Channel(request.channel) if request.channel else None,
        category=request.category or None,
        state=State(request.state) if request.state else None,
        start=request.start_time.ToDatetime(tzinfo=UTC) if request.HasField("start_time") else None,
        end=request.end_time.ToDatetime(tzinfo=UTC) if request.HasField("end_time") else None,
        branches=branches_of(caller),
        batch_id=UUID(request.batch_id) if request.batch_id else None,
        correlation_key=request.correlation_key or None,
        run_id=UUID(request.run_id) if request.run_id else None,
        source=request.source or None,
    )
    async with deps.database.tenant(tenant_id) as uow:
        if request.contact_id:
            wanted = replace(wanted, contact_ids=await merged.person(uow, UUID(request.contact_id)))
        found = await views.page(uow, deps.envelope, wanted, after, size + 1)
    answer = pb.ListMessagesResponse(messages=[show.message(view) for view in found[:size]])
    if len(found) > size:
        answer.next_page_token = PageToken.encode([found[size - 1].row.message_id], parameters)
    return answer


async def hand_overs(
    deps: Acceptance, tenant_id: UUID, request: pb.BatchGetHandOversRequest
) -> list[pb.HandOver]:
    """Returns how messages were handed over, in one statement."""
    async with deps.database.tenant(tenant_id) as uow:
        rows = await views.hand_overs(uow, [UUID(one) for one in request.message_ids])
    return [show.hand_over(row) for row in rows]


async def get_batch(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.GetBatchRequest
) -> pb.GetBatchResponse:
    """Returns a batch with how its messages stand; NOT_FOUND also for another tenant's or branch's."""
    wanted = batches.Filter(batch_id=UUID(request.batch_id), branches=branches_of(caller))
    async with deps.database.tenant(tenant_id) as uow:
        found = await batches.page(uow, wanted, None, 1)
    if not found:
        raise not_found("batch", request.batch_id)
    return pb.GetBatchResponse(batch=show.batch(found[0], deps.clock.now()))


async def list_batches(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.ListBatchesRequest
) -> pb.ListBatchesResponse:
    """Returns a page of batches, newest first."""
    size = page_size(request.page_size)
    parameters = parameters_hash(request)
    wanted = batches.Filter(
        name=request.name,
        start=request.start_time.ToDatetime(tzinfo=UTC) if request.HasField("start_time") else None,
        end=request.end_time.ToDatetime(tzinfo=UTC) if request.HasField("end_time") else None,
        branches=branches_of(caller),
    )
    async with deps.database.tenant(tenant_id) as uow:
        found = await batches.page(uow, wanted, _after(request.page_token, parameters), size + 1)
    now = deps.clock.now()
    answer = pb.ListBatchesResponse(batches=[show.batch(view, now) for view in found[:size]])
    if len(found) > size:
        answer.next_page_token = PageToken.encode([found[size - 1].row.batch_id], parameters)
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


def branches_of(caller: Caller) -> Sequence[UUID] | None:
    """Returns the branches a caller is limited to; None means all of the tenant (GEN-11)."""
    return [UUID(branch) for branch in sorted(caller.branch_ids)] or None


def _after(token: str, parameters: bytes) -> UUID | None:
    """Returns the id a page ended with; None for the first page."""
    key = PageToken.decode(token, parameters, length=1)
    try:
        return UUID(key[0]) if key else None
    except ValueError:
        raise bad_token() from None
