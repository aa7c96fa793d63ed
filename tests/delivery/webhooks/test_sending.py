"""What is told to whom, how often it is tried, and when a subscription is given up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import grpc
import orjson
import pytest
from aiohttp import web

from angarium.campaign.v1 import campaign_events_pb2 as campaign
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_events_pb2 as consent
from angarium.delivery.v1 import delivery_events_pb2 as delivery
from angarium.delivery.v1 import receipt_service_pb2 as receipts
from angarium.delivery.v1 import webhook_service_pb2 as pb
from angarium.delivery.v1.webhook_pb2 import WebhookDelivery
from services.common.ids import uuid7
from services.common.rpc.status import from_rpc_error
from services.common.security.envelope import Envelope
from services.delivery.webhooks.assembly import assemble
from tests.delivery.webhooks.kit import DELIVERED, Stand, reached, wait

State = WebhookDelivery.State


@pytest.mark.req("DEL-92", "EVT-120")
async def test_an_event_goes_out_in_the_public_envelope_to_whoever_named_it(stand: Stand) -> None:
    await stand.create("message.delivered", subscription={"name": "one"})
    await stand.create("message.*", headers={"X-Team": "till"}, subscription={"name": "two"})
    await stand.create("*", subscription={"name": "three"})
    await stand.create("campaign.*", "consent.updated", subscription={"name": "four"})
    (told,) = await stand.happens()
    assert await stand.send() == 3
    assert {body["id"] for body in stand.partner.bodies} == {told.event_id}
    body = stand.partner.bodies[0]
    message_id = body["data"]["items"][0]["message_id"]
    assert body == {
        "id": told.event_id,
        "type": "message.delivered",
        "occurred_at": "2026-01-15T12:00:00Z",
        "tenant": str(stand.tenant_id),
        "data": {"items": [{"message_id": message_id, "campaign_id": None, "occur_time": None}]},
    }
    headers, raw = stand.partner.calls[0]
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Webhook-Id"] == headers["webhook-id"] == told.event_id
    assert headers["X-Webhook-Timestamp"] == str(int(stand.clock.now().timestamp()))
    assert raw == orjson.dumps(body)
    assert {headers.get("X-Team") for headers, _ in stand.partner.calls} == {None, "till"}


@pytest.mark.req("DEL-92")
async def test_a_block_is_told_in_parts_of_fifty_each_with_an_id_of_its_own(stand: Stand) -> None:
    await stand.create("message.*")
    told = stand.event(DELIVERED, reached(120))
    await stand.happen(told)
    await stand.happen(told)
    assert await stand.send() == 3
    bodies = sorted(stand.partner.bodies, key=lambda body: -len(body["data"]["items"]))
    assert [len(body["data"]["items"]) for body in bodies] == [50, 50, 20]
    ids = {UUID(body["id"]) for body in bodies}
    assert len(ids) == 3
    assert UUID(told.event_id) in ids
    assert {one.version for one in ids} == {7}
    items = [item["message_id"] for body in bodies for item in body["data"]["items"]]
    assert len(set(items)) == 120
    assert max(len(raw) for _, raw in stand.partner.calls) < 20_000


@pytest.mark.req("EVT-120", "EVT-98")
async def test_opens_and_clicks_are_told_apart_without_where_they_came_from(stand: Stand) -> None:
    await stand.create("message.clicked", "message.opened")
    hits = [
        delivery.MessageEngaged(
            engagement_id=str(uuid7()),
            message_id=str(uuid7()),
            kind=kind,
            engagement_class=receipts.ENGAGEMENT_CLASS_HUMAN,
            url="https://shop.example/offer" if kind == receipts.ENGAGEMENT_KIND_CLICK else "",
            truncated_ip="192.0.2.0",
        )
        for kind in (receipts.ENGAGEMENT_KIND_OPEN, receipts.ENGAGEMENT_KIND_CLICK)
    ]
    told = stand.event("message.engaged", delivery.MessagesEngaged(hits=hits))
    await stand.happen(told)
    await stand.send()
    bodies = {body["type"]: body for body in stand.partner.bodies}
    assert bodies.keys() == {"message.opened", "message.clicked"}
    (opened,), (clicked,) = (bodies[type]["data"]["items"] for type in ("message.opened", "message.clicked"))
    assert (opened["kind"], opened["engagement_class"], opened["url"]) == ("open", "human", None)
    assert clicked["url"] == "https://shop.example/offer"
    assert b"192.0.2.0" not in b"".join(raw for _, raw in stand.partner.calls)
    assert len({body["id"] for body in bodies.values()}) == 2


@pytest.mark.req("EVT-120")
async def test_events_of_every_service_are_told_in_words_and_without_hashes(stand: Stand) -> None:
    await stand.create("*")
    bounced = delivery.RecipientsReported(
        reports=[
            delivery.RecipientReported(
                message_id=str(uuid7()), channel=enums_pb2.CHANNEL_EMAIL, address_hash=b"h" * 32,
                address_hint="a***@example.com", bounce_type=delivery.BOUNCE_TYPE_HARD,
            )
        ]
    )  # fmt: skip
    costs = delivery.CostsRecorded(provider="ses", costs=[delivery.CostRecorded(message_id=str(uuid7()))])
    costs.costs[0].cost.currency_code = "USD"
    costs.costs[0].cost.nanos = 75_000
    await stand.happen(
        stand.event("campaign.created", campaign.CampaignChanged(campaign_id=str(uuid7()), name="Spring")),
        stand.event("consent.opted_out", consent.ContactOptedOut(contact_id=str(uuid7()))),
        stand.event("message.bounced", bounced),
        stand.event("message.cost_recorded", costs),
    )
    await stand.send()
    told = {body["type"]: body["data"] for body in stand.partner.bodies}
    assert told["campaign.created"]["name"] == "Spring"
    assert told["consent.opted_out"]["channel"] is None
    (report,) = told["message.bounced"]["items"]
    assert (report["channel"], report["bounce_type"]) == ("email", "hard")
    assert "address_hash" not in report
    assert "address_hint" not in report
    assert told["message.cost_recorded"]["items"][0]["cost"] == {"currency": "USD", "amount": "0.000075"}


@pytest.mark.req("DEL-93", "DEL-144")
async def test_a_failed_call_is_tried_eight_times_at_growing_distances(stand: Stand) -> None:
    await stand.create()
    await stand.happens()
    stand.partner.answers(500, "down")
    gaps = [
        timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30),
        timedelta(hours=2), timedelta(hours=6), timedelta(hours=12),
    ]  # fmt: skip
    for number, gap in enumerate(gaps, start=1):
        assert await stand.send() == 1
        (delivery,) = await stand.deliveries()
        assert (delivery.state, delivery.attempt_count) == (State.STATE_RETRYING, number)
        assert delivery.next_attempt_time.ToDatetime(UTC) == stand.clock.now() + gap
        stand.clock.advance(gap - timedelta(seconds=1))
        assert await stand.send() == 0, "it is not due yet"
        stand.clock.advance(timedelta(seconds=1))
    assert await stand.send() == 1
    (delivery,) = await stand.deliveries()
    assert (delivery.state, delivery.attempt_count) == (State.STATE_FAILED, 8)
    assert (delivery.response_status, delivery.response_excerpt, delivery.last_error) == (
        500,
        "down",
        "status",
    )
    wait(stand, days=30)
    assert await stand.send() == 0
    assert len({headers["webhook-id"] for headers, _ in stand.partner.calls}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in stand.partner.calls}) == 8


@pytest.mark.req("DEL-93")
async def test_a_retry_that_is_answered_well_ends_the_series(stand: Stand) -> None:
    made = await stand.create()
    await stand.happens()
    stand.partner.answers(503, Retry_After="120")
    await stand.send()
    (delivery,) = await stand.deliveries()
    assert delivery.next_attempt_time.ToDatetime(UTC) == stand.clock.now() + timedelta(minutes=2)
    wait(stand, minutes=2)
    stand.partner.answers(204)
    await stand.send()
    (delivery,) = await stand.deliveries(state=State.STATE_DELIVERED)
    assert (delivery.attempt_count, delivery.last_error, delivery.HasField("next_attempt_time")) == (
        2,
        "",
        False,
    )
    found = await stand.get(made.webhook_subscription.webhook_subscription_id)
    assert (found.consecutive_failure_count, found.HasField("fail_start_time")) == (0, False)
    assert found.last_success_time.ToDatetime(UTC) == stand.clock.now()


async def test_a_wait_that_is_none_is_no_wait_and_stops_no_other_call(stand: Stand) -> None:
    await stand.create()
    await stand.happens(2)
    stand.partner.answers(503, Retry_After="Mon, 01 Jan 99999999999999999999 00:00:00 GMT")
    assert await stand.send() == 2
    rows = await stand.deliveries()
    assert [(one.state, one.next_attempt_time.ToDatetime(UTC)) for one in rows] == [
        (State.STATE_RETRYING, stand.clock.now() + timedelta(seconds=10))
    ] * 2


@pytest.mark.req("DEL-92", "DEL-94")
async def test_redirects_are_failures_and_nobody_follows_them(stand: Stand) -> None:
    await stand.create()
    await stand.happens()
    stand.partner.answers(307, Location=stand.partner.url + "/elsewhere")
    await stand.send()
    (delivery,) = await stand.deliveries()
    assert (delivery.state, delivery.response_status) == (State.STATE_RETRYING, 307)
    assert len(stand.partner.calls) == 1


@pytest.mark.req("DEL-93", "EVT-101")
async def test_410_disables_at_once_and_the_tenant_is_told(stand: Stand) -> None:
    made = await stand.create()
    id = made.webhook_subscription.webhook_subscription_id
    await stand.happens(3)
    stand.partner.answers(410)
    await stand.send()
    found = await stand.get(id)
    assert (found.is_disabled, found.disabled_reason) == (True, "gone")
    assert found.disable_time.ToDatetime(UTC) == stand.clock.now()
    (told,) = await stand.outbox("webhook.disabled")
    payload = delivery.WebhookDisabled.FromString(told.payload.value)
    assert (payload.webhook_subscription_id, payload.reason) == (id, "gone")
    wait(stand, days=1)
    await stand.happens()
    assert await stand.send() == 0, "nothing is sent to it any more"


@pytest.mark.req("SEC-45", "GEN-35")
async def test_no_log_line_holds_an_address_a_secret_or_what_was_said(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    url = stand.partner.url + "/path-of-the-partner?key=in-the-url"
    made = await stand.create(subscription={"url": url}, headers={"Authorization": "Bearer of-the-partner"})
    stand.partner.answers(410, "Anna Example moved to anna@example.com")
    await stand.happens()
    await stand.send()
    stand.partner.answer = lambda request: asyncio.sleep(0, web.Response(status=500))
    id = made.webhook_subscription.webhook_subscription_id
    await stand.webhooks.TestWebhook(
        pb.TestWebhookRequest(webhook_subscription_id=id), metadata=stand.as_person()
    )
    told = capsys.readouterr()
    logged = told.out + told.err
    assert "webhook subscription is disabled" in logged
    assert id in logged
    for secret in ("path-of-the-partner", "in-the-url", made.secret, "of-the-partner", "Anna", "anna@"):
        assert secret not in logged


@pytest.mark.req("DEL-93")
async def test_fifty_failures_in_a_row_disable_but_not_within_a_minute(stand: Stand) -> None:
    made = await stand.create()
    id = made.webhook_subscription.webhook_subscription_id
    await stand.happens(60)
    stand.partner.answers(500)
    started = stand.clock.now()
    while not (found := await stand.get(id)).is_disabled:
        await stand.send()
        wait(stand, seconds=30)
        assert len(stand.partner.calls) <= 50
    assert (found.disabled_reason, len(stand.partner.calls)) == ("failures", 50)
    assert stand.clock.now() - started > timedelta(hours=2)
    assert len(await stand.outbox("webhook.disabled")) == 1

    stand.partner.answers(200)
    found.is_disabled = False
    renewed = await stand.update(found, "is_disabled")
    assert (renewed.consecutive_failure_count, renewed.disabled_reason) == (0, "")
    wait(stand, days=2)
    await stand.send()
    assert len(await stand.deliveries(state=State.STATE_DELIVERED, page_size=200)) == 60


@pytest.mark.req("DEL-93")
async def test_three_days_of_nothing_but_failures_disable(stand: Stand) -> None:
    made = await stand.create()
    id = made.webhook_subscription.webhook_subscription_id
    stand.partner.answers(500)
    for _ in range(4):
        assert not (await stand.get(id)).is_disabled
        await stand.happens()
        await stand.send()
        wait(stand, hours=24)
    assert (await stand.get(id)).disabled_reason == "failing"


@pytest.mark.req("JOB-29")
async def test_a_slow_partner_is_called_five_times_at_once_and_holds_nobody_back(stand: Stand) -> None:
    await stand.create("message.delivered")
    await stand.happens(12)
    under_way = most = 0
    five, free = asyncio.Event(), asyncio.Event()

    async def slowly(_: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 5:
            five.set()
        await free.wait()
        under_way -= 1
        return web.Response()

    stand.partner.answer = slowly
    sending = asyncio.create_task(stand.send())
    await five.wait()
    free.set()
    assert await sending == 12
    assert most == 5


@pytest.mark.req("JOB-29")
async def test_what_a_lost_sender_took_is_sent_by_the_next_under_its_id(stand: Stand) -> None:
    await stand.create()
    (told,) = await stand.happens()
    called, stuck = asyncio.Event(), asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        called.set()
        await stuck.wait()
        return web.Response()

    stand.partner.answer = never
    lost = asyncio.create_task(stand.send())
    await called.wait()
    lost.cancel()
    await asyncio.gather(lost, return_exceptions=True)
    stuck.set()
    stand.partner.answers(200)
    assert await stand.send() == 0
    wait(stand, seconds=61)
    assert await stand.send() == 1
    assert [headers["webhook-id"] for headers, _ in stand.partner.calls] == [told.event_id] * 2


@pytest.mark.req("JOB-29")
async def test_two_senders_at_once_call_once(stand: Stand) -> None:
    await stand.create()
    await stand.happens(60)
    others = [
        assemble(
            stand.database,
            Envelope(stand.settings.encryption_keys),
            stand.parts.outbound.guard,
            stand.clock,
            stand.settings.hash_keys,
        )
        for _ in range(3)
    ]
    made = await asyncio.gather(*(one.sender.deliver_due() for one in others))
    await asyncio.gather(*(one.outbound.close() for one in others))
    assert sum(made) == 60
    assert len({body["id"] for body in stand.partner.bodies}) == len(stand.partner.calls) == 60


@pytest.mark.req("DEL-50")
async def test_one_delivery_is_sent_again_under_its_id(stand: Stand) -> None:
    await stand.create()
    (told,) = await stand.happens()
    await stand.send()
    (delivery,) = await stand.deliveries(event_id=told.event_id, event_type="message.delivered")
    request = pb.RedeliverWebhookRequest(webhook_delivery_id=delivery.webhook_delivery_id)
    again = await stand.webhooks.RedeliverWebhook(request, metadata=stand.as_person())
    assert (again.webhook_delivery.state, again.webhook_delivery.attempt_count) == (State.STATE_PENDING, 0)
    await stand.send()
    assert [body["id"] for body in stand.partner.bodies] == [told.event_id] * 2
    request = pb.RedeliverWebhookRequest(webhook_delivery_id=str(uuid4()))
    with pytest.raises(grpc.aio.AioRpcError) as unknown:
        await stand.webhooks.RedeliverWebhook(request, metadata=stand.as_person())
    assert from_rpc_error(unknown.value, "delivery").reason == "NOT_FOUND"


@pytest.mark.req("DEL-50")
async def test_the_events_of_a_time_are_sent_again_those_that_were_missed_or_all(stand: Stand) -> None:
    made = (await stand.create()).webhook_subscription
    await stand.happens(2)
    await stand.send()
    made.is_disabled = True
    made = await stand.update(made, "is_disabled")
    wait(stand, minutes=10)
    missed = await stand.happens(3)
    wait(stand, minutes=10)
    made.is_disabled = False
    await stand.update(made, "is_disabled")
    assert await stand.send() == 0

    async def replay(start: datetime, **more: object) -> int:
        request = pb.ReplayWebhooksRequest(webhook_subscription_id=made.webhook_subscription_id, **more)
        request.start_time.FromDatetime(start)
        answer = await stand.webhooks.ReplayWebhooks(request, metadata=stand.as_person())
        assert not answer.HasField("next_start_time")
        return int(answer.replayed_count)

    day = stand.clock.now() - timedelta(days=1)
    assert await replay(stand.clock.now() - timedelta(minutes=5)) == 0
    assert await replay(day) == 3
    assert await replay(day) == 0, "they are under way already"
    await stand.send()
    assert {body["id"] for body in stand.partner.bodies[2:]} == {one.event_id for one in missed}
    assert await replay(day) == 0
    assert await replay(day, scope=pb.ReplayWebhooksRequest.SCOPE_ALL) == 5
    assert await stand.send() == 5


async def test_events_nobody_named_are_not_kept(stand: Stand) -> None:
    await stand.happens()
    await stand.create("campaign.*")
    await stand.happens()
    async with stand.database.system() as uow:
        assert await uow.fetch_value("SELECT count(*) FROM webhook_event") == 0


async def test_types_of_events_are_listed_in_pages_with_their_fields(stand: Stand) -> None:
    found, token = [], ""
    while True:
        request = pb.ListWebhookEventTypesRequest(page_size=7, page_token=token)
        page = await stand.webhooks.ListWebhookEventTypes(request, metadata=stand.as_person())
        found += page.event_types
        if not (token := page.next_page_token):
            break
    by_type = {one.type: one for one in found}
    assert list(by_type) == sorted(by_type)
    assert len(by_type) == len(found) > 7
    assert by_type["message.delivered"].has_items
    assert list(by_type["message.delivered"].item_fields) == ["message_id", "campaign_id", "occur_time"]
    assert "truncated_ip" not in by_type["message.opened"].item_fields


async def test_deliveries_are_listed_in_pages_newest_first(stand: Stand) -> None:
    made = (await stand.create()).webhook_subscription
    await stand.happens(5)
    seen, token = [], ""
    while True:
        request = pb.ListWebhookDeliveriesRequest(
            webhook_subscription_id=made.webhook_subscription_id, page_size=2, page_token=token
        )
        page = await stand.webhooks.ListWebhookDeliveries(request, metadata=stand.as_person())
        seen += [one.webhook_delivery_id for one in page.webhook_deliveries]
        if not (token := page.next_page_token):
            break
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
