"""A provider's webhook is stored, answered, and then moves messages forward."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import grpc.aio
import orjson
import psycopg
import pytest

from angarium.delivery.v1 import receipt_service_pb2 as pb
from services.common.ids import uuid7
from services.common.security.hashing import address_hash
from tests.delivery.kit import State
from tests.delivery.outside import API_KEY, Outside, event, sendgrid_account

SENT, DELIVERED, READ = State.STATE_SENT, State.STATE_DELIVERED, State.STATE_READ
BOUNCED, FAILED, UNKNOWN = State.STATE_BOUNCED, State.STATE_FAILED, State.STATE_UNKNOWN


@pytest.mark.req("DEL-31", "DEL-85", "DEL-86", "EVT-95")
async def test_a_delivered_event_makes_a_sent_message_delivered(outside: Outside) -> None:
    [message_id] = await outside.left()
    at = int(time.time()) - 5
    answer = await outside.post([event(message_id, "processed"), event(message_id, "delivered", at=at)])
    assert (answer.stored_count, answer.duplicate_count) == (2, 0)
    await outside.applied()
    state, delivered_at = await outside.message(message_id, "state", "delivered_at")
    assert (state, delivered_at.timestamp()) == (DELIVERED, at)
    [told] = await outside.told("message.delivered")
    assert [(one.message_id, one.occur_time.seconds) for one in told.messages] == [(str(message_id), at)]
    assert await outside.house.events() == [("message.delivered", 1)]


@pytest.mark.req("DEL-85", "DEL-86", "DEL-87")
@pytest.mark.parametrize(
    ("fields", "state", "reason", "told"),
    [
        ({"event": "bounce"}, BOUNCED, "bounce_hard", {"message.bounced": (1, "5.1.1")}),
        (
            {"event": "bounce", "type": "blocked", "status": "4.2.2"},
            BOUNCED,
            "bounce_soft",
            {"message.bounced": (2, "4.2.2")},
        ),
        (
            {"event": "dropped", "reason": "Bounced Address"},
            FAILED,
            "bounced_address",
            {"message.failed": None, "recipient.invalid": (0, "bounced_address")},
        ),
        (
            {"event": "dropped", "reason": "Unsubscribed Address"},
            FAILED,
            "unsubscribed_address",
            {"message.failed": None, "recipient.opted_out": (0, "unsubscribed_address")},
        ),
        ({"event": "dropped", "reason": "Spam Content"}, FAILED, "content_refused", {"message.failed": None}),
        ({"event": "spamreport"}, SENT, None, {"message.complained": (0, "")}),
        ({"event": "group_unsubscribe"}, SENT, None, {"recipient.opted_out": (0, "")}),
        ({"event": "deferred", "response": "451 later"}, SENT, None, {}),
        ({"event": "open"}, SENT, None, {}),
        ({"event": "click", "url": "https://shop.example/"}, SENT, None, {}),
        ({"event": "something_new"}, SENT, None, {}),
    ],
)
async def test_each_event_has_its_effect(
    outside: Outside, fields: dict[str, Any], state: int, reason: str | None, told: dict[str, Any]
) -> None:
    [message_id] = await outside.left()
    fields = dict(fields)
    await outside.post([event(message_id, fields.pop("event"), **fields)])
    await outside.applied()
    assert await outside.message(message_id, "state", "reason") == (state, reason)
    assert sorted(type for type, _ in await outside.house.events()) == sorted(told)
    settings, tenant_id = outside.house.settings, outside.house.tenant_id
    expected = address_hash(settings.hash_keys, tenant_id, "email", "person0@example.com")
    for type, report in told.items():
        if report is None:
            continue
        [payload] = await outside.told(type)
        [found] = payload.reports
        assert (found.bounce_type, found.code) == report
        assert (found.message_id, found.address_hash) == (str(message_id), expected)
        assert found.address_hint == "p***@example.com"
        assert found.contact_id
        assert found.campaign_id


@pytest.mark.req("DEL-10", "DEL-85", "GAT-28")
async def test_the_same_event_in_another_body_changes_nothing_and_is_told_once(outside: Outside) -> None:
    [message_id] = await outside.left()
    bounce = event(message_id, "bounce", id="b1")
    await outside.post([bounce])
    await outside.applied()
    again = await outside.post([bounce, event(message_id, "processed", id="p1")])
    assert again.stored_count == 2
    await outside.applied()
    assert await outside.house.value("SELECT count(*) FROM receipt") == 2
    assert await outside.house.events() == [("message.bounced", 1)]


async def test_the_same_body_is_stored_once(outside: Outside) -> None:
    [message_id] = await outside.left()
    body = orjson.dumps([event(message_id, "delivered")])
    first, second = await outside.post(body), await outside.post(body)
    assert (first.stored_count, first.duplicate_count) == (1, 0)
    assert (second.stored_count, second.duplicate_count) == (0, 1)
    assert await outside.house.value("SELECT count(*) FROM receipt_batch") == 1


@pytest.mark.req("GAT-28", "DEL-135")
async def test_bad_items_and_receipts_of_nobody_do_not_stop_the_others(outside: Outside) -> None:
    [message_id] = await outside.left()
    await outside.post(
        [
            None,
            7,
            event(None, "delivered"),
            event(uuid7(), "delivered"),
            event(message_id, "delivered", id="odd\u0000id", reason="null\u0000byte"),
            event(message_id, "bounce", at=9e15),
            {**event(message_id, "deferred"), "timestamp": "nonsense"},
        ]
    )
    await outside.applied()
    assert (await outside.message(message_id, "state"))[0] == BOUNCED
    rows = dict(await outside.house.rows("SELECT state, count(*) FROM receipt GROUP BY 1"))
    assert rows == {1: 3, 2: 2}
    assert await outside.house.value("SELECT min(occurred_at) > now() - interval '1 minute' FROM receipt")


@pytest.mark.req("GAT-51")
@pytest.mark.parametrize("body", [b"{", b'{"event": "delivered"}', b"\xff\xfe"])
async def test_a_body_that_is_no_webhook_is_refused_and_not_stored(outside: Outside, body: bytes) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await outside.post(body)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert await outside.house.value("SELECT count(*) FROM receipt_batch") == 0


@pytest.mark.req("DEL-85")
async def test_a_receipt_that_comes_before_its_message_waits_for_it(outside: Outside) -> None:
    [message_id] = await outside.left()
    row = await outside.house.rows("DELETE FROM message RETURNING message::text")
    await outside.post([event(message_id, "delivered")])
    await outside.applied()
    assert await outside.house.value("SELECT state FROM receipt") == 2
    await outside.house.rows("INSERT INTO message SELECT (%s::message).*", row[0][0])
    loop = next(one for one in outside.house.service.loops if one.name == "receipts")
    stop = asyncio.Event()
    task = asyncio.create_task(loop.run(stop))
    try:

        async def delivered() -> bool:
            return (await outside.message(message_id, "state"))[0] == DELIVERED

        await outside.house.until(delivered)
    finally:
        stop.set()
        await task
    assert await outside.house.value("SELECT state FROM receipt") == 1
    assert await outside.house.events() == [("message.delivered", 1)]


async def test_a_body_nobody_applied_is_applied_by_the_loop(outside: Outside) -> None:
    [message_id] = await outside.left()
    applier = next(one for one in outside.house.service.loops if one.name == "receipts").run.__self__  # type: ignore[attr-defined]
    applier.offer = lambda batch, rows: None
    await outside.post([event(message_id, "delivered")])
    assert await applier.apply_due() == 0
    await outside.house.rows("UPDATE receipt_batch SET next_at = now()")
    assert await applier.apply_due() == 1
    assert (await outside.message(message_id, "state"))[0] == DELIVERED
    assert await applier.apply_due() == 0


async def test_two_processes_apply_a_body_once(outside: Outside) -> None:
    ids = await outside.left(50)
    applier = next(one for one in outside.house.service.loops if one.name == "receipts").run.__self__  # type: ignore[attr-defined]
    applier.offer = lambda batch, rows: None
    for _ in range(3):
        await outside.post([event(id, "delivered") for id in ids])
    await outside.house.rows("UPDATE receipt_batch SET next_at = now()")
    await asyncio.gather(*(applier.apply_due() for _ in range(4)))
    assert await outside.house.value("SELECT count(*) FROM receipt_batch WHERE state = 2") == 3
    assert await outside.house.value("SELECT count(*) FROM receipt") == 150
    assert sum(count for _, count in await outside.house.events("message.delivered")) == 50


async def test_many_bodies_about_the_same_messages_at_once_neither_fight_nor_tell_twice(
    outside: Outside,
) -> None:
    ids = await outside.left(60)
    bodies = []
    for number in range(12):
        kinds = ("delivered", "processed", "spamreport", "bounce")
        shuffled = ids if number % 2 else ids[::-1]
        bodies.append(
            [event(id, kinds[number % 4], id=f"{id}{kinds[number % 4]}{number // 8}") for id in shuffled]
        )
    await asyncio.gather(*(outside.post(body) for body in bodies))
    await outside.applied()
    assert await outside.house.states() == {"bounced": 60}
    counts: dict[str, int] = {}
    for type, count in await outside.house.events():
        counts[type] = counts.get(type, 0) + count
    assert counts == {"message.delivered": 60, "message.complained": 60, "message.bounced": 60}


@pytest.mark.req("DEL-78")
async def test_a_receipt_settles_a_message_of_unknown_outcome(outside: Outside) -> None:
    ids = await outside.left(3, state=UNKNOWN)
    await outside.house.rows(
        "INSERT INTO message_wait (tenant_id, message_id, state, due_at) SELECT tenant_id, message_id, 15, now() FROM message"
    )
    await outside.post(
        [event(ids[0], "processed"), event(ids[1], "delivered"), event(ids[2], "dropped", reason="Invalid")]
    )
    await outside.applied()
    assert await outside.house.states() == {"sent": 1, "delivered": 1, "failed": 1}
    assert await outside.house.value("SELECT count(*) FROM message_wait") == 0
    sent = {one.message_id for payload in await outside.told("message.sent") for one in payload.messages}
    assert sent == {str(id) for id in ids}, "what a provider dropped it had taken"
    costs = [cost for payload in await outside.told("message.cost_recorded") for cost in payload.costs]
    assert {(cost.message_id, cost.cost.nanos) for cost in costs} == {(str(id), 100_000) for id in ids}
    assert await outside.message(ids[0], "cost", "currency", "provider") == (
        Decimal("0.000100"),
        "USD",
        "sendgrid",
    )


async def test_a_failure_that_was_a_guess_gives_way_to_a_receipt(outside: Outside) -> None:
    [message_id] = await outside.left(state=UNKNOWN)
    await outside.house.rows("UPDATE message SET state = 11, reason = 'outcome_unknown', failed_at = now()")
    await outside.post([event(message_id, "delivered")])
    await outside.applied()
    assert await outside.message(message_id, "state", "reason", "failed_at") == (DELIVERED, None, None)


async def test_a_delivery_that_overtakes_the_record_of_its_hand_over_is_not_lost(outside: Outside) -> None:
    [message_id] = await outside.left(state=1)
    await outside.post([event(message_id, "processed")])
    await outside.applied()
    assert (await outside.message(message_id, "state"))[0] == 1
    await outside.post([event(message_id, "delivered")])
    await outside.applied()
    state, sent_at, account_id = await outside.message(message_id, "state", "sent_at", "account_id")
    assert (state, account_id) == (DELIVERED, outside.account_id)
    assert sent_at is not None


async def test_a_drop_that_overtakes_the_record_of_its_hand_over_tells_that_it_was_taken(
    outside: Outside,
) -> None:
    [message_id] = await outside.left(state=1)
    await outside.post([event(message_id, "dropped", reason="Invalid")])
    await outside.applied()
    state, sent_at, provider = await outside.message(message_id, "state", "sent_at", "provider")
    assert (state, provider) == (FAILED, "sendgrid")
    assert sent_at is not None
    assert [type for type, _ in await outside.house.events()][:2] == ["message.sent", "message.failed"]


async def test_a_guess_that_a_drop_confirms_was_taken_all_the_same(outside: Outside) -> None:
    [message_id] = await outside.left(state=UNKNOWN)
    await outside.house.rows("UPDATE message SET state = 11, reason = 'outcome_unknown', failed_at = now()")
    await outside.post([event(message_id, "dropped", reason="Invalid")])
    await outside.applied()
    state, reason, sent_at, cost = await outside.message(message_id, "state", "reason", "sent_at", "cost")
    assert (state, reason) == (FAILED, "invalid_address")
    assert sent_at is not None
    assert cost == Decimal("0.000100")


async def test_cancelled_messages_stay_cancelled(outside: Outside) -> None:
    [message_id] = await outside.left(state=State.STATE_CANCELLED)
    await outside.post([event(message_id, "delivered"), event(message_id, "spamreport")])
    await outside.applied()
    assert (await outside.message(message_id, "state"))[0] == State.STATE_CANCELLED
    assert await outside.house.events() == []


@pytest.mark.req("DEL-32", "GEN-38")
async def test_a_webhook_token_finds_its_account_and_nothing_else_does(outside: Outside) -> None:
    token = outside.webhook_path.rpartition("/")[2]
    assert len(token) == 43

    async def resolve(provider: str, token: str) -> pb.ResolveWebhookAccountResponse:
        request = pb.ResolveWebhookAccountRequest(provider=provider, account_token=token)
        return await outside.receipts.ResolveWebhookAccount(
            request, metadata=outside.as_gateway(tenant=False)
        )

    found = await resolve("sendgrid", token)
    assert found.provider_account_id == str(outside.account_id)
    assert found.tenant_id == str(outside.house.tenant_id)
    assert len(found.verification.public_key) == 124
    assert found.verification.tolerance_seconds == 300
    for provider, other in (
        ("smtp", token),
        ("sendgrid", token[:-1] + "_"),
        ("sendgrid", "x"),
        ("sendgrid", token.lower()),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await resolve(provider, other)
        assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    stored = await outside.house.rows(
        "SELECT webhook_token, webhook_token_hash, credentials FROM provider_account"
    )
    assert token.encode() not in b"".join(stored[0])
    assert API_KEY["api_key"].encode() not in b"".join(stored[0])


@pytest.mark.req("GEN-8")
async def test_nobody_tells_of_another_tenants_messages(outside: Outside) -> None:
    [message_id] = await outside.left()
    other = uuid4()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await outside.post([event(message_id, "bounce")], tenant_id=other)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    house = outside.house
    created = await outside.providers.CreateProviderAccount(
        pb_create(), metadata=house.as_person(tenant_id=other)
    )
    account_id = UUID(created.provider_account.provider_account_id)
    await outside.post([event(message_id, "bounce")], tenant_id=other, account_id=account_id)
    await outside.applied()
    assert (await outside.message(message_id, "state"))[0] == SENT
    assert await house.events() == []
    rows = await house.rows("SELECT tenant_id, state FROM receipt")
    assert rows == [(other, 2)]


@pytest.mark.req("GEN-8")
async def test_an_account_of_the_platform_tells_of_messages_of_many_tenants(outside: Outside) -> None:
    house = outside.house
    created = await outside.providers.CreateProviderAccount(pb_create(), metadata=platform(outside))
    account_id = UUID(created.provider_account.provider_account_id)
    [first] = await outside.left()
    mine, house.tenant_id = house.tenant_id, uuid4()
    [second] = await outside.left()
    theirs, house.tenant_id = house.tenant_id, mine
    events = [
        event(first, "delivered", angarium_tenant_id=str(mine)),
        event(second, "delivered", angarium_tenant_id=str(theirs)),
        event(second, "bounce", angarium_tenant_id=str(mine)),
        event(second, "bounce"),
    ]
    await outside.post(events, account_id=account_id, tenant=False)
    await outside.applied()
    assert (await outside.message(first, "state"))[0] == DELIVERED
    assert (await outside.message(second, "state"))[0] == DELIVERED


async def test_raw_bodies_cannot_be_read_in_the_database(outside: Outside) -> None:
    [message_id] = await outside.left()
    await outside.post([event(message_id, "delivered")])
    await outside.applied()
    async with await psycopg.AsyncConnection.connect(outside.house.owner_url) as connection:
        cursor = await connection.execute("SELECT body, error, receipt_count FROM delivery.receipt_batch")
        body, error, count = (await cursor.fetchall())[0]
    assert b"person0" not in body
    assert (error, count) == ("", 1)


async def test_receipts_stand_in_the_history_of_their_message(outside: Outside) -> None:
    from angarium.delivery.v1 import message_service_pb2

    [message_id] = await outside.left()
    await outside.post(
        [event(message_id, "deferred", response="451 later ada@example.com"), event(message_id, "delivered")]
    )
    await outside.applied()
    found = await outside.house.messages.GetMessage(
        message_service_pb2.GetMessageRequest(message_id=str(message_id)), metadata=outside.house.as_person()
    )
    types = [entry.type for entry in found.log]
    assert "receipt.deferred" in types
    assert "receipt.delivered" in types
    assert "ada@" not in str(found)


def pb_create() -> Any:
    from angarium.delivery.v1 import provider_service_pb2

    return provider_service_pb2.CreateProviderAccountRequest(
        provider_account=sendgrid_account(), credentials=API_KEY
    )


def platform(outside: Outside) -> Any:
    from services.common.security.jwt import issue_person

    token = issue_person(outside.house.settings, None, "admin-1", ("platform_admin",))
    return (("authorization", f"Bearer {token}"),)
