"""Cancelling, holding and releasing messages (DEL-25, DEL-26)."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.idempotency import Effect, keyed
from services.common.rpc.context import Caller
from services.delivery.columns import in_slices
from services.delivery.dispatch import handover, recording
from services.delivery.messages import announce, batches, changes
from services.delivery.messages.announce import Stopped
from services.delivery.messages.changes import LOTS, Cancelled, Kind, Selector
from services.delivery.messages.domain import MAX_BLOCK
from services.delivery.messages.handlers import WAKE_DISPATCH

CANCELLED = "cancelled"


def selector_of(request: pb.MessageSelector) -> Selector:
    """Returns what a selector of the contract names."""
    match request.WhichOneof("selector"):
        case "message_id":
            return Selector(Kind.MESSAGE, UUID(request.message_id))
        case "campaign_id":
            return Selector(Kind.CAMPAIGN, UUID(request.campaign_id))
        case "run_id":
            return Selector(Kind.RUN, UUID(request.run_id))
        case "correlation_key":
            return Selector(Kind.CORRELATION, word=request.correlation_key)
        case "contact_id":
            return Selector(Kind.CONTACT, UUID(request.contact_id))
        case "tenant_marketing":
            return Selector(Kind.MARKETING)
        case "batch_id":
            return Selector(Kind.BATCH, UUID(request.batch_id))
    raise invalid("selector", "names nothing")


async def cancel(
    database: Database, clock: Clock, caller: Caller, tenant_id: UUID, request: pb.CancelMessagesRequest
) -> pb.CancelMessagesResponse:
    """Cancels what was not handed over yet.

    Contents are marked first, in one statement, so that no worker goes on with them; their messages follow in
    transactions of at most 5,000. A call that is cut short is repeated and goes on.
    """
    selector = selector_of(request.selector)
    reason = request.reason or CANCELLED
    if (known := await _known(database, tenant_id, request)) is not None:
        return known
    async with database.tenant(tenant_id) as uow:
        await handover.fence(uow, cancelling=True)
        if selector.kind is Kind.BATCH and selector.id is not None:
            # Closed first: what is being added to it is marked with the rest, or refused.
            await batches.cancel(uow, selector.id, reason, clock.now())
        contents = await changes.mark(uow, selector, reason, caller.subject, clock.now())
        count = 0
        if selector.kind in (Kind.MESSAGE, Kind.CONTACT):
            cancelled = await changes.cancel_directly(uow, selector, reason, clock.now())
            _tell(uow, cancelled, reason)
            lines = [(one.message_id, CANCELLED, reason) for one in cancelled]
            recording.log(uow, lines, actor=caller.subject, now=clock.now())
            count = len(cancelled)
    for lot in in_slices(contents, LOTS):
        async with database.tenant(tenant_id) as uow:
            await handover.fence(uow, cancelling=True)
            cancelled = await changes.cancel_contents(uow, lot, reason, clock.now())
            _tell(uow, cancelled, reason)
            count += len(cancelled)
    return await _remembered(database, tenant_id, request, count)


async def _remembered(
    database: Database, tenant_id: UUID, request: pb.CancelMessagesRequest, count: int
) -> pb.CancelMessagesResponse:
    """Keeps the answer under the call's key."""

    async def effect(_: UnitOfWork) -> pb.CancelMessagesResponse:
        return pb.CancelMessagesResponse(cancelled_count=count)

    async with database.tenant(tenant_id) as uow:
        return await _once(uow, request, effect)


async def _known(
    database: Database, tenant_id: UUID, request: pb.CancelMessagesRequest
) -> pb.CancelMessagesResponse | None:
    """Returns the answer an earlier call with this key had; a key used for something else is refused here."""

    async def effect(_: UnitOfWork) -> pb.CancelMessagesResponse:
        raise _FirstTimeError

    if not request.idempotency_key:
        return None
    try:
        async with database.tenant(tenant_id) as uow:
            return await _once(uow, request, effect)
    except _FirstTimeError:
        return None


class _FirstTimeError(Exception):
    """The key was never used."""


async def _once(
    uow: UnitOfWork, request: pb.CancelMessagesRequest, effect: Effect[pb.CancelMessagesResponse]
) -> pb.CancelMessagesResponse:
    return await keyed(uow, "MessageService.CancelMessages", request, pb.CancelMessagesResponse, effect)


def _tell(uow: UnitOfWork, cancelled: Sequence[Cancelled], reason: str) -> None:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    grouped: defaultdict[str, list[Stopped]] = defaultdict(list)
    for one in cancelled:
        grouped[str(one.campaign_id or "")].append(Stopped(one.message_id, reason))
    for campaign, stopped in grouped.items():
        for part in in_slices(stopped, MAX_BLOCK):
            uow.emit(announce.stopped("cancelled", uow.tenant_id, campaign, uow.now(), part))


async def hold(
    database: Database, clock: Clock, caller: Caller, tenant_id: UUID, request: pb.HoldMessagesRequest
) -> pb.HoldMessagesResponse:
    """Holds messages back; they keep their state and expire normally."""
    selector = _holdable(request.selector)
    async with database.tenant(tenant_id) as uow:
        count = await changes.hold(uow, selector, request.reason or "held", caller.subject, clock.now())
    return pb.HoldMessagesResponse(held_count=count)


async def release(
    database: Database, caller: Caller, tenant_id: UUID, request: pb.ReleaseMessagesRequest
) -> pb.ReleaseMessagesResponse:
    """Releases messages that were held."""
    selector = _holdable(request.selector)
    async with database.tenant(tenant_id) as uow:
        count = await changes.release(uow, selector, caller.subject)
        uow.after_commit(lambda: database.wake(WAKE_DISPATCH))
    return pb.ReleaseMessagesResponse(released_count=count)


def _holdable(request: pb.MessageSelector) -> Selector:
    selector = selector_of(request)
    if not changes.can_hold(selector):
        raise invalid("selector", "only a campaign, a run or the tenant's marketing can be held")
    return selector
