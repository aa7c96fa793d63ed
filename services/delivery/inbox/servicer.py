"""InboxService: what a contact or staff member finds inside an app."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any
from uuid import UUID

from angarium.delivery.v1 import inbox_service_pb2 as pb
from angarium.delivery.v1 import inbox_service_pb2_grpc as grpc_pb
from services.common.rpc.context import tenant
from services.delivery.inbox.handlers import Inboxes
from services.delivery.subjects import own


class InboxServicer(grpc_pb.InboxServiceServicer):
    """Answers calls about inboxes; the credential of a contact or of staff reaches their own only."""

    def __init__(self, inboxes: Inboxes) -> None:
        self._inboxes = inboxes

    async def ListInboxItems(
        self, request: pb.ListInboxItemsRequest, context: Any
    ) -> pb.ListInboxItemsResponse:
        return await self._inboxes.items(tenant(), own(tenant(), request.contact_id).id, request)

    async def CountUnread(self, request: pb.CountUnreadRequest, context: Any) -> pb.CountUnreadResponse:
        count = await self._inboxes.unread(tenant(), own(tenant(), request.contact_id).id)
        return pb.CountUnreadResponse(unread_count=count)

    async def MarkRead(self, request: pb.MarkReadRequest, context: Any) -> pb.MarkReadResponse:
        ids = [UUID(one) for one in request.item_ids]
        count, left = await self._inboxes.mark_read(tenant(), own(tenant(), request.contact_id).id, ids)
        return pb.MarkReadResponse(read_count=count, unread_count=left)

    async def MarkAllRead(self, request: pb.MarkAllReadRequest, context: Any) -> pb.MarkAllReadResponse:
        count, _ = await self._inboxes.mark_read(tenant(), own(tenant(), request.contact_id).id, None)
        return pb.MarkAllReadResponse(read_count=count)

    async def ArchiveInboxItem(
        self, request: pb.ArchiveInboxItemRequest, context: Any
    ) -> pb.ArchiveInboxItemResponse:
        contact_id = own(tenant(), request.contact_id).id
        item = await self._inboxes.archive(tenant(), contact_id, UUID(request.item_id))
        return pb.ArchiveInboxItemResponse(item=item)

    async def WatchInbox(
        self, request: pb.WatchInboxRequest, context: Any
    ) -> AsyncIterator[pb.WatchInboxResponse]:
        asked = own(tenant(), request.contact_id).id
        # The caller learns that nothing is missed from here on before anything happens.
        ready = partial(context.send_initial_metadata, ())
        async with aclosing(self._inboxes.watch(tenant(), asked, request.resume_token, ready)) as changes:
            async for change in changes:
                yield change
