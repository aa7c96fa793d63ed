"""Use cases of inboxes: reading, marking, archiving, watching."""

import base64
import binascii
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import inbox_service_pb2 as pb
from services.common.contact_data import merged
from services.common.db.database import Database
from services.common.errors import invalid, not_found
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.security.envelope import Envelope
from services.delivery.inbox import receipts, sealing, store
from services.delivery.inbox.hub import WAKE, Hub
from services.delivery.inbox.store import Filter
from services.delivery.providers import ReceiptKind
from services.delivery.receipts.applier import WAKE as WAKE_RECEIPTS

_BLOCK: Final = 100


class Inboxes:
    """The inboxes of contacts and staff; each is known by the id of its person."""

    def __init__(self, database: Database, envelope: Envelope, hub: Hub) -> None:
        self._database = database
        self._envelope = envelope
        self._hub = hub

    async def items(
        self, tenant_id: UUID, contact_id: UUID, request: pb.ListInboxItemsRequest
    ) -> pb.ListInboxItemsResponse:
        """Returns a page of the list, and where watching goes on."""
        parameters = parameters_hash(request)
        size = page_size(request.page_size)
        last = PageToken.decode(request.page_token, parameters, length=1)
        async with self._database.tenant(tenant_id) as uow:
            contact_id = await merged.kept(uow, contact_id)
            wanted = Filter(contact_id, request.unread_only, request.group_key)
            # Read first: what comes in between is listed, and told again by whoever watches from here.
            position = await store.position(uow, contact_id)
            rows = await store.page(uow, wanted, _id(last[0]) if last else None, size + 1)
            shown = await sealing.opened(uow, self._envelope, rows[:size])
        answer = pb.ListInboxItemsResponse(items=shown, resume_token=_token(position))
        if len(rows) > size:
            answer.next_page_token = PageToken.encode([rows[size - 1].item_id], parameters)
        return answer

    async def unread(self, tenant_id: UUID, contact_id: UUID) -> int:
        """Returns how many items are unread."""
        async with self._database.tenant(tenant_id) as uow:
            return await store.unread(uow, await merged.kept(uow, contact_id))

    async def mark_read(
        self, tenant_id: UUID, contact_id: UUID, item_ids: Sequence[UUID] | None
    ) -> tuple[int, int]:
        """Marks items, or all of them, as read; returns how many became read and how many are unread still."""
        async with self._database.tenant(tenant_id) as uow:
            contact_id = await merged.kept(uow, contact_id)
            marked = await store.mark_read(uow, contact_id, item_ids)
            if marked:
                await receipts.tell(uow, self._envelope, ReceiptKind.READ, marked, later=receipts.LATER * 0)
            left = await store.unread(uow, contact_id)
        if marked:
            self._database.wake(WAKE)
            self._database.wake(WAKE_RECEIPTS)
        return len(marked), left

    async def archive(self, tenant_id: UUID, contact_id: UUID, item_id: UUID) -> pb.InboxItem:
        """Takes an item out of the list; NOT_FOUND when the contact has no such item."""
        async with self._database.tenant(tenant_id) as uow:
            row = await store.archive(uow, await merged.kept(uow, contact_id), item_id)
            shown = await sealing.opened(uow, self._envelope, [row]) if row else []
        if not shown:
            raise not_found("inbox item", item_id)
        self._database.wake(WAKE)
        return shown[0]

    async def watch(
        self, tenant_id: UUID, contact_id: UUID, resume_token: str, ready: Callable[[], Awaitable[None]]
    ) -> AsyncGenerator[pb.WatchInboxResponse, None]:
        """Yields changes of an inbox as they happen: those after the token's, or after the last.

        `ready` is called once, before the first change: from then on nothing is missed.
        """
        async with self._database.tenant(tenant_id) as uow:
            contact_id = await merged.kept(uow, contact_id)
            last = await store.position(uow, contact_id)
        position = _position(resume_token, last) if resume_token else last
        await ready()
        async with self._hub.watching((tenant_id, contact_id), position) as watcher:
            while True:
                watcher.woken.clear()
                async with self._database.tenant(tenant_id) as uow:
                    # Read first: what stands below it is read now, or expired.
                    last = await store.position(uow, contact_id)
                    rows = await store.changes(uow, contact_id, watcher.position, _BLOCK)
                    shown = {one.item_id: one for one in await sealing.opened(uow, self._envelope, rows)}
                    left = await store.unread(uow, contact_id) if rows else 0
                for row in rows:
                    watcher.position = row.change
                    if item := shown.get(str(row.item_id)):
                        yield pb.WatchInboxResponse(
                            item=item, unread_count=left, resume_token=_token(row.change)
                        )
                if len(rows) < _BLOCK:
                    watcher.position = max(watcher.position, last)
                    await watcher.woken.wait()


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"inbox.{position}".encode()).decode().rstrip("=")


def _position(token: str, last: int) -> int:
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
        word, _, number = text.partition(".")
        if word != "inbox" or not number.isascii() or not number.isdigit():
            raise ValueError(token)
    except (ValueError, binascii.Error):
        raise invalid("resume_token", "is not a token of an inbox") from None
    # A token beyond the inbox is of another one, or of a database that was put back since.
    if int(number) > last:
        raise invalid("resume_token", "is not a token of this inbox")
    return int(number)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise bad_token() from None
