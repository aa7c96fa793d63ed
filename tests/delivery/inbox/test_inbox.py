"""A message of channel in_app lies in the inbox of its contact, and nobody else's, until it is read or archived."""

from __future__ import annotations

import asyncio
import base64
from typing import Any
from uuid import uuid4

import pytest

from angarium.common.v1 import enums_pb2, events_pb2
from angarium.delivery.v1 import delivery_events_pb2, message_pb2
from angarium.delivery.v1 import inbox_service_pb2 as pb
from services.common.security.envelope import Envelope
from services.delivery.inbox import handlers, store
from services.delivery.inbox.handlers import Inboxes
from services.delivery.inbox.hub import Hub
from tests.delivery.inbox.home import Home
from tests.delivery.kit import recipient
from tests.refusals import refused

STATE = message_pb2.Message


@pytest.mark.req("DEL-14", "DEL-52", "DEL-96", "DEL-107", "DEL-128")
async def test_a_message_is_delivered_when_its_item_lies_in_the_inbox(home: Home) -> None:
    [message_id, _] = await home.send(home.ada, home.bert, correlation_key="table 7")
    [item] = await home.until_items(home.ada, 1)
    assert (item.title, item.body) == ("Your table, Person 0", "See you at eight, Person 0.")
    assert (item.item_id, item.contact_id, item.group_key) == (message_id, str(home.ada), "table 7")
    assert item.category == enums_pb2.CATEGORY_ORDER
    assert dict(item.data) == {"angarium_message_id": message_id}
    assert not item.HasField("read_time")
    await home.house.until_states({"delivered": 2})
    [[provider, attempts, cost]] = await home.house.rows(
        "SELECT provider, attempt_count, cost FROM message WHERE message_id = %s", message_id
    )
    assert (provider, attempts, cost) == ("inbox", 1, None)
    told = dict(await home.house.events())
    assert told["message.sent"] == told["message.delivered"] == 2


@pytest.mark.req("DEL-96", "DEL-52", "EVT-95")
async def test_marking_an_item_reads_its_message_once(home: Home) -> None:
    first, second = await home.send(home.ada, home.ada)
    await home.until_items(home.ada, 2)
    await home.house.until_states({"delivered": 2})
    mine = home.as_contact(home.ada)
    answer = await home.inboxes.MarkRead(pb.MarkReadRequest(item_ids=[first]), metadata=mine)
    assert (answer.read_count, answer.unread_count) == (1, 1)
    repeated = await home.inboxes.MarkRead(pb.MarkReadRequest(item_ids=[first, str(uuid4())]), metadata=mine)
    assert (repeated.read_count, repeated.unread_count) == (0, 1)
    await home.house.until_states({"delivered": 1, "read": 1})
    [unread] = await home.items(home.ada, unread_only=True)
    assert unread.item_id == second
    all_of_it = await home.inboxes.MarkAllRead(pb.MarkAllReadRequest(), metadata=mine)
    assert (all_of_it.read_count, await home.unread(home.ada)) == (1, 0)
    await home.house.until_states({"read": 2})
    assert sum(count for kind, count in await home.house.events() if kind == "message.read") == 2
    told = delivery_events_pb2.MessagesReached()
    rows = await home.house.rows("SELECT envelope FROM outbox WHERE type = 'message.read' ORDER BY id")
    for (envelope,) in rows:
        payload = delivery_events_pb2.MessagesReached()
        assert events_pb2.EventEnvelope.FromString(envelope).payload.Unpack(payload)
        told.MergeFrom(payload)
    assert len({one.message_id for one in told.messages}) == len(told.messages) == 2
    assert all(one.HasField("occur_time") for one in told.messages)


@pytest.mark.req("DEL-52")
async def test_an_archived_item_leaves_the_list_and_stays_unread_in_the_record(home: Home) -> None:
    [message_id] = await home.send(home.ada)
    await home.until_items(home.ada, 1)
    request = pb.ArchiveInboxItemRequest(item_id=message_id)
    mine = home.as_contact(home.ada)
    for _ in range(2):
        answer = await home.inboxes.ArchiveInboxItem(request, metadata=mine)
        assert answer.item.HasField("archive_time")
        assert not answer.item.HasField("read_time")
    assert await home.items(home.ada) == []
    assert await home.unread(home.ada) == 0
    error = await refused(home.inboxes.ArchiveInboxItem(request, metadata=home.as_contact(home.bert)))
    assert error.reason == "NOT_FOUND"


@pytest.mark.req("DEL-52", "SEC-4", "SEC-41")
async def test_a_contact_reaches_its_own_inbox_only(home: Home) -> None:
    await home.send(home.ada)
    await home.until_items(home.ada, 1)
    other = {"contact_id": str(home.ada)}
    calls = (
        home.inboxes.ListInboxItems(pb.ListInboxItemsRequest(**other), metadata=home.as_contact(home.bert)),
        home.inboxes.CountUnread(pb.CountUnreadRequest(**other), metadata=home.as_contact(home.bert)),
        home.inboxes.MarkAllRead(pb.MarkAllReadRequest(**other), metadata=home.as_contact(home.bert)),
    )
    for call in calls:
        assert (await refused(call)).reason == "NOT_FOUND"
    elsewhere = home.as_contact(home.ada, uuid4())
    foreign = await home.inboxes.ListInboxItems(pb.ListInboxItemsRequest(), metadata=elsewhere)
    assert list(foreign.items) == []
    app = await home.inboxes.ListInboxItems(pb.ListInboxItemsRequest(**other), metadata=home.as_app())
    assert len(app.items) == 1
    nobody = await refused(home.inboxes.CountUnread(pb.CountUnreadRequest(), metadata=home.as_app()))
    assert (nobody.reason, nobody.violations[0].field) == ("VALIDATION_FAILED", "contact_id")
    person = await refused(
        home.inboxes.CountUnread(pb.CountUnreadRequest(**other), metadata=home.house.as_person())
    )
    assert person.reason == "PERMISSION_DENIED"


@pytest.mark.req("DEL-96")
async def test_whoever_watches_sees_each_change_once_and_goes_on_where_they_stopped(home: Home) -> None:
    mine = home.as_contact(home.ada)
    stream = home.inboxes.WatchInbox(pb.WatchInboxRequest(), metadata=mine)
    await stream.initial_metadata()
    first, second = await home.send(home.ada, home.ada)
    changes = [await asyncio.wait_for(stream.read(), 10) for _ in range(2)]
    assert [one.item.item_id for one in changes] == sorted([first, second])
    stream.cancel()

    await home.inboxes.MarkRead(pb.MarkReadRequest(item_ids=[first]), metadata=mine)
    await home.inboxes.ArchiveInboxItem(pb.ArchiveInboxItemRequest(item_id=second), metadata=mine)
    again = home.inboxes.WatchInbox(
        pb.WatchInboxRequest(resume_token=changes[-1].resume_token), metadata=mine
    )
    read, archived = [await asyncio.wait_for(again.read(), 10) for _ in range(2)]
    assert (read.item.item_id, read.item.HasField("read_time"), read.unread_count) == (first, True, 0)
    assert (archived.item.item_id, archived.item.HasField("archive_time")) == (second, True)
    again.cancel()
    for token in ("nonsense", changes[-1].resume_token + "x", token_of("inbox.99")):
        wrong = home.inboxes.WatchInbox(pb.WatchInboxRequest(resume_token=token), metadata=mine)
        error = await refused(wrong.read())
        assert (error.reason, error.violations[0].field) == ("VALIDATION_FAILED", "resume_token")


async def test_pages_go_on_where_the_last_one_ended(home: Home) -> None:
    ids = await home.send(*[home.ada] * 5)
    await home.until_items(home.ada, 5)
    seen, token = [], ""
    while True:
        answer = await home.inboxes.ListInboxItems(
            pb.ListInboxItemsRequest(page_size=2, page_token=token), metadata=home.as_contact(home.ada)
        )
        seen += [item.item_id for item in answer.items]
        token = answer.next_page_token
        if not token:
            break
    assert seen == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    ("given", "shown"),
    [("https://salon.example/table/7", "https://salon.example/table/7"), ("javascript:alert(1)", "")],
)
async def test_an_item_leads_where_its_message_says_if_that_is_https(
    home: Home, given: str, shown: str
) -> None:
    await home.send(home.ada, action_url=given)
    [item] = await home.until_items(home.ada, 1)
    assert item.action_url == shown


async def test_a_message_without_a_contact_has_no_inbox(home: Home) -> None:
    answer = await home.house.send_block(
        home.house.content(home.template, channel=enums_pb2.CHANNEL_IN_APP),
        [recipient(1, contact=False, address="")],
    )
    assert [error.index for error in answer.errors] == [0]


@pytest.mark.req("GEN-36")
async def test_what_an_item_says_is_sealed_and_goes_with_its_person(home: Home) -> None:
    await home.send(home.ada, home.bert)
    await home.until_items(home.ada, 1)
    await home.until_items(home.bert, 1)
    stored = await home.house.rows("SELECT sealed FROM inbox_item")
    assert all(b"Person" not in bytes(sealed) for (sealed,) in stored)
    await home.house.rows("DELETE FROM person_key WHERE contact_id = %s", home.ada)
    assert await home.items(home.ada) == []
    assert len(await home.items(home.bert)) == 1


async def test_a_hand_over_that_is_repeated_stores_nothing_twice(home: Home) -> None:
    ids = await home.send(home.ada, home.bert)
    await home.house.until_states({"delivered": 2})
    # As if the worker had died between storing the items and recording what it did.
    await home.house.rows("UPDATE message SET state = 15, sent_at = NULL, delivered_at = NULL")
    await home.house.rows("DELETE FROM receipt")
    await home.house.rows(
        "INSERT INTO message_wait (tenant_id, message_id, state, due_at, account_id, started_at)"
        " SELECT tenant_id, message_id, 15, now(), account_id, now() - interval '1 hour' FROM message"
    )
    await home.house.until_states({"sent": 2})
    assert [item.item_id for item in await home.items(home.ada)] == ids[:1]
    assert await home.house.value("SELECT count(*) FROM inbox_item") == 2


def token_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def ready() -> None:
    """Nobody waits for it here."""


@pytest.mark.req("DEL-96")
async def test_an_inbox_whose_last_changes_expired_is_not_looked_at_for_ever(home: Home) -> None:
    await home.send(home.ada)
    await home.until_items(home.ada, 1)
    await home.house.rows("UPDATE inbox_item SET expires_at = now()")
    database, tenant_id = home.house.service.database, home.house.tenant_id
    hub = Hub(database)
    inboxes = Inboxes(database, Envelope(home.house.settings.encryption_keys), hub)
    changes = inboxes.watch(tenant_id, home.ada, handlers._token(0), ready)
    following = asyncio.ensure_future(anext(changes))

    async def stands_at_the_end() -> bool:
        return [one.position for each in hub._watchers.values() for one in each] == [1]

    try:
        await home.house.until(stands_at_the_end)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await changes.aclose()


@pytest.mark.req("DEL-96")
async def test_whoever_watches_is_looked_after_again_whatever_went_wrong(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, failed = store.positions, asyncio.Event()

    async def positions(*given: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("nobody foresaw this")
        return await look(*given)

    monkeypatch.setattr(store, "positions", positions)
    call = home.inboxes.WatchInbox(pb.WatchInboxRequest(), metadata=home.as_contact(home.ada), timeout=30)
    await call.initial_metadata()
    await asyncio.wait_for(failed.wait(), 30)
    [message_id] = await home.send(home.ada)
    assert (await call.read()).item.item_id == message_id
    call.cancel()
