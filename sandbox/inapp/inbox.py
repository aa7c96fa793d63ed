"""A contact's inbox, as delivery tells it to an app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import grpc
import grpc.aio

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import inbox_service_pb2 as pb
from angarium.delivery.v1.inbox_service_pb2_grpc import InboxServiceStub
from sandbox.settings import AppAccess

_SECONDS = 5.0
_ROWS = 50
_SENTENCES = {
    "INVALID_ARGUMENT": "Delivery does not understand this. A contact's id is a UUID.",
    "UNAUTHENTICATED": "Delivery does not accept the token. It has expired or was signed elsewhere; set another one.",
    "PERMISSION_DENIED": "The token may not look into inboxes. It must be a neighbour system's.",
    "NOT_FOUND": "Delivery knows no such item, or the token is not allowed to see this contact's.",
    "RESOURCE_EXHAUSTED": "Delivery takes no more calls right now. Try again in a moment.",
    "UNAVAILABLE": "Delivery does not answer. Check that it runs, and the address that was set.",
    "DEADLINE_EXCEEDED": "Delivery does not answer in time. Try again in a moment.",
    "UNIMPLEMENTED": "What answers at the address knows no inboxes. Set the RPC address of delivery.",
}
_ANY_OTHER = "Delivery could not do this. Its log says why."


class RefusedError(Exception):
    """A call that failed; `code` is the name of its status."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Item:
    """One card of the inbox."""

    id: str
    title: str
    body: str
    category: str
    group: str
    link: str
    at: datetime
    is_read: bool


@dataclass(frozen=True)
class Shown:
    """One page of an inbox, newest first."""

    items: list[Item]
    unread: int
    next_token: str


def sentence(code: str) -> str:
    """Returns what a failed call means to whoever looks at the page."""
    return _SENTENCES.get(code, _ANY_OTHER)


class Inbox:
    """The calls an app makes for one contact; each may raise RefusedError."""

    def __init__(self, access: AppAccess, contact_id: str) -> None:
        self._access = access
        self._contact_id = contact_id

    async def show(self, *, unread_only: bool, page_token: str) -> Shown:
        """Returns a page of the items, and how many are unread in all."""
        wanted = pb.ListInboxItemsRequest(
            contact_id=self._contact_id, unread_only=unread_only, page_size=_ROWS, page_token=page_token
        )
        async with self._calling() as (inboxes, options):
            page, count = await asyncio.gather(
                inboxes.ListInboxItems(wanted, **options),
                inboxes.CountUnread(pb.CountUnreadRequest(contact_id=self._contact_id), **options),
            )
        return Shown([_item(one) for one in page.items], count.unread_count, page.next_page_token)

    async def read(self, item_id: str) -> None:
        """Marks an item as read."""
        async with self._calling() as (inboxes, options):
            await inboxes.MarkRead(
                pb.MarkReadRequest(contact_id=self._contact_id, item_ids=[item_id]), **options
            )

    async def read_all(self) -> None:
        """Marks everything as read."""
        async with self._calling() as (inboxes, options):
            await inboxes.MarkAllRead(pb.MarkAllReadRequest(contact_id=self._contact_id), **options)

    async def archive(self, item_id: str) -> None:
        """Takes an item out of the list."""
        async with self._calling() as (inboxes, options):
            await inboxes.ArchiveInboxItem(
                pb.ArchiveInboxItemRequest(contact_id=self._contact_id, item_id=item_id), **options
            )

    @asynccontextmanager
    async def _calling(self) -> AsyncIterator[tuple[InboxServiceStub, dict[str, object]]]:
        # A channel per page: people look now and then, and whatever was set meanwhile holds at once.
        host, port = self._access.delivery.host, self._access.delivery.port
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        metadata = (("authorization", f"Bearer {self._access.token}"),)
        async with grpc.aio.insecure_channel(target) as channel:
            try:
                yield InboxServiceStub(channel), {"metadata": metadata, "timeout": _SECONDS}
            except grpc.aio.AioRpcError as error:
                raise RefusedError(error.code().name) from error


def _item(item: pb.InboxItem) -> Item:
    return Item(
        id=item.item_id,
        title=item.title,
        body=item.body,
        category=enums_pb2.Category.Name(item.category).removeprefix("CATEGORY_").replace("_", " ").lower(),
        group=item.group_key,
        link=item.action_url if item.action_url.startswith("https://") else "",
        at=item.create_time.ToDatetime(UTC),
        is_read=item.HasField("read_time"),
    )
