"""What tests of inboxes start from: a house whose worker fills them, and ways to look into them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import inbox_service_pb2 as pb
from angarium.delivery.v1 import inbox_service_pb2_grpc
from services.common.security.jwt import issue_contact, issue_neighbour
from services.delivery.bootstrap import build
from tests.delivery.kit import House, recipient

Metadata = tuple[tuple[str, str], ...]


class Home:
    """A house whose worker fills inboxes, and ways to look into them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.inboxes = inbox_service_pb2_grpc.InboxServiceStub(house.channel)
        people = house.neighbours.people
        self.ada, self.bert = UUID(people.add()), UUID(people.add())
        self.template = house.template(
            channel=enums_pb2.CHANNEL_IN_APP,
            subject="Your table, {{ name }}",
            text="See you at eight, {{ name }}.",
            html="",
        )

    def as_contact(self, contact_id: UUID, tenant_id: UUID | None = None) -> Metadata:
        token = issue_contact(self.house.settings, tenant_id or self.house.tenant_id, contact_id)
        return (("authorization", f"Bearer {token}"),)

    def as_app(self) -> Metadata:
        """The tenant's own back end."""
        return (
            ("authorization", f"Bearer {issue_neighbour(self.house.settings, self.house.tenant_id, 'app')}"),
        )

    async def send(self, *people: UUID, action_url: str = "", **content: Any) -> list[str]:
        fields = {"channel": enums_pb2.CHANNEL_IN_APP, **content}
        people_given = [
            recipient(number, contact_id=str(person), address="") for number, person in enumerate(people)
        ]
        for one in people_given if action_url else ():
            one.variables["action_url"] = action_url
        answer = await self.house.send_block(
            self.house.content(self.template, **fields),
            people_given,
        )
        assert not answer.errors, answer.errors
        return list(answer.message_ids)

    async def items(self, contact_id: UUID, **fields: Any) -> list[pb.InboxItem]:
        answer = await self.inboxes.ListInboxItems(
            pb.ListInboxItemsRequest(**fields), metadata=self.as_contact(contact_id)
        )
        return list(answer.items)

    async def until_items(self, contact_id: UUID, count: int) -> list[pb.InboxItem]:
        async def arrived() -> list[pb.InboxItem] | None:
            found = await self.items(contact_id)
            return found if len(found) == count else None

        return await self.house.until(arrived)

    async def unread(self, contact_id: UUID) -> int:
        answer = await self.inboxes.CountUnread(pb.CountUnreadRequest(), metadata=self.as_contact(contact_id))
        return int(answer.unread_count)


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    """A worker that sends and applies what is told of messages."""
    async with build(house.settings) as service:
        stop = asyncio.Event()
        wanted = ("dispatch", "receipts", "reconcile")
        tasks = [asyncio.create_task(one.run(stop)) for one in service.loops if one.name in wanted]
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(asyncio.gather(*tasks), 20)
