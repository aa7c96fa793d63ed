"""Staff has an inbox of its own: what is sent to somebody who works for the tenant lies there, and only they read it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import inbox_service_pb2 as pb
from services.common.security.jwt import issue_person
from services.delivery.subjects import of_staff
from tests.delivery.inbox.home import Home, Metadata
from tests.delivery.kit import recipient
from tests.refusals import reason_of

pytestmark = pytest.mark.req("DEL-14", "SEC-4", "LIF-84")


def signed_in(home: Home, staff_id: str, role: str = "receptionist", tenant_id: Any = None) -> Metadata:
    token = issue_person(home.house.settings, tenant_id or home.house.tenant_id, staff_id, (role,))
    return (("authorization", f"Bearer {token}"),)


async def tell(home: Home, *staff: str) -> list[str]:
    for one in staff:
        home.house.neighbours.people.add_staff(one)
    content = home.house.content(
        home.template,
        channel=enums_pb2.CHANNEL_IN_APP,
        category=enums_pb2.CATEGORY_STAFF_ALERT,
        is_staff=True,
    )
    people = [recipient(number, contact_id="", staff_id=one, address="") for number, one in enumerate(staff)]
    answer = await home.house.send_block(content, people)
    assert not answer.errors, answer.errors
    return list(answer.message_ids)


async def items(home: Home, who: Metadata, **fields: Any) -> list[pb.InboxItem]:
    answer = await home.inboxes.ListInboxItems(pb.ListInboxItemsRequest(**fields), metadata=who)
    return list(answer.items)


async def test_a_message_to_staff_lies_in_their_own_inbox_until_they_read_and_archive_it(home: Home) -> None:
    [mine, _] = await tell(home, "mia", "noah")
    await home.house.until_states({"delivered": 2})
    mia = signed_in(home, "mia")
    [item] = await items(home, mia)
    assert (item.item_id, item.staff_id, item.contact_id) == (mine, "mia", "")
    assert item.title == "Your table, Person 0"
    answer = await home.inboxes.MarkRead(pb.MarkReadRequest(item_ids=[mine]), metadata=mia)
    assert (answer.read_count, answer.unread_count) == (1, 0)
    await home.house.until_states({"delivered": 1, "read": 1})
    noah = signed_in(home, "noah", "super_owner")
    archive = pb.ArchiveInboxItemRequest(item_id=mine)
    assert await reason_of(home.inboxes.ArchiveInboxItem(archive, metadata=noah)) == "NOT_FOUND"
    await home.inboxes.ArchiveInboxItem(archive, metadata=mia)
    assert await items(home, mia) == []
    assert len(await items(home, noah)) == 1


@pytest.mark.req("SEC-6", "GEN-8")
async def test_nobody_else_reaches_the_inbox_of_staff(home: Home) -> None:
    await tell(home, "mia")
    await home.house.until_states({"delivered": 1})
    elsewhere = signed_in(home, "mia", tenant_id=uuid4())
    assert await items(home, elsewhere) == []
    mia = of_staff(home.house.tenant_id, "mia")
    named = pb.ListInboxItemsRequest(contact_id=str(mia.id))
    assert await reason_of(home.inboxes.ListInboxItems(named, metadata=home.as_app())) == "NOT_FOUND"
    theirs = pb.ListInboxItemsRequest(contact_id=str(home.ada))
    for role in ("receptionist", "super_owner"):
        call = home.inboxes.ListInboxItems(theirs, metadata=signed_in(home, "mia", role))
        assert await reason_of(call) == "PERMISSION_DENIED"


async def test_staff_watches_its_own_inbox(home: Home) -> None:
    mia = signed_in(home, "mia")
    stream = home.inboxes.WatchInbox(pb.WatchInboxRequest(), metadata=mia)
    await stream.initial_metadata()
    [message_id] = await tell(home, "mia")
    change = await stream.read()
    assert (change.item.item_id, change.item.staff_id, change.unread_count) == (message_id, "mia", 1)
    stream.cancel()
